/// RAND: the seeds that RAND() in the next statement begins with.
///
/// Source: `Rand_event` in MySQL's `statement_events.h`.
public struct RandEvent: Hashable, Sendable {
    public var seed1: UInt64
    public var seed2: UInt64

    /// Reads a whole event.
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        var reader = ByteReader(try eventBody(event, is: .rand, checksum: checksum))
        seed1 = try reader.uint64()
        seed2 = try reader.uint64()
    }
}
