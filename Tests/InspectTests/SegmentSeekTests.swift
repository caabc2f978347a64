import BinlogInput
import Common
import Foundation
import Testing

@testable import binlog_inspect

@Suite struct SegmentSeekTests {
    /// A log of four segments with the transactions 1 and 2, 3, the aborted beginning of 4, and 4 whole; then 5, in the last.
    private func makeLog() throws -> SampleDirectory {
        let directory = try SampleDirectory { log in
            try log.append(.events, SampleDirectory.description + log.transaction(1) + log.transaction(2))
            try log.appendSegment()
            try log.append(.events, log.transaction(3))
            try log.appendSegment()
            try log.append(.events, chunk: .begin, log.gtid(4) + log.begin)
            try log.append(.abort, log.query("ROLLBACK"))
            try log.appendSegment()
            try log.append(.events, log.transaction(4))
            try log.appendSegment()
            try log.append(.events, log.transaction(5))
        }
        try directory.write(commit: 11)
        return directory
    }

    private func options(_ numbers: String) throws -> InspectOptions {
        InspectOptions(filter: TransactionFilter(included: try GTIDSet(parsing: "\(SampleDirectory.source):\(numbers)")))
    }

    /// Makes of a segment's events, behind its first entry, what cannot be read.
    private func ruin(_ path: String) throws {
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        // Every file here ends in an XID event, or in what an abort entry holds.
        bytes.replaceSubrange((bytes.count - 40)..., with: [UInt8](repeating: 0xff, count: 40))
        try Data(bytes).write(to: URL(filePath: path))
    }

    @Test("a set in a directory finds what it finds in its files", arguments: ["1", "2-3", "3", "4", "5", "1:5", "3-4", "1-5", "6"])
    func sameAsFiles(numbers: String) throws {
        let directory = try makeLog()
        #expect(try directory.segments.count == 5)
        let found = try Inspected([directory.path], try options(numbers))
        #expect(found.error == nil)
        #expect(found.lines == (try Inspected(try directory.segments, try options(numbers))).lines)
        #expect(found.events.isEmpty == (numbers == "6"))
    }

    @Test(
        "segments that hold none of a set are not read",
        arguments: [("1", [0]), ("3", [1]), ("4", [2, 3]), ("5", [4]), ("1:3", [0, 1]), ("1:5", [0, 4])])
    func skips(numbers: String, read: [Int]) throws {
        for place in 0..<5 {
            let directory = try makeLog()
            try ruin(try directory.segments[place])
            let found = try Inspected([directory.path], try options(numbers))
            // The last one, and the one before an abort is known, are read in any case.
            if !read.contains(place), place != 2, place != 4 { #expect(found.error == nil, "segment \(place)") }
            if read.contains(place) { #expect(found.error != nil, "segment \(place)") }
        }
    }

    @Test("a check reads all, whatever is wanted")
    func verifies() throws {
        let directory = try makeLog()
        try ruin(try directory.segments[0])
        var options = try options("5")
        options.verify = true
        #expect(try Inspected([directory.path], options).error?.code == .damaged)
    }
}
