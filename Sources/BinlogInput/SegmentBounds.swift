import Common
import Glibc
import Log

/// How far a segment file may be shown that was named by itself.
package struct SegmentBounds {
    package let bounds: LogBounds
    /// Whether nothing but the file itself says it.
    package let isItsOwn: Bool

    /// Events that stand before the first entry, at most: FORMAT_DESCRIPTION and PREVIOUS_GTIDS.
    private static let maxHeadEvents = 2

    /// The bounds of the data directory that a file stands in, else those that it names itself; nil for a file that is no segment.
    package static func find(of path: String) throws(ToolError) -> SegmentBounds? {
        guard isSegment(path) else { return nil }
        if let directory = dataDirectory(of: path), let log = try? StoredLog(directory: directory) {
            return SegmentBounds(bounds: try LogBounds(of: log, showsRest: false), isItsOwn: false)
        }
        return SegmentBounds(bounds: try LogBounds(ofSegment: path), isItsOwn: true)
    }

    /// Whether entries stand in the file. What is wrong with a file is told when it is read.
    private static func isSegment(_ path: String) -> Bool {
        guard let input = try? ByteInput(path: path), let reader = try? EventReader(input) else { return false }
        var walk = FileWalk(reader: reader, bounds: nil)
        for _ in 0...maxHeadEvents {
            guard let header = try? walk.reader.next(), let place = try? walk.place(header) else { return false }
            if case .entry = place { return true }
            guard (try? walk.reader.finish(verifying: false)) != nil else { return false }
        }
        return false
    }

    /// The folder above the one that the file is in.
    private static func dataDirectory(of path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        let parts = String(cString: resolved).split(separator: "/", omittingEmptySubsequences: false)
        return parts.count > 2 ? parts.dropLast(2).joined(separator: "/") : nil
    }
}
