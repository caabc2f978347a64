import Common
import Log

/// Reads entries that are on disk, in order mostly: it keeps a cursor, so that the next entry costs no search.
///
///     var stored = StoredEntries(catalog: log.catalog)
///     let entry = try stored.entry(at: 812, term: 3)
///     try entry.payload.read(at: 0, into: buffer)
///
/// An entry that is not next is looked for from the nearest place that the cursor remembers, or from its segment's beginning: a walk over
/// headers, which ``approach(_:steps:)`` can do in parts.
struct StoredEntries: ~Copyable {
    /// Entries between two remembered places.
    private static let markDistance: UInt64 = 256

    private let catalog: SegmentCatalog
    private var cursor: SegmentReader?
    /// Places in the cursor's segment from which a walk can begin, ascending.
    private var marks: [(index: UInt64, offset: UInt64)] = []
    /// The entry that the cursor comes to next.
    private var nextIndex: UInt64 = 0

    init(catalog: SegmentCatalog) { self.catalog = catalog }

    /// The entry at `index`, which must have been written with `term`.
    ///
    /// - Throws: ``LogError`` where the log holds no such entry any more, or cannot be read.
    mutating func entry(at index: UInt64, term: UInt64) throws -> StoredEntry {
        if let entry = try? read(index), entry.header.term == term { return entry }
        // What the cursor has buffered, or remembers, may be of entries that were replaced since.
        forget()
        let entry = try read(index)
        guard entry.header.term == term else {
            throw LogError(
                .io, file: entry.payload.segment.path, index: index, "the entry is of term \(entry.header.term) and not of term \(term)")
        }
        return entry
    }

    /// Moves the cursor towards the entry, over at most `steps` others; whether ``entry(at:term:)`` now finds it without a search.
    mutating func approach(_ index: UInt64, steps: Int) throws -> Bool {
        try place(before: index)
        var left = steps
        while nextIndex < index {
            if left == 0 { return false }
            left -= 1
            _ = try step()
        }
        return true
    }

    private mutating func read(_ index: UInt64) throws -> StoredEntry {
        while try !approach(index, steps: .max) {}
        let entry = try step()
        guard entry.header.index == index else { throw missing(index) }
        return entry
    }

    /// Puts the cursor where it can walk to the entry.
    private mutating func place(before index: UInt64) throws {
        guard let segment = catalog.segment(holding: index) else { throw missing(index) }
        if cursor?.segment.firstIndex == segment.firstIndex, cursor?.segment === segment {
            if nextIndex == index { return }
            let mark = marks.last { $0.index <= index }
            if nextIndex < index, (mark?.index ?? 0) <= nextIndex { return }
            if let mark { return begin(segment, at: mark.offset, index: mark.index) }
        } else {
            marks = []
        }
        begin(segment, at: segment.firstEntryOffset, index: segment.firstIndex)
    }

    private mutating func begin(_ segment: Segment, at offset: UInt64, index: UInt64) {
        cursor = SegmentReader(segment: segment, at: offset, index: index)
        nextIndex = index
    }

    private mutating func step() throws -> StoredEntry {
        // Whether a header is of the entry that is meant, its term tells: no limit is needed for that.
        guard let header = try cursor?.nextEntry(through: .max), let segment = cursor?.segment, let start = cursor?.entryOffset,
            let offset = cursor?.offset
        else { throw missing(nextIndex) }
        nextIndex = header.index &+ 1
        if header.index >= (marks.last?.index ?? 0) + Self.markDistance { marks.append((header.index, start)) }
        return StoredEntry(
            header: header, payload: StoredPayload(segment: segment, offset: offset, byteCount: header.payloadLength))
    }

    private mutating func forget() {
        cursor = nil
        marks = []
    }

    private func missing(_ index: UInt64) -> LogError {
        LogError(.io, file: catalog.segment(holding: index)?.path ?? "the log", index: index, "the entry is not there")
    }
}
