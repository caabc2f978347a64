/// XID: a transaction of a transactional engine commits here.
///
/// Source: `Xid_event` in MySQL's `control_events.h`.
public struct XIDEvent: Hashable, Sendable {
    /// The number that the server's own two-phase commit knows the transaction by; it means nothing elsewhere.
    public var xid: UInt64

    /// Reads a whole event.
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        var reader = ByteReader(try eventBody(event, is: .xid, checksum: checksum))
        xid = try reader.uint64()
    }
}
