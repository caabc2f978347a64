import BinlogFiles
import BinlogInput
import Common
import Foundation
import Testing

@testable import binlog_inspect

/// What lines about rows tell of their transaction and statement.
@Suite struct RowContextTests {
    private func objects(_ bytes: [UInt8], threads: Int = 1) throws -> [[String: Any]] {
        let folder = try TemporaryFolder()
        let shown = try Inspected(
            [try folder.write(bytes)],
            InspectOptions(print: PrintOptions(format: .json), threadCount: threads))
        #expect(shown.error == nil)
        return try shown.lines.map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    private func history(_ bytes: [UInt8]) throws -> [String] {
        let folder = try TemporaryFolder()
        return try Inspected(
            [try folder.write(bytes)], InspectOptions(print: PrintOptions(format: .history))
        ).lines
    }

    @Test(
        "a thread is told where the binlog tells it, as MariaDB does from 11.5 on, and is null elsewhere"
    )
    func threads() throws {
        var file = ScriptedFile(serverVersion: "11.8.3-MariaDB")
        file.group(1, thread: 4_294_967_299)
        file.table()
        file.insert([[1]])
        file.commit()
        file.group(2)
        file.table()
        file.insert([[2]])
        file.commit()
        let rows = try objects(file.bytes).filter { $0["type"] as? String == "insert" }
        #expect(
            rows.count == 2 && rows[0]["thread_id"] as? UInt64 == 4_294_967_299
                && rows[1]["thread_id"] is NSNull)
        let heads = try history(file.bytes).filter { $0.contains("  insert ") }
        #expect(
            heads.count == 2 && heads[0].contains("  thread 4294967299  server 1")
                && !heads[1].contains("thread"))
    }

    @Test(
        "a long statement stands beside all of its rows, and one that is too long beside none",
        arguments: [1, 4])
    func statements(threads: Int) throws {
        var file = ScriptedFile()
        file.group(1)
        for byteCount in [100 << 10, 5 << 20] {
            file.add(.annotateRows, [UInt8](repeating: UInt8(ascii: "x"), count: byteCount))
            file.table()
            for number in 0..<6 {
                file.insert([[UInt8](repeating: 1, count: 1 << 20)], endsStatement: number == 5)
            }
        }
        file.commit()
        let rows = try objects(file.bytes, threads: threads).filter {
            $0["type"] as? String == "insert"
        }
        #expect(rows.count == 12)
        #expect(rows.prefix(6).allSatisfy { ($0["query"] as? String)?.utf8.count == 100 << 10 })
        #expect(rows.suffix(6).allSatisfy { $0["query"] == nil })
    }

    @Test("XA COMMIT and XA ROLLBACK end what was prepared, and a ROLLBACK is no commit")
    func ends() throws {
        var file = ScriptedFile()
        for statement in ["XA COMMIT X'6b',X'62',7", "XA ROLLBACK X'6b',X'62',8"] {
            file.query(statement)
        }
        file.query("BEGIN")
        file.table()
        file.insert([[1]])
        file.query("ROLLBACK")
        let ends = try objects(file.bytes).filter { $0["rows"] != nil }
        #expect(ends.map { $0["type"] as? String } == ["commit", "rollback", "rollback"])
        #expect(ends.map { $0["xid"] as? String } == ["X'6b',X'62',7", "X'6b',X'62',8", nil])
        #expect(ends.map { $0["rows"] as? Int } == [0, 0, 1])
        let shown = try Inspected(
            [Corpus.path("mysql-9.7.4-shapes.000001")], InspectOptions(print: PrintOptions(format: .json))
        ).lines
        #expect(
            shown.contains {
                $0.contains(#""type":"commit""#) && $0.contains(#""xid":"X'6b',X'62',7","prepared":true"#)
            })
    }

    @Test(
        "a description inside an open transaction ends it, and what follows does not take over a GTID")
    func descriptions() throws {
        var file = ScriptedFile()
        file.group(1)
        file.table()
        file.insert([[1]])
        file.commit()
        file.variable("v", [1])
        file.describe()
        file.query("CREATE TABLE t (i INT)")
        let lines = try objects(file.bytes)
        let note = try #require(lines.first { $0["type"] as? String == "note" })
        #expect(
            note["text"] as? String == "a transaction without a GTID was never finished"
                && note["gtid"] is NSNull)
        let ddl = try #require(lines.first { $0["type"] as? String == "ddl" })
        #expect(ddl["gtid"] is NSNull)
    }

    @Test("sql checks unique keys as the session did that wrote the rows")
    func uniqueChecks() throws {
        var file = ScriptedFile()
        for flags in [0, 4, 4, 0] as [UInt8] {
            file.query("BEGIN")
            file.table()
            file.insert([[1]], flags: flags)
            file.commit()
        }
        let folder = try TemporaryFolder()
        let lines = try Inspected(
            [try folder.write(file.bytes)], InspectOptions(print: PrintOptions(format: .sql))
        ).lines
        let told = lines.filter {
            $0.hasPrefix("INSERT INTO ") || $0.hasPrefix("SET @@SESSION.unique_checks")
        }
        let kinds = told.map { $0.hasPrefix("INSERT") ? "row" : String($0.suffix(2).prefix(1)) }
        #expect(kinds == ["row", "0", "row", "row", "1", "row"])
        #expect(lines.contains { $0.contains("@@SESSION.unique_checks=1,") })
    }

    @Test(
        "times of MariaDB's that need a schema to be read ask for it, and are no damage",
        arguments: [
            // TIME(3) of 5 bytes, DATETIME(6) of 8, TIMESTAMP(6) of 7, where 3, 8 and 4 are expected.
            (ColumnType.time, [0x01, 0x9e, 0x28, 0xff, 0xff] as [UInt8]),
            (.dateTime, [0x70, 0x2a, 0x91, 0xff, 0xff, 0xff, 0xff, 0xff]),
            (.timestamp, [0x6a, 0, 0, 0, 1, 2, 3]),
        ])
    func hiresTimes(type: ColumnType, value: [UInt8]) throws {
        func error(_ version: String) throws -> ToolError? {
            var file = ScriptedFile(serverVersion: version)
            file.query("BEGIN")
            file.table(types: [type, .long])
            file.row(value + [1, 0, 0, 0], columnCount: 2)
            file.commit()
            let folder = try TemporaryFolder()
            return try Inspected([try folder.write(file.bytes)]).error
        }
        let mariaDB = try #require(try error("10.11.19-MariaDB"))
        #expect(
            mariaDB.code == .failure && mariaDB.reason.contains("--schema")
                && mariaDB.reason.contains("`d`.`t`"))
        if type != .dateTime { #expect(try error("5.5.27")?.code == .damaged) }
    }
}
