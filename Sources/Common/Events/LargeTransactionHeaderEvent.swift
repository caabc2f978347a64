/// LARGE_TRANSACTION_HEADER: a file that holds one large transaction says where that transaction ends, so that recovery need not read
/// through it. Ignorable, and no part of any transaction.
///
/// Source: `Large_transaction_header_event` in MySQL's `large_transaction_header_event.h`.
public struct LargeTransactionHeaderEvent: Hashable, Sendable {
    /// The only version of the body that exists.
    public static let version: UInt8 = 1

    /// Where in this file the transaction's last event begins, in bytes.
    public var endingOffset: UInt64
    /// What kind of event ends it.
    public var endingType: EventType
    /// Bytes that only fill the room in front of the transaction.
    public var paddingByteCount: Int

    /// Reads an event, of which only a head needs to be there: the padding may be long.
    ///
    /// - Throws: `unsupported` for another version of the body.
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        let head = try EventHead(decoding: event, is: .largeTransactionHeader, checksum: checksum)
        var reader = ByteReader(head.body)
        let version = try reader.uint8()
        guard version == Self.version else {
            throw CodecError(
                .unsupported, at: EventHeader.byteCount,
                "version \(version) of a LARGE_TRANSACTION_HEADER is not known, only \(Self.version)")
        }
        endingOffset = try reader.uint64()
        endingType = EventType(rawValue: try reader.uint8())
        paddingByteCount = head.bodyByteCount - reader.offset
    }
}
