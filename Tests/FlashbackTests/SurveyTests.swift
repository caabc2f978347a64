import BinlogFiles
import BinlogInput
import Common
import Testing

@testable import flashback

@Suite struct SurveyTests {
    /// Three transactions; the second has two row events.
    private static func script(_ value: UInt8 = 1) -> BinlogScript {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a", columns: 2, names: ["id", "v"], key: [0])
        script.rows(.writeRows, 1, columnCount: 2, [[1, 10], [2, 20]])
        script.commit()
        script.begin()
        script.table(1, "a", columns: 2, names: ["id", "v"], key: [0])
        script.rows(.deleteRows, 1, isLast: false, columnCount: 2, [[1, 10]])
        script.rows(.deleteRows, 1, columnCount: 2, [[2, 20]])
        script.commit()
        script.begin()
        script.table(2, "b", columns: 2, names: ["id", "!hidden!f!0!0"])
        script.rows(.writeRows, 2, columnCount: 2, [[3, value]])
        script.commit()
        return script
    }

    private static func survey(_ script: BinlogScript, _ undo: Undo = Undo(), name: String = "binlog.000001") throws -> Survey {
        let folder = try TemporaryFolder()
        return try undo.survey(undo.examine([folder.write(script.bytes, name)]).plan)
    }

    @Test("it counts transactions and rows, and knows the columns that SQL names")
    func counts() throws {
        let survey = try Self.survey(Self.script())
        #expect(survey.transactionCount == 3 && survey.rowCount == 5)
        #expect(survey.tables[TableName(database: "shop", table: "a")] == ["id", "v"])
        #expect(survey.tables[TableName(database: "shop", table: "b")] == ["id"])
        #expect(survey.namelessTables.isEmpty)
    }

    @Test("a run is known by its changes, wherever the file is and however it is read")
    func identity() throws {
        let run = try Self.survey(Self.script()).run
        #expect(run.count == 64)
        #expect(try Self.survey(Self.script(), Undo(blockBytes: 1), name: "copy").run == run)
        #expect(try Self.survey(Self.script(2)).run != run)
        let some = Undo(rows: RowFilter(tables: [TablePattern("a")]))
        #expect(try Self.survey(Self.script(), some).run != run)
        let first = Undo(transactions: TransactionFilter(included: try GTIDSet(parsing: "00000000-0000-0001-0000-000000000002:1-2")))
        #expect(try Self.survey(Self.script(), first).run == Self.survey(Self.script(), some).run)
    }

    /// A DELETE in a transaction of its own, which begins with a GTID or with BEGIN alone.
    private static func delete(hasGTID: Bool = true, ahead: Bool = false, change: (inout BinlogScript) -> Void = { _ in }) -> BinlogScript {
        var script = BinlogScript()
        change(&script)
        // What is not undone, and moves the rest to another place.
        if ahead { script.query("FLUSH TABLES") }
        if hasGTID { script.gtid() }
        script.query("BEGIN")
        script.table(1, "a", columns: 2, names: ["id", "v"], key: [0])
        script.rows(.deleteRows, 1, columnCount: 2, [[1, 10]])
        script.commit()
        return script
    }

    @Test("the same change made again is another run: by its GTID, its time or its server")
    func again() throws {
        for hasGTID in [true, false] {
            let run = try Self.survey(Self.delete(hasGTID: hasGTID)).run
            #expect(try Self.survey(Self.delete(hasGTID: hasGTID, ahead: true)).run == run)
            #expect(try Self.survey(Self.delete(hasGTID: hasGTID) { $0.time += 1 }).run != run)
            #expect(try Self.survey(Self.delete(hasGTID: hasGTID) { $0.serverID = 2 }).run != run)
            #expect(try (Self.survey(Self.delete(hasGTID: hasGTID) { $0.number = 29 }).run != run) == hasGTID)
        }
    }

    @Test("two changes in one transaction are another run than in two")
    func transactions() throws {
        func run(areTwo: Bool) throws -> String {
            var script = BinlogScript()
            script.query("BEGIN")
            for value: UInt8 in [1, 2] {
                script.table(1, "a", names: ["id"])
                script.rows(.writeRows, 1, [[value]])
                guard areTwo, value == 1 else { continue }
                script.commit()
                script.query("BEGIN")
            }
            script.commit()
            return try Self.survey(script).run
        }
        #expect(try run(areTwo: false) != run(areTwo: true))
    }

    @Test("the GTID of the transaction that an event is in is found", arguments: [1, 200, BlockList.defaultBlockBytes])
    func places(blockBytes: Int) throws {
        let folder = try TemporaryFolder()
        let script = Self.script()
        let path = try folder.write(script.bytes)
        let plan = try Undo(blockBytes: blockBytes).examine([path]).plan
        var cursor = EventCursor(script.bytes.span.bytes.extracting(4..<script.bytes.count))
        var told: [String] = []
        while let header = try cursor.next() {
            guard header.rowsType != nil else { continue }
            told.append(String(try plan.inputs[0].gtid(ofEventAt: UInt64(cursor.start + 4))?.suffix(2) ?? ""))
        }
        #expect(told == [":1", ":2", ":2", ":3"])
    }
}
