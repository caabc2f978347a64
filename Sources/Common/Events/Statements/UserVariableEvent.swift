/// USER_VAR: a user variable that the next statement reads, as `@name`.
///
/// Source: `User_var_event` in MySQL's `statement_events.h` and `.cpp`; MariaDB's is the same, and may have more behind it.
public struct UserVariableEvent: ~Escapable {
    /// A variable's value, by the type of the expression that it was set from.
    public enum Value: ~Escapable {
        case null
        /// Text in the collation with that number, of which 63 is `binary`; as much of it as is in the given bytes.
        case string(RawSpan, collation: UInt32)
        case real(Double)
        case signed(Int64)
        case unsigned(UInt64)
        case decimal(PackedDecimal)
    }

    /// `Item_result` in MySQL's `udf_registration_types.h`; rows (3) cannot be stored.
    private enum ResultType {
        static let string: UInt8 = 0
        static let real: UInt8 = 1
        static let integer: UInt8 = 2
        static let decimal: UInt8 = 4
    }

    private static let unsignedFlag: UInt8 = 1
    private static let numberByteCount = 8

    /// Without the `@`; in utf8.
    public let name: RawSpan
    public let value: Value
    /// Whether a text in ``value`` is the whole text.
    public let isComplete: Bool

    /// Reads an event, of which a text's end need not be there.
    ///
    /// - Throws: `invalid` for a nameless variable or a value that its type cannot have.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        let head = try EventHead(decoding: event, is: .userVar, checksum: checksum)
        var reader = ByteReader(head.body)
        let nameLength = Int(try reader.uint32())
        guard nameLength > 0 else { throw CodecError(.invalid, at: EventHeader.byteCount, "a user variable has no name") }
        name = try reader.bytes(nameLength)
        guard try reader.uint8() == 0 else {
            value = .null
            isComplete = true
            return
        }
        let typeOffset = EventHeader.byteCount + reader.offset
        let type = try reader.uint8()
        let collation = try reader.uint32()
        let length = Int(try reader.uint32())
        switch type {
        case ResultType.string:
            guard length <= head.bodyByteCount - reader.offset else {
                throw CodecError(.truncated, at: typeOffset, "a text of \(length) bytes goes past the event's end")
            }
            isComplete = length <= reader.remaining
            value = .string(try reader.bytes(min(length, reader.remaining)), collation: collation)
        case ResultType.real:
            value = .real(Double(bitPattern: try Self.number(&reader, length)))
            isComplete = true
        case ResultType.integer:
            let bits = try Self.number(&reader, length)
            // Servers before 5.1.55 do not say; their numbers are signed.
            let flags = reader.isAtEnd ? 0 : try reader.uint8()
            value = flags & Self.unsignedFlag == 0 ? .signed(Int64(bitPattern: bits)) : .unsigned(bits)
            isComplete = true
        case ResultType.decimal:
            var number = ByteReader(try reader.bytes(length))
            let precision = Int(try number.uint8())
            let scale = Int(try number.uint8())
            value = .decimal(try PackedDecimal(from: &number, precision: precision, scale: scale))
            isComplete = true
        default:
            throw CodecError(.invalid, at: typeOffset, "a user variable of the type \(type), which does not exist")
        }
    }

    private static func number(_ reader: inout ByteReader, _ length: Int) throws(CodecError) -> UInt64 {
        guard length == numberByteCount else {
            throw CodecError(
                .invalid, at: EventHeader.byteCount + reader.offset, "a number of \(length) bytes instead of \(numberByteCount)")
        }
        return try reader.uint64()
    }
}
