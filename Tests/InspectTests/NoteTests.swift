import BinlogFiles
import BinlogInput
import Common
import Foundation
import Testing

@testable import binlog_inspect

/// What is told beside rows and statements, in every format.
@Suite struct NoteTests {
    /// An inspection, and what it told on stderr.
    private func inspect(
        _ paths: [String], _ format: PrintOptions.Format, rows: RowFilter = RowFilter(), verify: Bool = false, threads: Int = 1
    ) throws -> (shown: Inspected, told: [String]) {
        final class Told { var lines: [String] = [] }
        let told = Told()
        var options = InspectOptions(print: PrintOptions(format: format, rows: rows), verify: verify, threadCount: threads)
        options.tell = { told.lines.append($0) }
        return (try Inspected(paths, options), told.lines)
    }

    private func object(_ line: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    /// A transaction with a row event in three pieces, an incident, and a transaction with a row.
    private func losses() -> [UInt8] {
        var file = ScriptedFile()
        file.group(1)
        file.table()
        for number in 1...3 as ClosedRange<UInt32> {
            var body: [UInt8] = []
            body.append(littleEndian: 3 as UInt32)
            body.append(littleEndian: number)
            file.add(.partialRowData, body + [0, 1, 2, 3])
        }
        file.commit()
        file.add(.incident, [1, 0, 5] + Array("lost!".utf8))
        file.group(2)
        file.table()
        file.insert([[1]])
        file.commit()
        return file.bytes
    }

    @Test("row events in pieces and incidents have a line of json, whatever the filter", arguments: [false, true])
    func json(isFiltered: Bool) throws {
        let folder = try TemporaryFolder()
        let filter = isFiltered ? RowFilter(tables: [TablePattern("other")]) : RowFilter()
        let shown = try inspect([try folder.write(losses())], .json, rows: filter).shown
        #expect(shown.error == nil)
        let objects = try shown.lines.map(object)
        let kinds = objects.map { $0["type"] as? String }
        let pieces = [String?](repeating: "partial_row_data", count: 3)
        #expect(kinds == (isFiltered ? pieces + ["incident"] : pieces + ["commit", "incident", "insert", "commit"]))
        #expect(objects[1]["piece"] as? Int == 2 && objects[1]["pieces"] as? Int == 3 && objects[1]["gtid"] as? String == "0-1-1")
        let incident = try #require(objects.first { $0["type"] as? String == "incident" })
        #expect(incident["message"] as? String == "lost!")
    }

    @Test("a filter of rows leaves the lines of what may stand for some")
    func text() throws {
        let folder = try TemporaryFolder()
        let shown = try inspect([try folder.write(losses())], .text, rows: RowFilter(tables: [TablePattern("other")])).shown
        #expect(shown.events.count == 4 && shown.events.count { $0.contains("  piece=") } == 3 && shown.rows.isEmpty)
        #expect(shown.events.last?.hasSuffix("  LOST_EVENTS lost!") == true)
    }

    @Test("a summary counts incidents and pieces of row events, once, by any number of threads", arguments: [1, 4])
    func summary(threads: Int) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(losses())
        let lines = try inspect([path, path], .summary, threads: threads).shown.lines
        #expect(lines.contains("incidents       2") && lines.contains("row data pieces 6"))
        #expect(lines.contains { $0.split(separator: " ").last == "d.t" && $0.split(separator: " ").first == "2" })
    }

    @Test("sql refuses a row event in pieces by its place, and an incident")
    func sql() throws {
        let folder = try TemporaryFolder()
        let error = try #require(try inspect([try folder.write(losses())], .sql).shown.error)
        #expect(error.code == .failure && error.offset != nil && error.reason.contains("a row event in pieces"))
        var file = ScriptedFile()
        file.add(.incident, [1, 0, 0])
        #expect(try inspect([try folder.write(file.bytes)], .sql).shown.error?.reason.contains("an incident") == true)
    }

    @Test("a row's history names what it may lack")
    func history() throws {
        let folder = try TemporaryFolder()
        let lines = try inspect([try folder.write(losses())], .history).shown.lines
        #expect(lines.contains { $0.hasPrefix("# note: \(EventType.partialRowData) at ") && $0.hasSuffix("piece=2/3") })
        #expect(lines.contains { $0.hasPrefix("# note: Incident at ") && $0.hasSuffix("LOST_EVENTS lost!") })
    }

    /// A transaction that another one cuts short, and one that the file's end does.
    private func unfinished() -> [UInt8] {
        var file = ScriptedFile()
        for number in [7, 8, 9] as [UInt64] {
            file.group(number)
            file.table()
            file.insert([[1]])
            if number == 8 { file.commit() }
        }
        return file.bytes
    }

    @Test("a transaction that never ends is told in every format", arguments: PrintOptions.Format.allCases)
    func unfinished(format: PrintOptions.Format) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(unfinished())
        let (shown, told) = try inspect([path], format)
        #expect(shown.error == nil)
        let texts = ["transaction 0-1-7 was never finished", "the file ends inside transaction 0-1-9"]
        switch format {
        case .text, .history: #expect(texts.allSatisfy { shown.lines.contains("# note: \($0)") } && told.isEmpty)
        case .sql:
            #expect(texts.allSatisfy { shown.lines.contains("# note: \($0)") })
            #expect(told == texts.map { "\(path): \($0)" })
            #expect(shown.lines.count { $0 == "ROLLBACK;" } == 2 && shown.lines.count { $0 == "COMMIT;" } == 1)
        case .json:
            let notes = try shown.lines.map(object).filter { $0["type"] as? String == "note" }
            #expect(notes.map { $0["text"] as? String } == texts)
            #expect(notes.map { $0["gtid"] as? String } == ["0-1-7", "0-1-9"])
            #expect(notes.allSatisfy { $0["kind"] as? String == "unfinished" && $0["file"] as? String == "binlog.000001" })
            #expect(told == texts.map { "\(path): \($0)" })
        case .summary:
            #expect(shown.lines.contains("unfinished      2") && shown.lines.contains("transactions    1"))
            #expect(texts.allSatisfy { shown.lines.contains("  \($0)") })
        }
    }

    @Test("what a check finds is told in json and in a summary")
    func verify() throws {
        let files = ["kingbus-5.7.23-gtid.000011", "kingbus-5.7.23-gtid.000013", "kingbus-5.7.23-gtid.000013"].map(Corpus.path)
        let (json, told) = try inspect(files, .json, verify: true)
        let kinds = try json.lines.map(object).filter { $0["type"] as? String == "note" }.compactMap { $0["kind"] as? String }
        #expect(kinds.count { $0 == "verified" } == 3)
        #expect(Set(kinds) == ["verified", "gtid_gap", "gtid_twice"])
        #expect(told.count == kinds.count { $0 != "verified" })
        let summary = try inspect(files, .summary, verify: true).shown.lines
        #expect(summary.contains { $0.hasPrefix("  executed before this file, and in none of the files before it: 214eb71f-") })
        #expect(summary.contains { $0.hasPrefix("  and ") && $0.hasSuffix(" more") } || summary.contains { $0.hasSuffix("is there twice") })
        #expect(summary.count { $0.hasPrefix("  verified: ") } <= 3)
    }

    @Test("a LOAD DATA that stands in the binlog as a statement has a line of json")
    func load() throws {
        let lines = try inspect([Corpus.path("mysql-9.7.4-statements.000001")], .json).shown.lines
        #expect(lines.contains { $0.contains(#""type":"statement""#) && $0.contains("LOAD DATA") })
    }
}
