import Common
import Log

/// An entry as it stands in a segment file, found by ``StoredEntries``.
struct StoredEntry: Sendable {
    var header: EntryHeader
    var payload: StoredPayload
}

/// Where an entry's payload stands on disk. It keeps its segment alive: the bytes can be read even after a purge.
struct StoredPayload: Sendable {
    let segment: Segment
    /// Of the payload's first byte in the segment's file.
    let offset: UInt64
    let byteCount: UInt64

    /// Fills `buffer` from `offset` on, in bytes from the payload's beginning; both must lie inside.
    ///
    /// Bytes of entries that are not committed may have been replaced since the entry was found: the payload's checksum tells.
    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(LogError) {
        precondition(offset + UInt64(buffer.count) <= byteCount)
        try segment.read(at: self.offset + offset, into: buffer)
    }
}
