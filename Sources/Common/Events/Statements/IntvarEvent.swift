/// INTVAR: an integer that the next statement depends on.
///
/// Source: `Intvar_event` in MySQL's `statement_events.h`.
public struct IntvarEvent: Hashable, Sendable {
    public enum Variable: UInt8, Hashable, Sendable {
        /// What LAST_INSERT_ID() is.
        case lastInsertID = 1
        /// What the AUTO_INCREMENT column gets.
        case insertID = 2
    }

    public var variable: Variable
    public var value: UInt64

    /// Reads a whole event.
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        var reader = ByteReader(try eventBody(event, is: .intvar, checksum: checksum))
        let number = try reader.uint8()
        guard let variable = Variable(rawValue: number) else {
            throw CodecError(.invalid, at: EventHeader.byteCount, "an INTVAR event has the subtype \(number), which does not exist")
        }
        self.variable = variable
        value = try reader.uint64()
    }
}
