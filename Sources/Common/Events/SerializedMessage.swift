/// Reads MySQL's own message format, in which GTID_TAGGED events are written: numbered fields in ascending order, any of which may
/// be absent, integers of variable length.
///
/// Source: `libs/mysql/serialization` in MySQL, whose `readme.md` describes the bytes.
struct SerializedMessage: ~Escapable {
    private static let formatVersion: UInt64 = 1

    private var reader: ByteReader
    /// Where the message ends, by its own account.
    private let end: Int

    /// Reads the head of the message that begins `span`.
    ///
    /// - Parameter fieldCount: How many fields the caller knows.
    /// - Throws: `unsupported` where a field that must not be ignored is not known, or the format is another version.
    @_lifetime(copy span)
    init(_ span: RawSpan, fieldCount: Int) throws(CodecError) {
        reader = ByteReader(span)
        let version = try reader.variableLengthInteger()
        guard version == Self.formatVersion else {
            throw CodecError(.unsupported, at: 0, "version \(version) of the serialization format is not known")
        }
        let length = try reader.variableLengthInteger()
        let fieldsThatMatter = try reader.variableLengthInteger()
        guard length <= UInt64(span.byteCount), length >= UInt64(reader.offset) else {
            throw CodecError(.truncated, at: reader.offset, "a message of \(length) bytes in \(span.byteCount)")
        }
        guard fieldsThatMatter <= UInt64(fieldCount) else {
            throw CodecError(.unsupported, at: reader.offset, "field \(fieldsThatMatter - 1) is not known and must not be ignored")
        }
        end = Int(length)
    }

    /// Whether the field is the next one; if so, moves to its value.
    mutating func moves(to field: UInt64) throws(CodecError) -> Bool {
        guard reader.offset < end else { return false }
        var ahead = reader
        guard try ahead.variableLengthInteger() == field else { return false }
        reader = ahead
        return true
    }

    /// Moves to the value of a field that must be there.
    mutating func move(toRequired field: UInt64) throws(CodecError) {
        guard try moves(to: field) else {
            throw CodecError(.invalid, at: reader.offset, "field \(field) is missing")
        }
    }

    mutating func unsigned() throws(CodecError) -> UInt64 { try reader.variableLengthInteger() }

    mutating func signed() throws(CodecError) -> Int64 {
        let value = try reader.variableLengthInteger()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// An element of a byte array or a small field: an integer below 256.
    mutating func byte() throws(CodecError) -> UInt8 {
        let offset = reader.offset
        guard let value = UInt8(exactly: try reader.variableLengthInteger()) else {
            throw CodecError(.invalid, at: offset, "a byte exceeds 255")
        }
        return value
    }

    @_lifetime(copy self)
    mutating func string() throws(CodecError) -> RawSpan {
        let length = try reader.variableLengthInteger()
        guard length <= UInt64(reader.remaining) else {
            throw CodecError(.truncated, at: reader.offset, "a string of \(length) bytes, \(reader.remaining) are left")
        }
        return try reader.bytes(Int(length))
    }
}

extension ByteReader {
    /// One to nine bytes: the number of low one bits in the first says how many follow it.
    fileprivate mutating func variableLengthInteger() throws(CodecError) -> UInt64 {
        let first = try uint8()
        let following = (~first).trailingZeroBitCount
        guard following > 0 else { return UInt64(first >> 1) }
        let rest = try integer(byteCount: following)
        guard following < 8 else { return rest }
        return UInt64(first) >> UInt64(following + 1) | rest << UInt64(7 - following)
    }
}
