/// HEARTBEAT: an idle source tells how far the consumer has got. In no file; never stored.
///
/// Version 1 (type 27) carries the position in its header, modulo 2^32; version 2 (type 41, asked for by a dump flag since
/// MySQL 8.0.26) carries 64 bits. Sources: `Heartbeat_event`, `Heartbeat_event_v2` in MySQL's `control_events.h`, and
/// `codecs/binary.cpp` for version 2's fields.
public struct HeartbeatEvent: ~Escapable {
    /// The binlog file that the consumer is in.
    public let fileName: RawSpan
    /// The end of the last event sent, in bytes from the file's beginning.
    public let position: UInt64

    private enum Field {
        static let end: UInt64 = 0
        static let fileName: UInt64 = 1
        static let position: UInt64 = 2
    }

    /// Reads a whole event of either version.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        let header = try EventHeader(decoding: event)
        let body = try eventBody(event, header: header, checksum: checksum)
        switch header.type {
        case .heartbeat:
            fileName = body
            position = UInt64(header.endPosition)
        case .heartbeatV2:
            var reader = ByteReader(body)
            var name = body.extracting(0..<0)
            var offset: UInt64 = 0
            fields: while !reader.isAtEnd {
                switch try reader.lengthEncodedInteger() {
                case Field.end: break fields
                case Field.fileName: name = try reader.lengthEncodedBytes()
                case Field.position:
                    var value = ByteReader(try reader.lengthEncodedBytes())
                    offset = try value.lengthEncodedInteger()
                default: _ = try reader.lengthEncodedBytes()
                }
            }
            fileName = name
            position = offset
        default:
            throw CodecError(.invalid, at: EventHeader.typeOffset, "expected a heartbeat, found \(header.type)")
        }
        guard fileName.byteCount > 0 else {
            throw CodecError(.invalid, at: EventHeader.byteCount, "a heartbeat names no file")
        }
    }

    /// Appends a version 1 heartbeat: artificial in all but the flag, which MySQL does not set here.
    public static func encode(
        fileName: some Collection<UInt8>, position: UInt64, serverID: UInt32, checksum: ChecksumAlgorithm, into bytes: inout [UInt8]
    ) {
        let envelope = EventEnvelope(serverID: serverID, position: .endingAt(position), checksum: checksum)
        envelope.encode(.heartbeat, into: &bytes) { $0.append(contentsOf: fileName) }
    }

    /// Appends a version 2 heartbeat.
    public static func encodeV2(
        fileName: some Collection<UInt8>, position: UInt64, serverID: UInt32, checksum: ChecksumAlgorithm, into bytes: inout [UInt8]
    ) {
        let envelope = EventEnvelope(serverID: serverID, checksum: checksum)
        envelope.encode(.heartbeatV2, into: &bytes) { body in
            body.append(lengthEncoded: Field.fileName)
            body.append(lengthEncoded: fileName)
            var value: [UInt8] = []
            value.append(lengthEncoded: position)
            body.append(lengthEncoded: Field.position)
            body.append(lengthEncoded: value)
            body.append(lengthEncoded: Field.end)
        }
    }
}
