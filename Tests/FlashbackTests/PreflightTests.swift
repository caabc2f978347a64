import BinlogFiles
import BinlogInput
import Common
import Testing

@testable import flashback

@Suite struct PreflightTests {
    private static let gtid = "00000000-0000-0001-0000-000000000002:"

    /// What stands in the way, as `<number of the transaction>: <reason>`.
    private static func blockers(_ script: BinlogScript, _ undo: Undo = Undo(output: .binlog)) throws -> [String] {
        let folder = try TemporaryFolder()
        let path = try folder.write(script.bytes)
        return try undo.examine([path]).verdict.blockers.map { "\(($0.gtid ?? "").replacing(gtid, with: "")): \($0.reason)" }
    }

    @Test("each event that cannot be undone is told by GTID, file, position and reason, and nothing is written")
    func place() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.rows(.writeRows, 1, [[1]])
        script.commit()
        script.gtid()
        let position = UInt64(script.bytes.count)
        script.query("ALTER TABLE a ADD b INT")
        let folder = try TemporaryFolder()
        let path = try folder.write(script.bytes)
        let verdict = try Undo(output: .binlog).examine([path]).verdict
        #expect(
            verdict.blockers == [
                Verdict.Blocker(gtid: Self.gtid + "2", file: path, position: position, reason: "DDL: ALTER TABLE a ADD b INT")
            ])
        #expect(verdict.outcome == .irreversible)
        #expect(verdict.transactionCount == 1)
        #expect(throws: Refused.self) { try Undo(output: .binlog).undo([path], to: folder.path("undo")) }
        #expect(try folder.names == ["binlog.000001"])
    }

    @Test(
        "statements stand in the way unless no row can depend on them",
        arguments: [
            ("SAVEPOINT s", nil), ("RELEASE SAVEPOINT s", nil), ("SET @@SESSION.GTID_NEXT='AUTOMATIC'", nil),
            ("DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `x`", nil), ("/* c */ create temporary table x (a int)", nil),
            ("UPDATE a SET b=1", "1: a statement without row images: UPDATE a SET b=1"),
            ("ROLLBACK TO s", "1: a ROLLBACK, which undid some of the rows before it and not others"),
            ("drop\ttable  x", "1: DDL: drop table x"),
            ("/*!50001 CREATE VIEW v AS SELECT 1 */", "1: DDL: /*!50001 CREATE VIEW v AS SELECT 1 */"),
            ("/*!999999 ANALYZE */ TRUNCATE TABLE t", "1: a statement without row images: /*!999999 ANALYZE */ TRUNCATE TABLE t"),
            ("SET PASSWORD FOR 'a'='b'", "1: DDL: SET PASSWORD FOR 'a'='b'"),
        ])
    func statements(text: String, blocker: String?) throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.rows(.writeRows, 1, [[1]])
        script.query(text)
        script.commit()
        #expect(try Self.blockers(script) == [blocker].compactMap { $0 })
    }

    @Test("what a transaction that was cut short was told of is told of the next one, too")
    func cutShortNameless() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.rows(.writeRows, 1, [[1]])
        script.begin()
        script.table(1, "a")
        script.rows(.writeRows, 1, [[2]])
        script.commit()
        let told = try Self.blockers(script, Undo(output: .sql))
        #expect(told.count == 1 && told[0].hasPrefix("2: the binlog does not name the columns of `shop`.`a`"))
    }

    @Test("an event of an unknown type stands in the way of each transaction that it is in")
    func unknownType() throws {
        var script = BinlogScript()
        for _ in 1...2 {
            script.begin()
            script.add(EventType(rawValue: 99), [1])
            script.commit()
        }
        #expect(try Self.blockers(script).map { $0.prefix(2) } == ["1:", "2:"])
    }

    @Test("an input that is named twice is refused")
    func twice() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(BinlogScript.oneInsert.bytes)
        #expect { try Undo(output: .binlog).examine([path, path]) } throws: {
            ($0 as? ToolError)?.code == .failure && "\($0)".contains("is there twice")
        }
    }

    @Test("rows that are damaged under a right checksum are found before anything is written")
    func damagedRows() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a", columns: 2)
        script.rows(.writeRows, 1, columnCount: 2, [[1]])
        script.commit()
        let folder = try TemporaryFolder()
        let path = try folder.write(script.bytes)
        #expect { try Undo(output: .binlog).examine([path]) } throws: { ($0 as? ToolError)?.code == .damaged }
    }

    @Test("no input is replaced by what undoes it")
    func ontoInput() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(BinlogScript.oneInsert.bytes)
        let undo = Undo(output: .binlog)
        #expect { try undo.write(undo.examine([path]).plan, to: path) } throws: { "\($0)".contains("it is an input") }
        #expect(try folder.names == ["binlog.000001"])
    }

    @Test("images that leave out what it takes are refused, each for its own reason")
    func images() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a", columns: 3)
        script.rows(.deleteRows, 1, columnCount: 3, columns: [0b001], [[1]])
        script.table(1, "a", columns: 3)
        script.rows(.updateRows, 1, columnCount: 3, columns: [0b001, 0b010], [[1], [2]])
        script.table(1, "a", columns: 3)
        script.rows(.writeRows, 1, columnCount: 3, columns: [0b011], [[1, 2]])
        script.table(1, "a", columns: 3)
        script.rows(.updateRows, 1, columnCount: 3, columns: [0b011, 0b010], [[1, 2], [3]])
        script.commit()
        #expect(
            try Self.blockers(script) == [
                "1: a DELETE from `shop`.`a` does not hold column 2: binlog_row_image was not FULL",
                "1: an UPDATE of `shop`.`a` does not hold what column 2 was: binlog_row_image was not FULL",
                "1: an INSERT into `shop`.`a` holds neither column 3 nor a primary key that the binlog names: binlog_row_image was not FULL",
            ])
    }

    @Test("rows whose TABLE_MAP is missing are refused, be it that another statement had one")
    func missingTable() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.rows(.writeRows, 1, [[1]])
        script.rows(.writeRows, 1, [[2]])
        script.rows(.writeRows, 9, [[3]])
        script.commit()
        #expect(
            try Self.blockers(script) == [
                "1: rows of table id 1, whose TABLE_MAP is missing", "1: rows of table id 9, whose TABLE_MAP is missing",
            ])
    }

    @Test("a transaction that the file ends inside is refused, and damage is told as that")
    func truncated() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.rows(.writeRows, 1, [[1]])
        #expect(try Self.blockers(script) == ["1: the file ends inside the transaction: it may not have been committed"])
        let folder = try TemporaryFolder()
        let path = try folder.write(Array(script.bytes.dropLast()))
        #expect { try Undo(output: .binlog).examine([path]) } throws: { ($0 as? ToolError)?.code == .damaged }
        var flipped = script.bytes
        flipped[flipped.count - 6] ^= 1
        let other = try folder.write(flipped, "flipped")
        #expect { try Undo(output: .binlog).examine([other]) } throws: { ($0 as? ToolError)?.code == .damaged }
    }

    @Test("a transaction that the next one cut short was never committed, and is left out")
    func cutShort() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.rows(.writeRows, 1, [[1]])
        script.commit()
        script.begin()
        script.table(1, "a")
        script.rows(.writeRows, 1, [[2]])
        script.query("UPDATE a SET b=1")
        script.begin()
        script.table(1, "a")
        script.rows(.writeRows, 1, [[3]])
        script.commit()
        for blockBytes in [1, BlockList.defaultBlockBytes] {
            let folder = try TemporaryFolder()
            let undo = Undo(output: .binlog, blockBytes: blockBytes)
            let path = try folder.write(script.bytes)
            let verdict = try undo.examine([path]).verdict
            #expect(verdict.transactionCount == 2)
            #expect(verdict.warnings == ["transaction \(Self.gtid)2 in \(path) was never finished, and is left out"])
            try undo.undo([path], to: folder.path("undo"))
            let rows = try RowChanges.read(folder.path("undo")).transactions.flatMap { $0.flatMap { $0.map(\.before) } }
            #expect(rows == [["3"], ["1"]])
        }
    }

    @Test("XA transactions, INCIDENTs and types that are not known are refused")
    func others() throws {
        var script = BinlogScript()
        script.gtid()
        script.query("XA START X'61',X'',1")
        script.table(1, "a")
        script.rows(.writeRows, 1, [[1]])
        script.query("XA END X'61',X'',1")
        script.add(.xaPrepare, [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 97])
        script.gtid()
        script.query("XA COMMIT X'61',X'',1")
        script.add(.incident, [1, 0, 0])
        script.begin()
        script.add(EventType(rawValue: 99), [1])
        script.add(EventType(rawValue: 98), [1], flags: .ignorable)
        script.commit()
        let blockers = try Self.blockers(script)
        #expect(
            blockers == [
                "1: an XA transaction: what becomes of it is decided elsewhere",
                "2: an XA transaction: what becomes of it is decided elsewhere",
                ": an INCIDENT: the binlog lost changes here", "3: an event of a type that is not known (99)",
            ])
    }

    @Test("what the filters leave out does not stand in the way")
    func filters() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a", columns: 2)
        script.rows(.deleteRows, 1, columnCount: 2, columns: [1], [[1]])
        script.commit()
        script.gtid()
        script.query("CREATE TABLE x (a INT)")
        script.begin()
        script.table(2, "b")
        script.rows(.deleteRows, 2, [[1]])
        script.commit()
        #expect(try Self.blockers(script).count == 2)
        var undo = Undo(output: .binlog)
        undo.transactions.included = try GTIDSet(parsing: Self.gtid + "3")
        #expect(try Self.blockers(script, undo).isEmpty)
        undo = Undo(output: .binlog)
        undo.rows.tables = [TablePattern("b")]
        #expect(try Self.blockers(script, undo) == ["2: DDL: CREATE TABLE x (a INT)"])
        undo.rows.changes = [.delete]
        #expect(try Self.blockers(script, undo).isEmpty)
        #expect(
            try Self.warnings(script, undo) == [
                "statements that --type leaves out are not undone, and rows may not fit what they made of tables"
            ])
    }

    @Test("a kept change of a table after one that is undone is warned of, in whatever transaction, one before it is not")
    func keptLater() throws {
        var script = BinlogScript()
        for table in ["a", "b", "a", "c"] {
            script.begin()
            script.table(UInt8(ascii: Unicode.Scalar(table) ?? " "), table)
            script.rows(.writeRows, UInt8(ascii: Unicode.Scalar(table) ?? " "), [[1]])
            script.commit()
        }
        func warnings(_ set: String) throws -> [Substring] {
            var undo = Undo(output: .binlog)
            undo.transactions.included = try GTIDSet(parsing: Self.gtid + set)
            return try Self.warnings(script, undo).map { $0.prefix { $0 != "(" } }
        }
        let kept = "changes of `shop`.`a` are kept that came after ones to be undone "
        #expect(try warnings("1") == [kept[...]])
        #expect(try warnings("1-2") == [kept[...]])
        #expect(try warnings("2") == [])
        #expect(try warnings("3-4") == [])
        #expect(try warnings("1:3") == [])
        script.gtid()
        script.query("DELETE FROM a")
        #expect(
            try warnings("3") == [
                "statements are kept that came after changes to be undone, and may have changed the same rows or their tables"
            ])
        var undo = Undo(output: .binlog)
        undo.rows.changes = [.delete]
        script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.rows(.deleteRows, 1, isLast: false, [[1]])
        script.rows(.writeRows, 1, [[1]])
        script.commit()
        #expect(try Self.warnings(script, undo).map { $0.prefix { $0 != "(" } } == [kept[...]])
    }

    @Test("a kept change in a compressed transaction is warned of too")
    func keptPayload() throws {
        var undo = Undo.rowsOnly
        // It changes shop.t, and the next transaction that does, which is compressed, is kept.
        undo.transactions.included = try GTIDSet(parsing: "d3cbdedb-e555-11f1-a893-02fc00000001:11")
        let warnings = try undo.examine([Corpus.path("mysql-9.7.4-shapes.000001")]).verdict.warnings
        #expect(warnings.contains { $0.hasPrefix("changes of `shop`.`t` are kept") && $0.contains("02fc00000001:13)") })
    }

    private static func warnings(_ script: BinlogScript, _ undo: Undo) throws -> [String] {
        let folder = try TemporaryFolder()
        return try undo.examine([try folder.write(script.bytes)]).verdict.warnings
    }

    @Test("temporal columns of MariaDB whose length nothing tells leave the verdict open")
    func undecidable() throws {
        let verdict = try Undo.rowsOnly.examine([Corpus.path("rows-mariadb-10.11.000002")]).verdict
        #expect(verdict.outcome == .undecidable)
        #expect(verdict.blockers.map(\.position) == [4430])
    }

    @Test("an encrypted file is not read, and told as that")
    func encrypted() throws {
        #expect { try Undo(output: .binlog).examine([Corpus.path("mariadb-10.11.19-encrypted.000001")]) } throws: {
            ($0 as? ToolError)?.reason.contains("encrypted") == true
        }
    }
}
