/// TRANSACTION_PAYLOAD: the events of a whole transaction but for its GTID event, compressed (binlog_transaction_compression=ON).
///
///     let payload = try TransactionPayloadEvent(decoding: event, checksum: .crc32)
///     var reader = try TransactionPayloadReader(payload)
///     var bytes = ByteReader(payload.payload)
///     while case .event(let header) = try reader.next(&bytes) { … reader.event … }
///
/// Source: `Transaction_payload_event` in MySQL's `control_events.h` and `codecs/binary.cpp`.
public struct TransactionPayloadEvent: ~Escapable {
    /// How the events are compressed. A number that is not named here can be shown and not read.
    public struct Compression: RawRepresentable, Hashable, Sendable {
        public var rawValue: UInt64
        public init(rawValue: UInt64) { self.rawValue = rawValue }

        public static let zstd = Compression(rawValue: 0)
        public static let none = Compression(rawValue: 255)
    }

    /// The fields in front of the payload, each behind its type and length.
    private enum Field {
        static let end: UInt64 = 0
        static let payloadSize: UInt64 = 1
        static let compression: UInt64 = 2
        static let uncompressedSize: UInt64 = 3
    }

    public let compression: Compression
    /// Bytes of the compressed events; checked against the event's length.
    public let payloadSize: UInt64
    /// Bytes of the events once decompressed, by the event's own account; nil where it gives none.
    public let uncompressedSize: UInt64?
    /// The compressed events, or as much of them as is in the given bytes.
    public let payload: RawSpan
    /// Bytes from the event's beginning to where the payload begins.
    public let payloadOffset: Int

    /// Reads an event, of which only a head needs to be there.
    ///
    /// - Throws: `invalid` where the size in the event is not that of the bytes that follow.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        let head = try EventHead(decoding: event, is: .transactionPayload, checksum: checksum)
        var reader = ByteReader(head.body)
        var size: UInt64?
        var compression: Compression?
        var uncompressed: UInt64?
        fields: while true {
            let field = try reader.lengthEncodedInteger()
            if field == Field.end { break }
            var value = ByteReader(try reader.lengthEncodedBytes())
            switch field {
            case Field.payloadSize: size = try value.lengthEncodedInteger()
            case Field.compression: compression = Compression(rawValue: try value.lengthEncodedInteger())
            case Field.uncompressedSize: uncompressed = try value.lengthEncodedInteger()
            default: break
            }
        }
        let actualSize = UInt64(head.bodyByteCount - reader.offset)
        guard let size, let compression else {
            throw CodecError(.invalid, at: EventHeader.byteCount, "a payload does not say its size or its compression")
        }
        guard size == actualSize else {
            throw CodecError(.invalid, at: EventHeader.byteCount, "a payload claims to have \(size) bytes, and has \(actualSize)")
        }
        self.compression = compression
        payloadSize = size
        uncompressedSize = uncompressed
        payloadOffset = EventHeader.byteCount + reader.offset
        payload = reader.rest()
    }
}
