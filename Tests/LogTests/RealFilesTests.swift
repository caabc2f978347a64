import Common
import Foundation
import Log
import Synchronization
import Testing

/// The log over the operating system's files, with its own thread.
@Suite struct RealFilesTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "kingbus-log-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.path(percentEncoded: false))
    }

    private func expectFailure(_ code: LogError.Code, _ directory: String) -> LogError? {
        do throws(LogError) {
            _ = try Log.open(directory: directory, options: LogOptions(name: "n1"))
            Issue.record("the log was opened")
            return nil
        } catch {
            #expect(error.code == code)
            return error
        }
    }

    @Test("writes from several threads are completed in order and are there again")
    func thread() throws {
        try withDirectory { directory in
            var sample = SampleLog()
            for _ in 0..<3 {
                sample.segment()
                for number in 0..<50 { sample.transaction(rowBytes: number * 4000) }
            }
            let log = try Log.open(directory: directory, options: LogOptions(name: "n1"))
            let completed = Mutex<[UInt64]>([])
            log.start(completion: { batch in completed.withLock { $0 += batch.map(\.lastIndex) } }, failure: { Issue.record($0) })
            for entry in sample.entries { log.submit(LogWrite(entries: [entry])) }
            log.noteCommit(100)
            log.stop()
            #expect(log.queuedBytes == 0)
            #expect(log.stalledNanoseconds == 0)
            #expect(completed.withLock { $0 } == sample.entries.map(\.header.index))
            #expect(try log.freeBytes() > 0 && log.freeBytes() <= log.totalBytes())
            let again = try Log.open(directory: directory, options: LogOptions(name: "n1"))
            #expect(again.recovered.state == sample.state)
            #expect(again.recovered.commitIndex == 100)
            #expect(again.recovered.committedState?.index == 52 || again.recovered.committedState?.index == 100)
            try expectLog(again, holds: sample.entries)
        }
    }

    @Test("a directory that is in use is refused, naming the process")
    func lock() throws {
        try withDirectory { directory in
            let log = try Log.open(directory: directory, options: LogOptions(name: "n1"))
            let error = expectFailure(.locked, directory)
            #expect(error?.reason.contains("\(ProcessInfo.processInfo.processIdentifier)") == true)
            log.stop()
            _ = try Log.open(directory: directory, options: LogOptions(name: "n1"))
        }
    }

    @Test("a directory whose parent is not there is an error")
    func noParent() throws {
        try withDirectory { directory in _ = expectFailure(.io, directory + "/deeper/still") }
    }

    @Test("a spool leaves no file behind")
    func spool() throws {
        try withDirectory { directory in
            let log = try Log.open(directory: directory, options: LogOptions(name: "n1"))
            let spool = try Spool(directory: log.spoolDirectory)
            let content: [UInt8] = [1, 2, 3]
            try spool.append(content.span.bytes)
            #expect(try FileManager.default.contentsOfDirectory(atPath: log.spoolDirectory).isEmpty)
            var bytes = [UInt8](repeating: 0, count: 2)
            try bytes.withUnsafeMutableBytes { try spool.read(at: 1, into: $0) }
            #expect(bytes == [2, 3])
        }
    }
}
