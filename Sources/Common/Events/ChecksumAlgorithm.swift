/// How the events of a binlog file end: the algorithm that its FORMAT_DESCRIPTION event names.
///
/// Source: `enum_binlog_checksum_alg` in MySQL's `binlog_event.h`.
public enum ChecksumAlgorithm: UInt8, Hashable, Sendable {
    case none = 0
    /// Four bytes, little-endian, of CRC-32 over everything before them.
    case crc32 = 1

    /// Bytes that the checksum takes at the end of every event.
    @inlinable public var byteCount: Int { self == .crc32 ? 4 : 0 }
}

/// The CRC32 that belongs behind the event whose other bytes are `eventBody`: header and body, without the checksum itself.
///
/// MySQL sets a FORMAT_DESCRIPTION event's in-use flag when it opens a file and clears it when it closes the file, and computes
/// the checksum as if it were clear; so does this function.
public func eventChecksum(of eventBody: RawSpan) -> UInt32 {
    let flags = EventHeader.flagsOffset
    guard eventBody.byteCount >= EventHeader.byteCount,
        eventBody.byte(at: EventHeader.typeOffset) == EventType.formatDescription.rawValue,
        eventBody.byte(at: flags) & UInt8(truncatingIfNeeded: EventFlags.binlogInUse.rawValue) != 0
    else { return CRC32.checksum(of: eventBody) }
    var crc = CRC32.checksum(of: eventBody.extracting(0..<flags))
    let cleared = eventBody.byte(at: flags) & ~UInt8(truncatingIfNeeded: EventFlags.binlogInUse.rawValue)
    withUnsafeBytes(of: cleared) { crc = CRC32.checksum(of: $0.bytes, continuing: crc) }
    return CRC32.checksum(of: eventBody.extracting(flags + 1..<eventBody.byteCount), continuing: crc)
}

/// Checks the CRC32 in the last four bytes of a whole event.
///
/// - Throws: `checksumMismatch`, or `truncated` where the event is too short to have a checksum.
public func verifyChecksum(event: RawSpan) throws(CodecError) {
    let end = event.byteCount - ChecksumAlgorithm.crc32.byteCount
    guard end >= EventHeader.byteCount else {
        throw CodecError(.truncated, at: event.byteCount, "an event of \(event.byteCount) bytes has no room for a checksum")
    }
    let stored = UInt32(littleEndian: event.unsafeLoadUnaligned(fromByteOffset: end, as: UInt32.self))
    let computed = eventChecksum(of: event.extracting(0..<end))
    guard stored == computed else {
        throw CodecError(
            .checksumMismatch, at: end, "the event's CRC32 is \(String(stored, radix: 16)), its bytes have \(String(computed, radix: 16))")
    }
}
