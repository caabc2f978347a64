import Common
import Log
import MySQLClient

/// Knows how far a log is committed that a node goes on writing, and waits for more.
///
/// Nothing is said to be committed that is not in the directory to its last byte. What is not may be cut off and written anew at any time.
package final class LogGrowth {
    private static let pauseMilliseconds: UInt64 = 100

    package private(set) var bounds: LogBounds
    /// The segments as they were when more was last looked for, ascending.
    package private(set) var segments: [StoredLog.SegmentFile]
    private let directory: String
    private let stopper: Stopper
    /// The segment that the last visible entry stands in, and where the next one will; nil for the segment's beginning.
    private var first: StoredLog.SegmentFile?
    private var place: EntryScan.Place?

    /// - Parameters:
    ///   - log: the directory as it is now.
    ///   - bounds: what is committed in it.
    package init(of log: StoredLog, in directory: String, bounds: LogBounds, stopper: Stopper) {
        self.directory = directory
        self.bounds = bounds
        self.stopper = stopper
        segments = log.segments
        first = log.segments.last { $0.firstIndex <= bounds.visible } ?? log.segments.first
        // Of what stands in that, it is still to be found how much is written.
        self.bounds.move(to: (first?.firstIndex ?? 1) - 1)
    }

    /// Waits until there is a segment.
    package func waitForSegment() throws(ToolError) {
        while segments.isEmpty {
            try pause()
            try look()
        }
    }

    /// Waits until an entry is committed, and all of its transaction.
    ///
    /// - Throws: `interrupted` where a person has ended the waiting.
    package func wait(for index: UInt64) throws(ToolError) {
        while true {
            try look()
            if bounds.visible >= index { return }
            try pause()
        }
    }

    private func pause() throws(ToolError) {
        guard stopper.pause(milliseconds: Self.pauseMilliseconds) else { throw ToolError(.interrupted, file: directory, "interrupted") }
    }

    /// The segment that begins with an entry, if one does.
    package func segment(beginningWith index: UInt64) -> StoredLog.SegmentFile? { segments.first { $0.firstIndex == index } }

    /// Why an entry that is committed is in none of the segments.
    package func loss(of index: UInt64) -> ToolError {
        guard let first = segments.first, first.firstIndex > index else {
            return ToolError(.damaged, file: directory, "entry \(index) is committed, and stands in none of the segments")
        }
        return ToolError(
            .failure, file: directory, "the entries from \(index) to \(first.firstIndex - 1) were purged before they were read",
            hint: "begin anew, with --gtid or --since for what is wanted")
    }

    /// Reads the headers of the entries that are not known to be visible.
    private func look() throws(ToolError) {
        let log: StoredLog
        do { log = try StoredLog(directory: directory) } catch { throw ToolError(error) }
        segments = log.segments
        var marks = EntryMarks(commit: max(bounds.visible, log.hardState?.commit ?? 0))
        try forEachEntry { entry, _, _ in
            marks.take(entry)
            return true
        } endOfSegment: {
            marks.endSegment()
        }
        // Looked for once more, as a segment holds too many entries to remember where each ends.
        let visible = marks.visible
        var last: (index: UInt64, segment: StoredLog.SegmentFile, place: EntryScan.Place)?
        guard visible > bounds.visible else { return }
        try forEachEntry { entry, segment, place in
            guard entry.header.index <= visible else { return false }
            last = (entry.header.index, segment, place)
            return true
        }
        guard let last else { return }
        bounds.move(to: last.index)
        first = last.segment
        place = last.place
    }

    /// Hands out the entries that are not known to be visible, each with the place behind it, until there are no more or `take` says so.
    private func forEachEntry(
        _ take: (EntryEvent, StoredLog.SegmentFile, EntryScan.Place) -> Bool, endOfSegment: () -> Void = {}
    ) throws(ToolError) {
        for segment in segments where segment.firstIndex >= first?.firstIndex ?? 0 {
            // A purge may take a file away that was listed; then what it held is missing among what is found, and looked for again.
            guard var entries = try? EntryScan(segment.path, from: (segment == first ? place : nil) ?? EntryScan.Place()) else { return }
            while let entry = try entries.next(), !entries.isLost { if !take(entry, segment, entries.place) { return } }
            endOfSegment()
            // An entry that is being written.
            if entries.isLost { return }
        }
    }
}
