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
        var ends: [(index: UInt64, segment: StoredLog.SegmentFile, place: EntryScan.Place)] = []
        for segment in log.segments where segment.firstIndex >= first?.firstIndex ?? 0 {
            // A purge may take a file away that was listed; then what it held is missing among what is found, and looked for again.
            guard var entries = try? EntryScan(segment.path, from: (segment == first ? place : nil) ?? EntryScan.Place()) else { break }
            while let entry = try entries.next(), !entries.isLost {
                marks.take(entry)
                ends.append((entry.header.index, segment, entries.place))
            }
            marks.endSegment()
            // An entry that is being written.
            if entries.isLost { break }
        }
        guard let visible = ends.last(where: { $0.index <= marks.visible }) else { return }
        bounds.move(to: visible.index)
        first = visible.segment
        place = visible.place
    }
}
