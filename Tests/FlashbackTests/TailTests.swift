import BinlogFiles
import BinlogInput
import Common
import Testing

@testable import flashback

/// `--not-in`: what a cluster lacks is undone, where it is the end of the binlog and nothing that is kept depends on it.
@Suite struct TailTests {
    private static let source = "00000000-0000-0001-0000-000000000002:"

    private static func verdict(_ script: BinlogScript, held: String, schema: String? = nil) throws -> Verdict {
        let folder = try TemporaryFolder()
        return try undo(held: held, schema: schema).examine([folder.write(script.bytes, "copy")]).verdict
    }

    private static func undo(held: String, schema: String? = nil) throws -> Undo {
        var undo = Undo(output: .binlog)
        undo.mustBeTail = true
        undo.transactions.excluded = try GTIDSet(parsing: source + held)
        undo.schema = try schema.map {
            SchemaStore(
                DatabaseSchema(tables: try TableSchema.tables(parsing: Array($0.utf8)), knowsForeignKeys: true), of: "schema", isLive: true,
                tell: { _ in })
        }
        return undo
    }

    /// A transaction for each table, which inserts a row.
    private static func inserts(_ tables: String...) -> BinlogScript {
        var script = BinlogScript()
        for (index, table) in tables.enumerated() {
            script.begin()
            script.table(UInt8(index + 1), table, names: ["id"])
            script.rows(.writeRows, UInt8(index + 1), [[1]])
            script.commit()
        }
        return script
    }

    @Test("the transactions that the cluster lacks are undone, from the first of them to the end")
    func tail() throws {
        let verdict = try Self.verdict(Self.inserts("a", "b", "a", "b"), held: "1-2")
        #expect(verdict.outcome == .reversible && verdict.transactionCount == 2 && verdict.warnings.isEmpty)
        #expect(try Self.verdict(Self.inserts("a", "b"), held: "1-2").transactionCount == 0)
    }

    @Test("one that it has, and that came later in the same table, is in the way, each by itself")
    func later() throws {
        let verdict = try Self.verdict(Self.inserts("a", "a", "b", "a"), held: "1:3-4")
        #expect(verdict.outcome == .irreversible)
        #expect(verdict.blockers.map(\.gtid) == [Self.source + "4"])
        #expect(verdict.blockers.map { $0.reason.contains("it changes `shop`.`a` after a transaction that the cluster lacks") } == [true])
        #expect(try Self.verdict(Self.inserts("a", "a", "a"), held: "2-3").blockers.map(\.gtid) == [Self.source + "2", Self.source + "3"])
        // In another table, whether something ties them is not known without a schema.
        let other = try Self.verdict(Self.inserts("a", "b"), held: "2")
        #expect(other.outcome == .reversible && other.warnings.map { $0.contains("whether foreign keys tie them is not known") } == [true])
    }

    @Test("one that it has, and that a foreign key ties to what is undone, is in the way", arguments: ["a", "b"])
    func foreignKeys(first: String) throws {
        let tables = "CREATE TABLE shop.a (id tinyint); CREATE TABLE shop.b (id tinyint"
        let script = Self.inserts(first, first == "a" ? "b" : "a")
        let tied = try Self.verdict(script, held: "2", schema: tables + ", FOREIGN KEY (id) REFERENCES shop.a (id))")
        #expect(tied.blockers.map(\.gtid) == [Self.source + "2"])
        #expect(tied.blockers.map { $0.reason.contains("which a foreign key ties to") } == [true])
        let free = try Self.verdict(script, held: "2", schema: tables + ")")
        #expect(free.outcome == .reversible && free.warnings.isEmpty)
    }

    @Test("later statements of the cluster's, transactions without GTIDs, and a binlog that goes on are in the way")
    func others() throws {
        var script = Self.inserts("a")
        script.gtid()
        script.query("ALTER TABLE a ADD b INT")
        #expect(try Self.verdict(script, held: "2").blockers.map(\.gtid) == [Self.source + "2"])
        script = Self.inserts("a")
        script.query("BEGIN")
        script.table(1, "a", names: ["id"])
        script.rows(.writeRows, 1, [[1]])
        script.commit()
        #expect(try Self.verdict(script, held: "1").blockers.map { $0.reason.prefix(26) } == ["a transaction without a GT"])
        script = Self.inserts("a")
        script.add(.rotate, [4, 0, 0, 0, 0, 0, 0, 0] + Array("binlog.000002".utf8))
        #expect(
            try Self.verdict(script, held: "9").blockers.map(\.reason) == ["the binlog goes on in binlog.000002, which no input is"])
    }

    @Test("a file that does not name the next one is the last only where no next one stands beside it")
    func unnamedNext() throws {
        let undo = try Self.undo(held: "9")
        for ending: EventType? in [nil, .stop] {
            let folder = try TemporaryFolder()
            var script = Self.inserts("a")
            if let ending { script.add(ending, []) }
            let path = try folder.write(script.bytes, "binlog.000009")
            let next = folder.path("binlog.000010")
            let last = try undo.examine([path]).verdict
            #expect(last.outcome == .reversible)
            #expect(
                last.warnings == ["\(path) is taken for the binlog's last file: it names none that follows, and \(next) is not there"])
            var later = BinlogScript()
            later.number = 1
            later.begin()
            later.commit()
            #expect(try folder.write(later.bytes, "binlog.000010") == next)
            let verdict = try undo.examine([path]).verdict
            #expect(
                verdict.blockers == [
                    Verdict.Blocker(file: path, position: UInt64(script.bytes.count), reason: "the binlog goes on in \(next): name it too")
                ])
            #expect(try undo.examine([path, next]).verdict.outcome == .reversible)
            // What is no tail may end anywhere.
            #expect(try Undo(output: .binlog).examine([path]).verdict.warnings.isEmpty)
        }
    }

    @Test(
        "the file behind one has the next number, in as many digits or one more",
        arguments: [
            ("/a/binlog.000009", "/a/binlog.000010"), ("b.999999", "b.1000000"), ("a.b.01", "a.b.02"), ("binlog", nil), ("binlog.", nil),
            ("binlog.x1", nil), ("binlog.+1", nil), ("b.18446744073709551615", nil),
        ])
    func names(path: String, next: String?) {
        #expect(NumberedName(path)?.next == next)
    }
}
