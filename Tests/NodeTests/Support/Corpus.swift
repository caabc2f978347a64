import Common
import Foundation

/// Binlog files of real servers, which the codec's tests keep.
enum Corpus {
    /// A file's events; the file has no name of its own in them.
    static func events(_ name: String) throws -> [[UInt8]] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let bytes = [UInt8](try Data(contentsOf: tests.appending(path: "CommonTests/Corpus/\(name)")))
        var events: [[UInt8]] = []
        var cursor = EventCursor(bytes.span.bytes.extracting(4..<bytes.count))
        while try cursor.next() != nil { events.append(cursor.event.array) }
        return events
    }
}
