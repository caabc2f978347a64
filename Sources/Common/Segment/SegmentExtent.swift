/// How far a segment file has grown: a pure function of the log, so that every node's file is of the same length.
///
/// A segment entry carries the extent of the segment before it. So recovery knows, without reading them, how long the earlier
/// files must be, that none is missing between two, and which terms their entries have.
public struct SegmentExtent: Hashable, Sendable {
    /// Index of the segment entry that begins the file; 0 before the first.
    public var firstIndex: UInt64 = 0
    /// Bytes of the file, from its magic number to the end of its last entry.
    public var byteCount: UInt64 = 0
    /// Where in this file terms begin; the first run is that of the segment entry.
    public var termRuns: [TermRun] = []

    public init() {}

    init(firstIndex: UInt64, byteCount: UInt64, term: UInt64) {
        self.firstIndex = firstIndex
        self.byteCount = byteCount
        termRuns = [TermRun(firstIndex: firstIndex, term: term)]
    }

    mutating func append(_ header: EntryHeader, checksum: ChecksumAlgorithm) {
        byteCount &+= header.storedByteCount(checksum: checksum)
        if termRuns.last?.term != header.term { termRuns.append(TermRun(firstIndex: header.index, term: header.term)) }
    }
}

/// Entries of one term that follow each other.
public struct TermRun: Hashable, Sendable {
    public var firstIndex: UInt64
    public var term: UInt64

    public init(firstIndex: UInt64, term: UInt64) {
        self.firstIndex = firstIndex
        self.term = term
    }
}
