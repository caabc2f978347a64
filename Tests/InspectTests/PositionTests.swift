import BinlogFiles
import ArgumentParser
import Common
import Testing

@testable import binlog_inspect

/// `--start-position` and `--stop-position`.
@Suite struct PositionTests {
    private static let path = Corpus.path("rows-mysql-9.7.4-full.000001")

    private func inspect(
        _ paths: [String] = [path], from start: UInt64 = 0, to stop: UInt64? = nil,
        _ format: PrintOptions.Format = .text
    ) throws -> Inspected {
        var options = InspectOptions(print: PrintOptions(format: format))
        options.startPosition = start
        options.stopPosition = stop
        return try Inspected(paths, options)
    }

    private func offset(_ line: String) -> UInt64 {
        line.split(separator: " ").first.flatMap { UInt64($0) } ?? 0
    }

    @Test(
        "the reading begins and ends with any event, and what is shown is what is shown of the whole file"
    )
    func everywhere() throws {
        let all = try inspect()
        let offsets = all.events.map(offset)
        for (index, position) in offsets.enumerated() where index % 7 == 0 {
            let behind = try inspect(from: position)
            #expect(
                behind.error == nil && behind.events == Array(all.events[index...]),
                "from \(position): \(String(describing: behind.error))")
            #expect(all.rows.suffix(behind.rows.count) == behind.rows[...])
            let before = try inspect(to: position)
            #expect(before.error == nil && before.events == Array(all.events[..<index]), "to \(position)")
            #expect(
                all.rows.prefix(before.rows.count) == before.rows[...]
                    && before.rows.count + behind.rows.count == all.rows.count)
        }
    }

    @Test("of several files the first begins and the last ends where it is said")
    func severalFiles() throws {
        let all = try inspect()
        let (first, last) = (all.events.count / 3, all.events.count / 2)
        let (start, stop) = (offset(all.events[first]), offset(all.events[last]))
        let shown = try inspect([Self.path, Self.path, Self.path], from: start, to: stop)
        #expect(shown.events == Array(all.events[first...]) + all.events + Array(all.events[..<last]))
    }

    @Test(
        "a position inside an event, or behind the file's end, is refused by its place; one to stop at lets the event end"
    )
    func insideEvents() throws {
        let all = try inspect()
        let (event, next) = (offset(all.events[9]), offset(all.events[10]))
        for position in [event + 1, next - 1] {
            let shown = try inspect(from: position)
            let error = try #require(shown.error)
            #expect(error.code == .usage && error.offset == event && shown.events.isEmpty)
            #expect(
                error.reason.contains("--start-position \(position) is inside a ")
                    && error.reason.hasSuffix("ends at \(next)"))
            #expect(try inspect(to: position).events == Array(all.events[...9]))
        }
        let beyond = try #require(try inspect(from: 1 << 40).error)
        #expect(beyond.code == .usage && beyond.reason.contains("the file ends before"))
        #expect(try inspect(from: 4, to: 4).events.isEmpty)
    }

    @Test(
        "a part that begins inside a transaction is a transaction of its own in sql, and one that ends there is undone"
    )
    func transactions() throws {
        let lines = try inspect().events
        let rows = try #require(lines.first { $0.contains("Write_rows") })
        let begun = try inspect(from: offset(rows), .sql)
        let change = try #require(begun.lines.firstIndex { $0.hasPrefix("INSERT INTO `") })
        let begin = try #require(begun.lines.firstIndex(of: "BEGIN;"))
        #expect(
            begun.error == nil && begin < change
                && begun.lines.count { $0 == "BEGIN;" } == begun.lines.count { $0 == "COMMIT;" })
        let behind = try #require(lines.firstIndex(of: rows).map { lines[$0 + 1] })
        let ended = try inspect(to: offset(behind), .sql)
        #expect(
            ended.error == nil
                && ended.lines.last { ["COMMIT;", "ROLLBACK;"].contains($0) } == "ROLLBACK;")
        #expect(ended.lines.contains("# note: --stop-position stands inside a transaction"))
        let json = try inspect(from: offset(rows), .json).lines
        #expect(json.first?.hasPrefix("{\"gtid\":\"") == true)
    }

    @Test(
        "mysqlbinlog's names are taken",
        arguments: [
            ["--include-gtids", "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5"],
            ["--exclude-gtids", "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5"],
            ["--start-datetime", "2026-11-21 08:00:00"], ["--stop-datetime", "2026-11-21 08:00:00"],
            ["--start-position", "4"],
            ["--stop-position", "4711"],
        ])
    func aliases(option: [String]) throws { _ = try BinlogInspect.parse(option + ["binlog.000001"]) }

    @Test("a position needs a file", arguments: ["mysql://root@localhost", "/tmp"])
    func inputs(input: String) {
        for option in ["--start-position", "--stop-position"] {
            #expect(throws: (any Error).self) { try BinlogInspect.parse([option, "4", input]) }
        }
        #expect(throws: Never.self) {
            try BinlogInspect.parse(["--start-position", "4", "mysql://root@localhost/binlog.000007"])
        }
    }
}
