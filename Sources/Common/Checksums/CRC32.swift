import CChecksums

/// CRC-32 (IEEE 802.3), the checksum at the end of a binlog event: the values of zlib's `crc32()`.
///
///     let crc = CRC32.checksum(of: bytes.span.bytes)
public enum CRC32 {
    /// The CRC of `span`, continuing `crc`, which is the CRC of the bytes before it, or 0 at the beginning.
    public static func checksum(of span: RawSpan, continuing crc: UInt32 = 0) -> UInt32 {
        span.withUnsafeBytes { kingbus_crc32(crc, $0.baseAddress, $0.count) }
    }
}

/// CRC-32C (Castagnoli), which guards what Kingbus itself writes around events.
public enum CRC32C {
    /// The CRC of `span`, continuing `crc`, which is the CRC of the bytes before it, or 0 at the beginning.
    public static func checksum(of span: RawSpan, continuing crc: UInt32 = 0) -> UInt32 {
        span.withUnsafeBytes { kingbus_crc32c(crc, $0.baseAddress, $0.count) }
    }
}
