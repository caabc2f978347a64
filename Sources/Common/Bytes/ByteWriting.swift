/// Little-endian integers and length-encoded values, appended: the counterpart of ``ByteReader``.
extension Array where Element == UInt8 {
    @inlinable
    public mutating func append<T: FixedWidthInteger>(littleEndian value: T) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// The low `byteCount` bytes of `value`.
    @inlinable
    public mutating func append(_ value: UInt64, byteCount: Int) {
        for index in 0..<byteCount { append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }

    @inlinable
    public mutating func append(lengthEncoded value: UInt64) {
        switch value {
        case 0..<251: append(UInt8(value))
        case 251..<(1 << 16):
            append(0xfc)
            append(value, byteCount: 2)
        case (1 << 16)..<(1 << 24):
            append(0xfd)
            append(value, byteCount: 3)
        default:
            append(0xfe)
            append(value, byteCount: 8)
        }
    }

    @inlinable
    public mutating func append(lengthEncoded bytes: some Collection<UInt8>) {
        append(lengthEncoded: UInt64(bytes.count))
        append(contentsOf: bytes)
    }

    @inlinable
    public mutating func append(nullTerminated bytes: some Collection<UInt8>) {
        append(contentsOf: bytes)
        append(0)
    }

    @inlinable
    public mutating func append(_ span: RawSpan) {
        span.withUnsafeBytes { append(contentsOf: $0) }
    }

    /// Overwrites `MemoryLayout<T>.size` bytes from `offset`, which must lie inside the array.
    @inlinable
    public mutating func store<T: FixedWidthInteger>(littleEndian value: T, at offset: Int) {
        precondition(offset >= 0 && offset + MemoryLayout<T>.size <= count)
        withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self) }
    }
}
