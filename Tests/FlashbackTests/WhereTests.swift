import BinlogFiles
import BinlogInput
import Common
import Testing

@testable import flashback

/// `--where`: only rows that are like it are undone.
@Suite struct WhereTests {
    private static func undo(_ conditions: String..., output: Undo.Output = .binlog) throws -> Undo {
        var undo = Undo(output: output)
        undo.rows.conditions = try conditions.map { try RowCondition(parsing: $0) }
        return undo
    }

    private static var changes: BinlogScript {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a", columns: 2, names: ["id", "v"], key: [0])
        script.rows(.writeRows, 1, isLast: false, columnCount: 2, [[1, 10], [2, 20], [3, 10]])
        script.rows(.deleteRows, 1, columnCount: 2, [[4, 20]])
        script.commit()
        script.begin()
        script.table(2, "b", columns: 1, names: ["id"])
        script.rows(.writeRows, 2, [[10]])
        script.commit()
        script.begin()
        script.table(1, "a", columns: 2, names: ["id", "v"], key: [0])
        script.rows(.updateRows, 1, columnCount: 2, [[1, 10], [1, 30], [2, 20], [2, 10], [5, 5], [5, 6]])
        script.commit()
        return script
    }

    @Test("rows whose before or after image is like it are undone, in whole statements, and the rest is told to be kept")
    func rows() throws {
        for blockBytes in [1, BlockList.defaultBlockBytes] {
            let folder = try TemporaryFolder()
            var undo = try Self.undo("v=10")
            undo.blockBytes = blockBytes
            let bytes = try folder.undo(Self.changes, undo)
            let changes = try RowChanges.read(folder.path("undo")).transactions.flatMap { $0 }
            #expect(
                changes == [
                    [
                        RowChange(table: "shop.a", before: ["2", "10"], after: ["2", "20"]),
                        RowChange(table: "shop.a", before: ["1", "30"], after: ["1", "10"]),
                    ],
                    [
                        RowChange(table: "shop.a", before: ["3", "10"], after: nil),
                        RowChange(table: "shop.a", before: ["1", "10"], after: nil),
                    ],
                ])
            #expect(try ReadEvent.shape(bytes) == ["begin", "map 1", "update 1 end", "commit", "begin", "map 1", "delete 1 end", "commit"])
            let verdict = try undo.examine([folder.write(Self.changes.bytes)]).verdict
            #expect(verdict.transactionCount == 2 && verdict.rowEventCount == 2)
            #expect(
                verdict.warnings == ["a subset of the changes is undone: rows of `shop`.`a` are kept that --where does not ask for"])
        }
    }

    @Test("sql undoes the same rows")
    func sql() throws {
        let folder = try TemporaryFolder()
        let text = String(decoding: try folder.undo(Self.changes, Self.undo("id>1", "v=10", output: .sql)), as: UTF8.self)
        #expect(
            text.split(separator: "\n").filter { ["INSERT", "UPDATE", "DELETE"].contains($0.prefix(6)) } == [
                "UPDATE `shop`.`a` SET `v`=20 WHERE `id`<=>2 LIMIT 1;", "DELETE FROM `shop`.`a` WHERE `id`<=>3 LIMIT 1;",
            ])
    }

    @Test("all rows of a table, or none, need no warning of a subset")
    func allOrNone() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.changes.bytes)
        #expect(try Self.undo("id>0").examine([path]).verdict.warnings.isEmpty)
        let none = try Self.undo("v=99").examine([path]).verdict
        #expect(none.outcome == .reversible && none.transactionCount == 0 && none.warnings == ["no row is like --where"])
    }

    @Test("where nothing names the columns, a name finds none, and the verdict is open; a number does")
    func nameless() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a", columns: 2)
        script.rows(.writeRows, 1, columnCount: 2, [[1, 10], [2, 20]])
        script.commit()
        let folder = try TemporaryFolder()
        let path = try folder.write(script.bytes)
        let open = try Self.undo("v=10").examine([path]).verdict
        #expect(open.outcome == .undecidable && open.blockers.map { $0.reason.contains("which --where needs") } == [true])
        var described = try Self.undo("v=10")
        let tables = try TableSchema.tables(parsing: Array("CREATE TABLE shop.a (id tinyint, v tinyint)".utf8))
        described.schema = SchemaStore(
            DatabaseSchema(tables: tables, knowsForeignKeys: true), of: "schema", isLive: true, tell: { _ in })
        for undo in [described, try Self.undo("@2=10")] {
            #expect(try undo.examine([path]).verdict.outcome == .reversible)
            try undo.undo([path], to: folder.path("undo"))
            #expect(try RowChanges.read(folder.path("undo")).transactions.flatMap { $0.flatMap { $0.map(\.before) } } == [["1", "10"]])
        }
    }

    @Test("what images leave out is in the way of rows that are like it, and of those of which that cannot be told")
    func images() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a", columns: 2, names: ["id", "v"])
        script.rows(.deleteRows, 1, isLast: false, columnCount: 2, columns: [0b01], [[1]])
        script.rows(.deleteRows, 1, columnCount: 2, columns: [0b01], [[2]])
        script.commit()
        let folder = try TemporaryFolder()
        let path = try folder.write(script.bytes)
        let found = try Self.undo("id=2").examine([path]).verdict
        #expect(
            found.blockers.map(\.reason) == ["a DELETE from `shop`.`a` does not hold `v`: binlog_row_image was not FULL"])
        #expect(found.blockers.map(\.gtid) == ["00000000-0000-0001-0000-000000000002:1"])
        #expect(try Self.undo("id=3").examine([path]).verdict.outcome == .reversible)
        let untold = try Self.undo("v=2").examine([path]).verdict
        #expect(
            untold.blockers.count == 2 && untold.blockers.allSatisfy { $0.reason.contains("does not hold `v`, which --where asks for") })
    }
}
