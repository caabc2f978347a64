import ArgumentParser
import Testing

@testable import flashback

/// What the command line is refused for before anything is read.
@Suite struct CommandTests {
    private func isTaken(_ arguments: [String]) -> Bool { (try? Flashback.parse(arguments)) != nil }

    @Test("what is undone on a server is named so that it means the same when the command goes on")
    func relativeTimes() {
        let apply = ["--apply", "mysql://admin@db1", "binlog.000012"]
        #expect(isTaken(apply + ["--since", "2026-11-21T08:00:00Z"]))
        #expect(isTaken(apply + ["--since=-15m", "--dry-run"]))
        #expect(isTaken(["--since=-15m", "binlog.000012"]))
        #expect(!isTaken(apply + ["--since=-15m"]))
        #expect(!isTaken(apply + ["--until=-15m"]))
    }

    @Test("options that do not go together are refused")
    func contradictions() {
        #expect(!isTaken([]))
        #expect(!isTaken(["--check", "-o", "undo.sql", "binlog.000012"]))
        #expect(!isTaken(["--dry-run", "binlog.000012"]))
        #expect(!isTaken(["--apply", "mysql://admin@db1", "--check", "binlog.000012"]))
        #expect(!isTaken(["--not-in", "http://n1:8707", "--table", "t", "binlog.000012"]))
        #expect(isTaken(["--not-in", "http://n1:8707", "binlog.000012"]))
    }
}
