import BinlogFiles
import BinlogInput
import Common
import Testing

@testable import flashback

@Suite struct SQLOutputTests {
    /// The statements between what begins and what ends the output.
    private static func statements(_ script: BinlogScript, blockBytes: Int = BlockList.defaultBlockBytes) throws -> [String] {
        let folder = try TemporaryFolder()
        let undo = Undo(output: .sql, blockBytes: blockBytes)
        let lines = String(decoding: try folder.undo(script, undo), as: UTF8.self).split(separator: "\n").map { String($0) }
        #expect(lines.first?.hasPrefix("# SQL by flashback") == true)
        #expect(lines.last?.hasPrefix("SET @@SESSION.character_set_client=@kingbus_character_set_client") == true)
        let start = try #require(lines.firstIndex { $0.hasPrefix("SET @@SESSION.time_zone='+00:00'") })
        return Array(lines[(start + 1)...].dropLast())
    }

    @Test("each row is undone by its key, the last row and the last transaction first")
    func byKey() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a", columns: 2, names: ["id", "v"], key: [0])
        script.rows(.writeRows, 1, columnCount: 2, [[1, 10], [2, 20]])
        script.commit()
        script.begin()
        script.table(1, "a", columns: 2, names: ["id", "v"], key: [0])
        script.rows(.updateRows, 1, isLast: false, columnCount: 2, [[1, 10], [3, 10]])
        script.rows(.deleteRows, 1, columnCount: 2, [[2, 20]])
        script.commit()
        let expected = [
            "BEGIN;", "INSERT INTO `shop`.`a` (`id`, `v`) VALUES (2, 20);", "UPDATE `shop`.`a` SET `id`=1 WHERE `id`<=>3 LIMIT 1;",
            "COMMIT;",
            "BEGIN;", "DELETE FROM `shop`.`a` WHERE `id`<=>2 LIMIT 1;", "DELETE FROM `shop`.`a` WHERE `id`<=>1 LIMIT 1;", "COMMIT;",
        ]
        #expect(try Self.statements(script) == expected)
        #expect(try Self.statements(script, blockBytes: 1) == expected)
    }

    @Test("without a key a row is found by all that is known of it, a change of nothing needs no statement")
    func byAllColumns() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a", columns: 3, names: ["x", "y", "z"])
        script.rows(.updateRows, 1, isLast: false, columnCount: 3, columns: [0b111, 0b010], [[1, 2, 3], [9]])
        script.rows(.updateRows, 1, columnCount: 3, [[1, 2, 3], [1, 2, 3]])
        script.commit()
        #expect(
            try Self.statements(script) == [
                "BEGIN;", "UPDATE `shop`.`a` SET `y`=2 WHERE `x`<=>1 AND `y`<=>9 AND `z`<=>3 LIMIT 1;", "COMMIT;",
            ])
    }

    @Test("names are quoted whatever is in them, and columns that a server hides are not named")
    func names() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "t`able", columns: 2, database: "my-shop", names: ["or`der", "!hidden!f!0!0"])
        script.rows(.deleteRows, 1, isLast: false, columnCount: 2, [[1, 2]])
        script.rows(.writeRows, 1, columnCount: 2, [[3, 4]])
        script.commit()
        #expect(
            try Self.statements(script) == [
                "BEGIN;", "DELETE FROM `my-shop`.`t``able` WHERE `or``der`<=>3 LIMIT 1;",
                "INSERT INTO `my-shop`.`t``able` (`or``der`) VALUES (1);", "COMMIT;",
            ])
    }

    @Test("foreign keys are looked at for an update that may have cascaded in the dark, and for nothing else")
    func foreignKeys() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a", names: ["x"])
        script.rows(.writeRows, 1, isLast: false, flags: 0, [[1]])
        script.rows(.updateRows, 1, flags: 0, [[1], [2]])
        script.commit()
        #expect(
            try Self.statements(script) == [
                "BEGIN;", "SET @@SESSION.foreign_key_checks=1;", "UPDATE `shop`.`a` SET `x`=1 WHERE `x`<=>2 LIMIT 1;",
                "SET @@SESSION.foreign_key_checks=0;", "DELETE FROM `shop`.`a` WHERE `x`<=>1 LIMIT 1;", "COMMIT;",
            ])
    }

    @Test("a name that ends with a backslash is no name without an end to MariaDB's client")
    func backslashes() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a", names: ["x\\"])
        script.rows(.writeRows, 1, [[1]])
        script.table(2, "b\\c", names: ["y"])
        script.rows(.writeRows, 2, [[2]])
        script.commit()
        #expect(
            try Self.statements(script) == [
                "BEGIN;", "DELETE FROM `shop`.`b\\c` WHERE `y`<=>2 LIMIT 1;",
                "SET @@SESSION.sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_BACKSLASH_ESCAPES';",
                "DELETE FROM `shop`.`a` WHERE `x\\`<=>1 LIMIT 1;", "COMMIT;",
            ])
    }

    @Test("a long event of many rows is turned round too")
    func longEvent() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a", names: ["id"])
        let rows = (0..<600_000).map { [UInt8($0 % 100)] }
        script.rows(.writeRows, 1, rows)
        script.commit()
        let statements = try Self.statements(script)
        #expect(statements.count == rows.count + 2)
        #expect(statements[1] == "DELETE FROM `shop`.`a` WHERE `id`<=>99 LIMIT 1;")
        #expect(statements[600_000] == "DELETE FROM `shop`.`a` WHERE `id`<=>0 LIMIT 1;")
    }

    @Test("what undoes nothing is still a script")
    func nothing() throws {
        var script = BinlogScript()
        script.begin()
        script.commit()
        #expect(try Self.statements(script).isEmpty)
    }

    @Test("a table whose columns have no names is told once, and leaves the verdict open")
    func nameless() throws {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.rows(.writeRows, 1, [[1]])
        script.table(2, "a")
        script.rows(.writeRows, 2, [[1]])
        script.commit()
        let folder = try TemporaryFolder()
        let verdict = try Undo(output: .sql).examine([folder.write(script.bytes)]).verdict
        #expect(verdict.outcome == .undecidable)
        #expect(verdict.blockers.count == 1)
    }
}
