/// Reads little-endian integers and byte runs from a span, front to back, checking every bound.
///
///     var reader = ByteReader(packet)
///     let version = try reader.uint8()
///     let name = try reader.nullTerminated()
///
/// Integers are those of MySQL's protocol ("Integer Types" in the MySQL source documentation, Protocol Basics).
public struct ByteReader: ~Escapable {
    @usableFromInline let span: RawSpan
    /// Bytes read so far.
    public private(set) var offset = 0

    @_lifetime(copy span)
    public init(_ span: RawSpan) {
        self.span = span
    }

    public var remaining: Int { span.byteCount - offset }
    public var isAtEnd: Bool { offset == span.byteCount }

    @inline(never)
    private func truncated(_ count: Int) -> CodecError {
        CodecError(.truncated, at: offset, "needs \(count) bytes, \(remaining) are left")
    }

    /// Moves past `count` bytes.
    @discardableResult
    @inline(__always)
    private mutating func advance(_ count: Int) throws(CodecError) -> Int {
        guard count >= 0, count <= remaining else { throw truncated(count) }
        let start = offset
        offset += count
        return start
    }

    public mutating func skip(_ count: Int) throws(CodecError) { try advance(count) }

    public mutating func uint8() throws(CodecError) -> UInt8 {
        let at = try advance(1)
        return span.unsafeLoad(fromUncheckedByteOffset: at, as: UInt8.self)
    }

    public mutating func uint16() throws(CodecError) -> UInt16 {
        let at = try advance(2)
        return UInt16(littleEndian: span.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt16.self))
    }

    public mutating func uint24() throws(CodecError) -> UInt32 { UInt32(try integer(byteCount: 3)) }

    public mutating func uint32() throws(CodecError) -> UInt32 {
        let at = try advance(4)
        return UInt32(littleEndian: span.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt32.self))
    }

    public mutating func uint48() throws(CodecError) -> UInt64 { try integer(byteCount: 6) }

    public mutating func uint64() throws(CodecError) -> UInt64 {
        let at = try advance(8)
        return UInt64(littleEndian: span.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self))
    }

    /// A little-endian unsigned integer of 1 to 8 bytes.
    public mutating func integer(byteCount: Int) throws(CodecError) -> UInt64 {
        let at = try advance(byteCount)
        var value: UInt64 = 0
        for index in 0..<byteCount {
            let byte = span.unsafeLoad(fromUncheckedByteOffset: at + index, as: UInt8.self)
            value |= UInt64(byte) << UInt64(8 * index)
        }
        return value
    }

    /// A length-encoded integer: one byte below 251, else 2, 3 or 8 bytes behind 0xfc, 0xfd, 0xfe.
    public mutating func lengthEncodedInteger() throws(CodecError) -> UInt64 {
        let first = try uint8()
        switch first {
        case 0..<251: return UInt64(first)
        case 0xfc: return UInt64(try uint16())
        case 0xfd: return UInt64(try uint24())
        case 0xfe: return try uint64()
        default: throw CodecError(.invalid, at: offset - 1, "0x\(String(first, radix: 16)) begins no length-encoded integer")
        }
    }

    /// The next `count` bytes, not copied.
    @_lifetime(copy self)
    public mutating func bytes(_ count: Int) throws(CodecError) -> RawSpan {
        let at = try advance(count)
        return span.extracting(at..<at + count)
    }

    /// All bytes that are left, not copied.
    @_lifetime(copy self)
    public mutating func rest() -> RawSpan {
        let at = offset
        offset = span.byteCount
        return span.extracting(at..<span.byteCount)
    }

    /// Bytes behind their own length-encoded length, not copied.
    @_lifetime(copy self)
    public mutating func lengthEncodedBytes() throws(CodecError) -> RawSpan {
        let count = try lengthEncodedInteger()
        guard count <= UInt64(remaining) else { throw truncated(Int(clamping: count)) }
        return try bytes(Int(count))
    }

    /// Bytes up to a zero byte, which is consumed and not returned; not copied.
    @_lifetime(copy self)
    public mutating func nullTerminated() throws(CodecError) -> RawSpan {
        var end = offset
        while end < span.byteCount {
            if span.unsafeLoad(fromUncheckedByteOffset: end, as: UInt8.self) == 0 {
                let start = offset
                offset = end + 1
                return span.extracting(start..<end)
            }
            end += 1
        }
        throw CodecError(.truncated, at: offset, "a zero-terminated string has no zero byte")
    }
}

extension RawSpan {
    /// A copy of the bytes.
    public var array: [UInt8] { withUnsafeBytes { Array($0) } }
    /// The bytes as UTF-8, with replacement characters where they are none.
    public var string: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }

    /// The byte at `offset`, which must be below `byteCount`.
    @inlinable
    public func byte(at offset: Int) -> UInt8 { unsafeLoad(fromByteOffset: offset, as: UInt8.self) }
}
