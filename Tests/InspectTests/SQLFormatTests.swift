import BinlogFiles
import BinlogInput
import Common
import Testing

@testable import binlog_inspect

/// `--format sql`; that servers make the same of it is shown against real ones.
@Suite struct SQLFormatTests {
    static let full = "rows-mysql-9.7.4-full.000001"

    private func inspect(_ names: [String], _ rows: RowFilter = RowFilter(), limit: UInt64? = nil, threads: Int = 1) throws -> Inspected {
        var options = InspectOptions(threadCount: threads)
        options.print = PrintOptions(format: .sql, rows: rows, limit: limit)
        return try Inspected(names.map { $0.hasPrefix("/") ? $0 : Corpus.path($0) }, options)
    }

    private func isChange(_ line: String) -> Bool { ["INSERT INTO `", "UPDATE `", "DELETE FROM `"].contains { line.hasPrefix($0) } }

    @Test("the session's state is saved at the head and given back at the end, also around nothing")
    func frame() throws {
        let nothing = try inspect([Self.full], RowFilter(databases: [Glob("nowhere")]))
        #expect(nothing.error == nil)
        let lines = nothing.lines.filter { !$0.hasPrefix("#") }
        #expect(lines.first?.hasPrefix("SET @kingbus_character_set_client=@@SESSION.character_set_client,") == true)
        #expect(lines.last?.hasPrefix("SET @@SESSION.character_set_client=@kingbus_character_set_client,") == true)
        #expect(!lines.contains { isChange($0) || $0 == "BEGIN;" || $0 == "COMMIT;" })
    }

    @Test("each transaction is begun and committed, and named by its GTID")
    func transactions() throws {
        let shown = try inspect([Self.full])
        #expect(shown.error == nil)
        #expect(shown.lines.contains(where: isChange))
        #expect(shown.lines.count { $0 == "BEGIN;" } == shown.lines.count { $0 == "COMMIT;" })
        let begin = try #require(shown.lines.firstIndex(of: "BEGIN;"))
        #expect(shown.lines[begin - 1].hasPrefix("# transaction "))
    }

    @Test("several threads print what one prints", arguments: [full, "mysql-9.7.4-shapes.000001", "mariadb-10.11.19-shapes.000001"])
    func threads(name: String) throws {
        let one = try inspect([name, name])
        #expect(try inspect([name, name], threads: 4).lines == one.lines)
        #expect(one.error == nil || one.error?.code == .failure)
    }

    @Test("a limit counts changes, and what it cuts is committed")
    func limit() throws {
        let all = try inspect([Self.full])
        for count in [1, 2, 7] {
            let shown = try inspect([Self.full], limit: UInt64(count))
            let changes = shown.lines.filter { isChange($0) || ["CREATE", "DROP", "ALTER"].contains($0.split(separator: " ").first) }
            #expect(changes.count == count)
            #expect(shown.lines.count { $0 == "BEGIN;" } == shown.lines.count { $0 == "COMMIT;" })
            #expect(shown.lines.last == all.lines.last)
        }
    }

    @Test("a filter leaves only wanted rows, in their transactions")
    func filter() throws {
        let all = try inspect([Self.full])
        let table = try #require(all.lines.first { $0.hasPrefix("DELETE FROM `") }?.split(separator: "`")[3])
        var filter = RowFilter(tables: [TablePattern(String(table))])
        filter.changes = [.delete]
        let shown = try inspect([Self.full], filter)
        let changes = shown.lines.filter(isChange)
        #expect(!changes.isEmpty && changes.allSatisfy { $0.hasPrefix("DELETE FROM `") && $0.contains(".`\(table)` WHERE ") })
        #expect(changes == all.lines.filter { $0.hasPrefix("DELETE FROM `") && $0.contains(".`\(table)` WHERE ") })
        #expect(shown.lines.count { $0 == "BEGIN;" } == shown.lines.count { $0 == "COMMIT;" })
    }

    @Test("updates without the columns' names are refused by the table's name")
    func minimal() throws {
        let error = try #require(try inspect(["rows-mysql-9.7.4-minimal.000001"]).error)
        #expect(error.code == .failure)
        #expect(error.reason.contains("binlog_row_metadata=FULL"))
    }

    @Test("a file that ends inside a transaction undoes it")
    func unfinished() throws {
        let bytes = try Corpus.bytes("mysql-9.7.4-shapes.000001")
        var end = 4
        var cuts: [Int] = []
        while end + 19 <= bytes.count {
            let length = (0..<4).reduce(0) { $0 | Int(bytes[end + 9 + $1]) << (8 * $1) }
            let type = EventType(rawValue: bytes[end + 4])
            end += length
            if type == .writeRows { cuts.append(end) }
        }
        let cut = try #require(cuts.first)
        let folder = try TemporaryFolder()
        let shown = try inspect([try folder.write(Array(bytes[..<cut]))])
        #expect(shown.lines.contains("ROLLBACK;"))
        #expect(shown.lines.last?.hasPrefix("SET @@SESSION.") == true)
    }

    @Test("a transaction that is printed in several stretches is begun and committed once", arguments: [1, 4], [false, true])
    func longTransaction(threads: Int, isFiltered: Bool) throws {
        var file = ScriptedFile()
        file.group(5)
        file.table()
        for _ in 0..<10 { file.insert([[UInt8](repeating: 1, count: 1 << 20)], endsStatement: false) }
        file.commit()
        let folder = try TemporaryFolder()
        let filter = RowFilter(tables: isFiltered ? [TablePattern("d.t")] : [])
        let shown = try inspect([try folder.write(file.bytes)], filter, threads: threads)
        #expect(shown.error == nil)
        #expect(shown.lines.count(where: isChange) == 10)
        for line in ["# transaction 0-1-5", "BEGIN;", "COMMIT;"] { #expect(shown.lines.count { $0 == line } == 1, "\(line)") }
    }

    @Test("what a statement needs stands before it, in whatever stretch that begins", arguments: [1, 4])
    func variables(threads: Int) throws {
        var file = ScriptedFile()
        file.query("BEGIN")
        file.variable("v", [UInt8](repeating: UInt8(ascii: "x"), count: 2 << 20))
        file.query("INSERT INTO t VALUES (@v)")
        file.query("INSERT INTO t VALUES (1)")
        file.commit()
        let folder = try TemporaryFolder()
        let lines = try inspect([try folder.write(file.bytes)], threads: threads).lines
        let variable = try #require(lines.firstIndex { $0.hasPrefix("SET @`v`:=CAST(_utf8mb4 x'7878") })
        #expect(lines[(variable + 2)...].first == "INSERT INTO t VALUES (@v)")
        #expect(lines.count { $0.hasPrefix("SET @`v`") } == 1)
    }

    @Test("a statement with more variables than are kept is refused")
    func manyVariables() throws {
        var file = ScriptedFile()
        file.variable("v", [UInt8](repeating: 0, count: TransactionContext.maxVariableBytes / 4))
        let event = file.bytes.span.bytes.extracting(last: file.bytes.count - ScriptedFile().bytes.count)
        let header = try EventHeader(decoding: event)
        var context = TransactionContext(keepsVariables: true)
        for _ in 0..<3 { try context.take(header, event, isOpen: true) }
        #expect(throws: CodecError.self) { try context.take(header, event, isOpen: true) }
    }

    @Test("every recorded file is printed to its end, or to what SQL cannot hold", arguments: Corpus.files.map(\.name))
    func corpus(name: String) throws {
        let shown = try inspect([name])
        #expect(shown.error == nil || shown.error?.code == .failure, "\(String(describing: shown.error))")
    }

    @Test("statements that mysql would misread are known, and their end is marked by what is not in them")
    func hazards() {
        func isHazardous(_ text: String) -> Bool { StatementHazards.isHazardous(Array(text.utf8).span.bytes) }
        func cannotBePrepared(_ text: String) -> Bool { StatementHazards.cannotBePrepared(Array(text.utf8).span.bytes) }
        func delimiter(_ text: String) -> String { StatementHazards.delimiter(for: Array(text.utf8).span.bytes) }
        #expect(["a\0b", "a\r\nb", "`a\\`", "DeLimiter x"].allSatisfy(isHazardous))
        #expect(!["SELECT 'a\nb\\'", "delimiters", "`a`"].contains(where: isHazardous))
        // mysql reads on in what only the server takes for a comment: a command there would be run by a shell.
        #expect(
            ["INSERT /*+ \\! touch x */ INTO t", "INSERT /*+ don't */ INTO t", "/*!99999 \\! x */ SELECT 1", "/*M!100000 \" */ SELECT 1"]
                .allSatisfy(isHazardous))
        #expect(!["/*!50100 PARTITION BY LIST (a) ('x') */", "/* don't \\! */ SELECT 1"].contains(where: isHazardous))
        #expect(delimiter("SELECT 1") == ";")
        #expect(delimiter("SELECT ';'") == "$$")
        #expect(delimiter("; $$") == "//")
        #expect(delimiter("; $$ // $0$") == "$1$")
        #expect(cannotBePrepared("CREATE DEFINER=`a`@`b` TRIGGER t"))
        #expect(!cannotBePrepared("CREATE TABLE t (i INT)"))
    }

    @Test(
        "Mutation: damaged bytes end with an error or with other SQL, never with a trap",
        arguments: [full, "mysql-9.7.4-shapes.000001", "mysql-9.7.4-statements.000001", "mariadb-10.11.19-shapes.000001"])
    func mutation(name: String) throws {
        let bytes = try Corpus.bytes(name)
        let folder = try TemporaryFolder()
        var state: UInt64 = 42
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<150 {
            var damaged = bytes
            // Behind the first event, without which nothing is read.
            for _ in 0...random(4) { damaged[130 + random(bytes.count - 130)] = UInt8(random(256)) }
            _ = try inspect([try folder.write(damaged)])
        }
    }

    @Test("names keep to their backticks")
    func identifiers() {
        var sink = ByteSink(capacity: 64)
        sink.append(identifier: "a`b\\".utf8)
        #expect(sink.string == "`a``b\\`")
    }
}
