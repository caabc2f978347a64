import BinlogFiles
import BinlogInput
import Common
import Foundation
import MySQLClient
import Testing

@testable import binlog_inspect

@Suite struct LogFollowTests {
    /// An inspection that follows a directory on a thread of its own.
    private final class Follower {
        private let folder: TemporaryFolder
        private let stopper = Stopper()
        private let thread: WorkerThread

        init(_ directory: String) throws {
            folder = try TemporaryFolder()
            let path = folder.path("out")
            #expect(FileManager.default.createFile(atPath: path, contents: nil))
            let descriptor = open(path, O_WRONLY)
            thread = WorkerThread { [stopper] in
                var options = InspectOptions()
                options.follows = true
                options.stopper = stopper
                var inspection = Inspection(options, output: Output(descriptor: descriptor))
                do throws(ToolError) { try inspection.run([directory]) } catch {
                    try? Output(descriptor: descriptor).write("failed: \(error)\n".utf8Span.span.bytes)
                }
                close(descriptor)
            }
        }

        var text: String { (try? String(contentsOfFile: folder.path("out"), encoding: .utf8)) ?? "" }

        func waits(for text: String) throws {
            let deadline = ContinuousClock.now + .seconds(20)
            while !self.text.contains(text) {
                try #require(ContinuousClock.now < deadline, "'\(text)' was not printed; there is \(self.text)")
                usleep(10_000)
            }
        }

        func end() -> String {
            stopper.stop()
            thread.join()
            return text
        }
    }

    /// Two logs that are the same up to entry 5, which is committed; what each has behind it says whether it is.
    private func makeLog(_ rest: (SampleDirectory) throws -> Void) throws -> SampleDirectory {
        let directory = try SampleDirectory { log in
            try log.append(.events, SampleDirectory.description + log.transaction(1))
            log.commitIndex = 2
            try log.append(.events, log.transaction(2))
            try log.appendSegment()
            log.commitIndex = 4
            try log.append(.events, log.transaction(3))
            log.commitIndex = 5
            try rest(log)
        }
        try directory.write()
        try FileManager.default.removeItem(atPath: "\(directory.path)/hardstate")
        return directory
    }

    @Test("what is cut off before it is committed is not shown, and what comes in its place is")
    func truncation() throws {
        let stale = try makeLog { log in
            try log.append(.events, log.transaction(4))
            try log.append(.events, log.transaction(5))
        }
        let current = try makeLog { log in
            try log.append(.events, log.transaction(6))
            log.commitIndex = 6
            try log.append(.events, log.transaction(7))
        }
        let follower = try Follower(stale.path)
        try follower.waits(for: "9562:3")
        // What has been read may be purged.
        try FileManager.default.removeItem(atPath: try #require(try stale.segments.first))
        let place = try #require(try stale.segments.last)
        let bytes = try Data(contentsOf: URL(filePath: try #require(try current.segments.last)))
        let shared = zip(try Data(contentsOf: URL(filePath: place)), bytes).prefix { $0 == $1 }.count
        let file = try #require(FileHandle(forUpdatingAtPath: place))
        try file.truncate(atOffset: UInt64(shared))
        try file.seekToEnd()
        // What is not there to its end is not shown.
        for part in [bytes[shared..<shared + 50], bytes[(shared + 50)...]] { try file.write(contentsOf: part) }
        try follower.waits(for: "9562:6")
        let text = follower.end()
        #expect(!text.contains("failed"))
        for number in [4, 5, 7] { #expect(!text.contains("9562:\(number)")) }
        let whole = try Inspected([current.path]).lines.filter { !$0.hasPrefix("# /") }
        #expect(text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("# /") } == whole)
    }

    @Test("a log that has not begun is waited for, and a transaction until its last chunk is committed")
    func chunks() throws {
        let directory = try SampleDirectory { log in
            try log.append(.events, SampleDirectory.description + log.transaction(1))
            try log.append(.events, chunk: .begin, log.gtid(2) + log.begin)
            log.commitIndex = 3
            try log.append(.events, chunk: .middle, log.query("UPDATE t SET a = 1"))
            try log.append(.events, chunk: .end, log.xid)
            log.commitIndex = 5
            try log.append(.noop, [])
        }
        try directory.write()
        try FileManager.default.removeItem(atPath: "\(directory.path)/hardstate")
        let path = try #require(try directory.segments.first)
        let whole = try Inspected([directory.path])
        let end = try #require(whole.events.first { $0.contains("entry 5 ") })
        let offset = try #require(Int(end.split(separator: " ")[0]))
        let bytes = try Data(contentsOf: URL(filePath: path))
        try FileManager.default.removeItem(atPath: path)

        let follower = try Follower(directory.path)
        try bytes.prefix(offset).write(to: URL(filePath: path))
        try follower.waits(for: "9562:1")
        // What is visible is printed at once.
        #expect(!follower.text.contains("entry 3 "))
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: bytes.dropFirst(offset))
        try follower.waits(for: "entry 5 ")
        #expect(follower.end().split(separator: "\n").map(String.init) == whole.lines)
    }

    @Test("what was purged before it was read is told")
    func purged() throws {
        let directory = try makeLog { log in
            try log.appendSegment()
            try log.append(.noop, [])
            log.commitIndex = 7
            try log.append(.noop, [])
        }
        let files = try directory.segments
        #expect(files.count == 3)
        // All there is at first is a segment whose successor is gone when its end comes.
        for file in files.dropFirst() { try FileManager.default.moveItem(atPath: file, toPath: "\(file).away") }
        let follower = try Follower(directory.path)
        try follower.waits(for: "9562:1")
        try FileManager.default.removeItem(atPath: files[0])
        try FileManager.default.moveItem(atPath: "\(files[2]).away", toPath: files[2])
        try follower.waits(for: "were purged before they were read")
        #expect(follower.end().contains("the entries from 4 to 5 "))
    }
}
