import BinlogFiles
import BinlogInput
import Common
import Testing

@testable import flashback

@Suite struct StatementShapeTests {
    @Test("the events of a statement are turned round, its tables stand in front, and the new last event ends it")
    func severalEvents() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.table(2, "b")
        script.rows(.writeRows, 1, isLast: false, [[1], [2]])
        script.rows(.deleteRows, 2, isLast: false, [[3]])
        script.rows(.updateRows, 1, [[1], [4]])
        script.table(1, "a")
        script.rows(.deleteRows, 1, [[9]])
        script.commit()
        for blockBytes in [1, 100, BlockList.defaultBlockBytes] {
            let folder = try TemporaryFolder()
            var undo = Undo(output: .binlog)
            undo.blockBytes = blockBytes
            let undone = try folder.undo(script, undo)
            #expect(
                try ReadEvent.shape(undone) == [
                    "begin", "map 1", "write 1 end", "map 1", "map 2", "update 1", "write 2", "delete 1 end", "commit",
                ])
            let rows = try ReadEvent.all(undone).filter { $0.header.rowsType != nil }
            #expect(rows.map { Array($0.body.suffix(4)) }[1] == [0, 4, 0, 1])
            #expect(rows.map { Array($0.body.suffix(4)) }[3] == [0, 2, 0, 1])
        }
    }

    @Test("rows belong to the table whose id they name, not to the one that was mapped last")
    func tableIDs() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "narrow")
        script.table(2, "wide", columns: 3)
        script.rows(.writeRows, 1, isLast: false, [[1]])
        script.rows(.writeRows, 2, columnCount: 3, [[1, 2, 3]])
        script.commit()
        let folder = try TemporaryFolder()
        _ = try folder.undo(script)
        let changes = try RowChanges.read(folder.path("undo")).transactions
        #expect(
            changes == [
                [
                    [
                        RowChange(table: "shop.wide", before: ["1", "2", "3"], after: nil),
                        RowChange(table: "shop.narrow", before: ["1"], after: nil),
                    ]
                ]
            ])
    }

    @Test("a filter of tables leaves no half statement, and no table that nothing is undone in")
    func filtered() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.table(2, "b")
        script.rows(.writeRows, 2, isLast: false, [[1]])
        script.rows(.writeRows, 1, isLast: false, [[1]])
        script.rows(.writeRows, 2, [[2]])
        script.commit()
        script.begin()
        script.table(2, "b")
        script.rows(.writeRows, 2, [[3]])
        script.commit()
        let folder = try TemporaryFolder()
        var undo = Undo(output: .binlog)
        undo.rows.tables = [TablePattern("shop.a")]
        #expect(try ReadEvent.shape(folder.undo(script, undo)) == ["begin", "map 1", "delete 1 end", "commit"])
    }

    @Test("an event that only ends a statement is no row event of the way back")
    func dummy() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.rows(.writeRows, 1, isLast: false, [[1]])
        script.add(.writeRows, [255, 255, 255, 255, 255, 255, 1, 0, 2, 0, 1, 255])
        script.commit()
        let folder = try TemporaryFolder()
        #expect(try ReadEvent.shape(folder.undo(script)) == ["begin", "map 1", "delete 1 end", "commit"])
    }

    @Test("partitions change places in an update and nowhere else, and flags that are not known stay")
    func extraData() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.rows(.updateRows, 1, extra: [1, 5, 0, 2, 1], flags: 0x4002, [[1], [2]])
        script.table(1, "a")
        script.rows(.writeRows, 1, extra: [1, 5, 0], flags: 0x0004, [[1]])
        script.commit()
        let folder = try TemporaryFolder()
        let rows = try ReadEvent.all(folder.undo(script)).filter { $0.header.rowsType != nil }
        #expect(rows.map(\.rowFlags) == [0x0007, 0x4003])
        #expect(Array(rows[0].body[8..<13]) == [5, 0, 1, 5, 0])
        #expect(Array(rows[1].body[8..<15]) == [7, 0, 1, 2, 1, 5, 0])
    }

    @Test("nothing that undoes looks at foreign keys, but for an update that may have cascaded in the dark")
    func foreignKeys() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.rows(.updateRows, 1, isLast: false, flags: 0, [[1], [2]])
        script.rows(.updateRows, 1, isLast: false, flags: 0x10, [[1], [2]])
        script.rows(.updateRows, 1, isLast: false, flags: 2, [[1], [2]])
        script.rows(.writeRows, 1, isLast: false, flags: 0, [[1]])
        script.rows(.deleteRows, 1, flags: 0, [[1]])
        script.commit()
        let folder = try TemporaryFolder()
        let rows = try ReadEvent.all(folder.undo(script)).filter { $0.header.rowsType != nil }
        #expect(rows.map(\.rowFlags) == [2, 2, 2, 0x12, 1])
    }

    @Test("where later rows are kept, what undoes looks at foreign keys as the changes did, so that none loses its parent unseen")
    func keptForeignKeys() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "parent", names: ["x"])
        script.rows(.writeRows, 1, isLast: false, [[1]])
        script.rows(.writeRows, 1, flags: 0x12, [[2]])
        script.commit()
        script.begin()
        script.table(2, "child", names: ["x"])
        script.rows(.writeRows, 2, [[1]])
        script.commit()
        let folder = try TemporaryFolder()
        var undo = Undo(output: .binlog)
        undo.transactions.excluded = try GTIDSet(parsing: "00000000-0000-0001-0000-000000000002:2")
        let rows = try ReadEvent.all(folder.undo(script, undo)).filter { $0.header.rowsType != nil }
        #expect(rows.map(\.rowFlags) == [0x12, 0x11])
        undo.output = .sql
        let sql = String(decoding: try folder.undo(script, undo), as: UTF8.self)
        #expect(sql.contains("WHERE `x`<=>2 LIMIT 1;\nSET @@SESSION.foreign_key_checks=1;\nDELETE FROM `shop`.`parent` WHERE `x`<=>1"))
    }

    @Test("an update whose after image leaves columns out is found again by all that is known")
    func smallAfterImage() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a", columns: 3)
        script.rows(.updateRows, 1, columnCount: 3, columns: [0b111, 0b010], [[1, 2, 3], [9]])
        script.commit()
        let folder = try TemporaryFolder()
        let rows = try ReadEvent.all(folder.undo(script)).filter { $0.header.rowsType != nil }
        #expect(Array(rows[0].body.suffix(11)) == [3, 0b111, 0b111, 0, 1, 9, 3, 0, 1, 2, 3])
    }

    @Test("no GTID stands in the output, so that none is skipped or refused where it is applied")
    func noGTIDs() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.rows(.writeRows, 1, [[1]])
        script.commit()
        let folder = try TemporaryFolder()
        let types = try ReadEvent.all(folder.undo(script)).map(\.header.type)
        #expect(types == [.formatDescription, .query, .query, .tableMap, .deleteRows, .xid])
    }

    @Test("a transaction without rows leaves nothing but a binlog without transactions")
    func empty() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.commit()
        let folder = try TemporaryFolder()
        #expect(try ReadEvent.all(folder.undo(script)).map(\.header.type) == [.formatDescription, .query] as [EventType])
        script = BinlogScript()
        #expect(try ReadEvent.all(folder.undo(script)).map(\.header.type) == [.formatDescription, .query] as [EventType])
    }
}
