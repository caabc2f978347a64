import CChecksums
import CLibcrypto

extension RawSpan {
    /// CRC-32 (IEEE), as MySQL's binlog checksums use it.
    @inline(__always)
    public var crc32: UInt32 { withUnsafeBytes { kingbus_crc32(0, $0.baseAddress, $0.count) } }

    /// CRC-32C (Castagnoli), as entry headers use it.
    @inline(__always)
    public var crc32c: UInt32 { withUnsafeBytes { kingbus_crc32c(0, $0.baseAddress, $0.count) } }

    /// Continues a CRC-32 over these bytes.
    @inline(__always)
    public func crc32(continuing crc: UInt32) -> UInt32 { withUnsafeBytes { kingbus_crc32(crc, $0.baseAddress, $0.count) } }

    /// Continues a CRC-32C over these bytes.
    @inline(__always)
    public func crc32c(continuing crc: UInt32) -> UInt32 { withUnsafeBytes { kingbus_crc32c(crc, $0.baseAddress, $0.count) } }

    /// Whether both spans hold the same bytes.
    public func isEqual(to other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        return withUnsafeBytes { mine in other.withUnsafeBytes { mine.elementsEqual($0) } }
    }
}

/// SHA-256 of the bytes: 32 bytes.
public func sha256(_ bytes: RawSpan) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { output, count in
        bytes.withUnsafeBytes { _ = SHA256($0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count, output.baseAddress) }
        count = 32
    }
}

extension Chain {
    /// The first 16 bytes of SHA-256 over `bytes`.
    public init(digesting bytes: [UInt8]) {
        let digest = sha256(bytes.span.bytes)
        self.init(
            low: digest.span.bytes.extracting(0..<8).unsafeLoadUnaligned(as: UInt64.self).littleEndian,
            high: digest.span.bytes.extracting(8..<16).unsafeLoadUnaligned(as: UInt64.self).littleEndian)
    }
}
