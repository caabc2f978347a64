import Common
import Log

/// How far the log of a data directory may be shown: what is committed, and what was durable.
package struct LogBounds {
    /// The last entry that is committed and whose transaction is complete by then.
    package private(set) var visible: UInt64 = 0
    /// Entries up to here were durable: where they are missing, the log is damaged.
    package private(set) var durable: UInt64
    /// Whether entries above ``visible`` are shown too.
    package let showsRest: Bool

    /// Reads the headers of as many segments, from the last back, as it takes to know the commit index: in most cases one.
    package init(of log: StoredLog, showsRest: Bool) throws(ToolError) {
        self.showsRest = showsRest
        durable = log.hardState?.durable ?? 0
        var marks = EntryMarks(commit: log.hardState?.commit ?? 0)
        for segment in log.segments.reversed() {
            // A segment is made once all entries before it are durable.
            durable = max(durable, segment.firstIndex &- 1)
            try marks.take(segment.path)
            if segment.firstIndex <= marks.commit { break }
        }
        durable = max(durable, marks.durable)
        visible = marks.visible
    }

    /// Reads the headers of one segment's entries, for want of the others: what it calls committed itself is shown.
    init(ofSegment path: String) throws(ToolError) {
        showsRest = false
        var marks = EntryMarks(commit: 0)
        try marks.take(path)
        durable = marks.durable
        visible = marks.visible
    }

    /// Lets what is shown end with another entry.
    mutating func move(to visible: UInt64) { self.visible = visible }
}

/// What the headers of entries tell of how far the log is committed.
struct EntryMarks {
    private(set) var commit: UInt64
    private(set) var durable: UInt64 = 0
    /// Entries of runs of chunks, each without the one that completes the transaction.
    private var runs: [Range<UInt64>] = []
    private var openRun: UInt64?
    private var lastIndex: UInt64 = 0

    /// - Parameter commit: what is known already.
    init(commit: UInt64) { self.commit = commit }

    /// The last entry that is committed and whose transaction is complete by then: what a replica sees of a transaction in several entries
    /// is all or nothing.
    var visible: UInt64 { runs.first { $0.contains(commit) }.map { $0.lowerBound - 1 } ?? commit }

    mutating func take(_ entry: EntryEvent) {
        let header = entry.header
        lastIndex = header.index
        commit = max(commit, header.commitIndex)
        durable = max(durable, entry.durableMark ?? 0)
        if header.chunk == .begin { openRun = header.index }
        if let first = openRun, header.chunk == .end || header.kind == .abort, first <= header.index {
            runs.append(first..<header.index)
            openRun = nil
        }
    }

    /// Takes the end of a segment: what follows the last entry that was found is not known.
    mutating func endSegment() {
        // A higher commit index means that it is damaged, and to be shown as that.
        if let openRun { runs.append(openRun..<lastIndex + 1) }
        openRun = nil
    }

    /// Takes in the intact entries of a segment.
    fileprivate mutating func take(_ path: String) throws(ToolError) {
        var entries = try EntryScan(path)
        while let entry = try entries.next() { take(entry) }
        endSegment()
    }
}
