/// IGNORABLE: bytes that every MySQL server and tool skips. Kingbus keeps its entry headers in them.
///
/// Source: `Ignorable_event` in MySQL's `binlog_event.h`.
public struct IgnorableEvent: ~Escapable {
    public let body: RawSpan

    /// Reads a whole event.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        body = try eventBody(event, is: .ignorable, checksum: checksum)
    }

    /// Appends an IGNORABLE event with the ignorable flag.
    public static func encode(body: some Collection<UInt8>, in envelope: EventEnvelope, into bytes: inout [UInt8]) {
        envelope.encode(.ignorable, flags: .ignorable, into: &bytes) { $0.append(contentsOf: body) }
    }
}
