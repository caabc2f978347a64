import BinlogFiles
import BinlogInput
import Common
import Foundation
import Log
import Testing

@testable import binlog_inspect

@Suite struct DataDirectoryTests {
    private func entries(_ shown: Inspected) -> [Int] {
        shown.events.compactMap { line in line.range(of: "  entry ").flatMap { Int(line[$0.upperBound...].prefix { $0 != " " }) } }
    }

    @Test("a directory is shown to its last commit, all segments in a row", arguments: [false, true])
    func committed(verify: Bool) throws {
        let directory = try SampleDirectory()
        try directory.write()
        let shown = try Inspected([directory.path], InspectOptions(verify: verify))
        #expect(shown.error == nil)
        #expect(entries(shown) == Array(1...7))
        #expect(shown.events.contains { $0.contains("entry 5 term=1 kind=events chunk=begin commit=0") })
        #expect(!shown.events.contains { $0.contains("9562:3") })
    }

    @Test("what is not committed is shown on demand, and marked")
    func uncommitted() throws {
        let directory = try SampleDirectory()
        try directory.write()
        let shown = try Inspected([directory.path], InspectOptions(verify: true, showsUncommitted: true))
        #expect(shown.error == nil)
        #expect(entries(shown) == Array(1...9))
        let marked = shown.events.filter { $0.hasSuffix("[uncommitted]") }
        #expect(marked.count == 5)
        #expect(marked.first?.contains("entry 8 ") == true)
    }

    @Test("the hard state's commit index counts too, and a transaction that is committed in part is not shown")
    func commitInHardState() throws {
        let whole = try SampleDirectory()
        try whole.write(commit: 9)
        #expect(entries(try Inspected([whole.path])) == Array(1...9))
        let part = try SampleDirectory()
        try part.write(commit: 8)
        #expect(entries(try Inspected([part.path])) == Array(1...7))
    }

    @Test("a set picks its transactions out of entries")
    func filtered() throws {
        let directory = try SampleDirectory()
        try directory.write()
        let set = try GTIDSet(parsing: "\(SampleDirectory.source):2")
        let shown = try Inspected([directory.path], InspectOptions(filter: TransactionFilter(included: set)))
        #expect(shown.events.count == 4)
        #expect(shown.events.first?.contains("Gtid") == true && shown.events.last?.contains("Xid") == true)
    }

    @Test("a flipped bit is found wherever it is in a segment file")
    func flippedBits() throws {
        let directory = try SampleDirectory()
        try directory.write(commit: 9)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: directory.lastSegment)))
        for position in stride(from: 0, to: bytes.count, by: 7) {
            var damaged = bytes
            damaged[position] ^= 1 << UInt8(position % 8)
            try Data(damaged).write(to: URL(filePath: directory.lastSegment))
            let shown = try Inspected([directory.path], InspectOptions(verify: true))
            #expect(shown.error?.code == .damaged, "byte \(position)")
            #expect(shown.error?.file == directory.lastSegment)
        }
    }

    @Test("damage in the middle of the last segment is found though no commit index behind it was noted")
    func damageBehindStaleMarks() throws {
        let directory = try SampleDirectory()
        try directory.write()
        try FileManager.default.removeItem(atPath: "\(directory.path)/hardstate")
        let intact = try Inspected([directory.path])
        let line = try #require(intact.events.first { $0.contains("entry 6 ") })
        let offset = try #require(Int(line.split(separator: " ")[0]))
        var bytes = try Data(contentsOf: URL(filePath: directory.lastSegment))
        bytes[offset + EventHeader.byteCount + 20] ^= 1
        try bytes.write(to: URL(filePath: directory.lastSegment))
        let shown = try Inspected([directory.path])
        #expect(shown.error?.code == .damaged)
        #expect(shown.error?.offset == UInt64(offset))
        #expect(entries(shown) == Array(1...5))
    }

    @Test("a log that ends before what was durable is damaged; above the durable mark its end is only told")
    func truncated() throws {
        let directory = try SampleDirectory()
        try directory.write(commit: 9)
        let bytes = try Data(contentsOf: URL(filePath: directory.lastSegment))
        try bytes.dropLast(1).write(to: URL(filePath: directory.lastSegment))
        #expect(try Inspected([directory.path], InspectOptions(showsUncommitted: true)).error?.code == .damaged)
        try FileManager.default.removeItem(atPath: "\(directory.path)/hardstate")
        let shown = try Inspected([directory.path], InspectOptions(showsUncommitted: true))
        #expect(shown.error == nil)
        #expect(shown.comments.contains { $0.hasPrefix("# note: the log ends in an entry that is being written, or was never finished") })
    }
}
