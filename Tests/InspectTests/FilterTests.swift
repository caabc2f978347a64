import BinlogFiles
import BinlogInput
import Foundation
import Testing

@testable import binlog_inspect

@Suite struct FilterTests {
    @Test(
        "a pattern matches whole names",
        arguments: [
            ("orders", "orders", true), ("orders", "orders2", false), ("order*", "orders", true), ("*", "", true), ("*s", "orders", true),
            ("o?ders", "orders", true), ("o?ders", "oders", false), ("?", "ü", true), ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false), ("", "", true), ("", "x", false), ("**a**", "banana", true),
        ])
    func glob(pattern: String, name: String, matches: Bool) {
        #expect(Glob(pattern).matches(name.utf8) == matches)
    }

    @Test(
        "comments before a statement do not hide what it does",
        arguments: ["-- migration 42\nALTER TABLE t", "# x\n  DROP TABLE t", "/* x */ -- y\nCREATE TABLE t", "/*M!100100 DROP TABLE t */"])
    func kind(statement: String) { #expect(StatementText.kind(of: Array(statement.utf8).span.bytes) == .ddl) }

    @Test("rows are numbered anew in each transaction of a server that writes no GTID events")
    func oldTransactions() throws {
        var file = ScriptedFile()
        for count in 1...3 {
            file.query("BEGIN")
            file.table()
            file.insert([[UInt8]](repeating: [1], count: count))
            file.commit()
        }
        let folder = try TemporaryFolder()
        let lines = try Inspected([try folder.write(file.bytes)], InspectOptions(print: PrintOptions(format: .json))).lines
        let numbers = lines.compactMap { $0.firstMatch(of: #/"(?:seq|rows)":(\d+)/#).map { String($0.1) } }
        #expect(numbers == ["1", "1", "1", "2", "2", "1", "2", "3", "3"])
    }

    @Test("a compressed statement is found by its kind")
    func compressedStatement() throws {
        let options = InspectOptions(print: PrintOptions(rows: RowFilter(changes: [.statement])))
        let lines = try Inspected([Corpus.path("mariadb-10.11.19-compressed.000002")], options).lines
        #expect(lines.count { $0.contains("Query_compressed") } == 4)
    }

    @Test("a table is named alone or with its database")
    func table() {
        #expect(TablePattern("orders").matches(database: "shop", table: "orders"))
        #expect(TablePattern("shop.ord*").matches(database: "shop", table: "orders"))
        #expect(!TablePattern("other.*").matches(database: "shop", table: "orders"))
    }

    @Test("a condition that compares nothing is refused in words", arguments: ["", "id", "= 3", " IS NULL", "  !=  "])
    func badConditions(text: String) {
        #expect(throws: RowCondition.ParseError.self) { try RowCondition(parsing: text) }
    }

    @Test("times are read in every form, and in the time zone that is asked for")
    func times() throws {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let utc = try TimeText(timeZone: "UTC", now: now)
        let noon: UInt64 = 1_795_262_400_000_000
        #expect(try utc.microseconds("2026-11-21T12:00:00Z") == noon)
        #expect(try utc.microseconds("2026-11-21 12:00:00") == noon)
        #expect(try utc.microseconds("2026-11-21T13:30:00.25+01:30") == noon + 250_000)
        #expect(try utc.microseconds("2026-11-21") == noon - 43_200_000_000)
        #expect(try utc.microseconds("-15m") == 1_800_000_000_000_000 - 900_000_000)
        #expect(try utc.microseconds("-2d") == 1_800_000_000_000_000 - 172_800_000_000)
        #expect(try TimeText(timeZone: "Europe/Berlin", now: now).microseconds("2026-11-21 13:00") == noon)
        #expect(try TimeText(timeZone: "-05:00", now: now).microseconds("2026-11-21 07:00") == noon)
        for text in ["", "yesterday", "2026-13-01", "2026-02-30", "12:00", "-15", "-m", "2026-11-21 25:00", "-1e400s"] {
            #expect(throws: TimeText.ParseError.self) { try utc.microseconds(text) }
        }
        #expect(throws: TimeText.ParseError.self) { try TimeText(timeZone: "Nowhere/Land") }
    }

    @Test(
        "what a shell would take apart is quoted",
        arguments: [("a.b-c", "a.b-c"), ("id=42", "'id=42'"), ("it's", "'it'\\''s'"), ("", "''")])
    func shell(text: String, quoted: String) {
        #expect(Printer.shellQuoted(text) == quoted)
    }
}
