import Common

/// Looks for durable marks behind damaged bytes: entries that were written later say how far the log was durable before them.
///
/// Without them, bytes that rotted could not be told from bytes that never reached the disk. Only what has the shape of an entry of this
/// log counts: a mark that a payload happens to hold could at worst make recovery refuse where it might have cut off.
struct DurableMarkSearch {
    private static let windowBytes = 1 << 20
    /// `K`, the first byte of an entry header's magic number.
    private static let firstMagicByte = UInt8(truncatingIfNeeded: EntryHeader.magic)

    /// Index of the entry that the damaged bytes belong to.
    let damagedIndex: UInt64
    /// The cluster's server id, where it is known.
    let serverID: UInt32?

    /// The highest mark in the file's bytes from `start` on; 0 where there is none.
    func highestMark(in file: any File, from start: UInt64, to end: UInt64) throws(LogError) -> UInt64 {
        var highest: UInt64 = 0
        var offset = start
        let window = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.windowBytes, alignment: 16)
        defer { window.deallocate() }
        while offset < end {
            let count = try file.readFully(
                at: offset, into: UnsafeMutableRawBufferPointer(rebasing: window[..<Int(min(UInt64(window.count), end - offset))]))
            let bytes = UnsafeRawBufferPointer(rebasing: window[..<count]).bytes
            highest = max(highest, highestMark(in: bytes, plausibleEntries: end - start))
            if offset + UInt64(count) >= end || count <= StoredHeader.maxByteCount { break }
            offset += UInt64(count - StoredHeader.maxByteCount)
        }
        return highest
    }

    private func highestMark(in bytes: RawSpan, plausibleEntries: UInt64) -> UInt64 {
        var highest: UInt64 = 0
        var position = 0
        while position + EventHeader.byteCount < bytes.byteCount {
            defer { position += 1 }
            guard bytes.unsafeLoad(fromUncheckedByteOffset: position + EventHeader.byteCount, as: UInt8.self) == Self.firstMagicByte,
                let stored = try? StoredHeader(
                    decoding: bytes.extracting(position..<bytes.byteCount), serverID: serverID, checksum: nil),
                let mark = stored.durableMark, mark < stored.header.index, stored.header.index > damagedIndex,
                stored.header.index - damagedIndex <= plausibleEntries
            else { continue }
            highest = max(highest, mark)
        }
        return highest
    }
}
