import BinlogFiles
import BinlogInput
import Common
import Testing

@testable import flashback

@Suite struct SchemaTests {
    /// A schema of all tables, or, as a file, of some.
    private static func store(_ text: String, isLive: Bool = true) throws -> SchemaStore {
        guard isLive else {
            let folder = try TemporaryFolder()
            return try SchemaStore(folder.write(Array(text.utf8), "schema.sql"), passwordFile: nil, tool: "", tell: { _ in })
        }
        let database = DatabaseSchema(tables: try TableSchema.tables(parsing: Array(text.utf8)), knowsForeignKeys: true)
        return SchemaStore(database, of: "mysql://db", isLive: true, tell: { _ in })
    }

    private static func verdict(
        _ script: BinlogScript, _ schema: String?, output: Undo.Output = .sql, change: (inout Undo) throws -> Void = { _ in }
    ) throws -> Verdict {
        let folder = try TemporaryFolder()
        var undo = Undo(output: output)
        undo.schema = try schema.map { try store($0) }
        try change(&undo)
        return try undo.examine([folder.write(script.bytes)]).verdict
    }

    private static func reasons(
        _ script: BinlogScript, _ schema: String?, output: Undo.Output = .sql, change: (inout Undo) throws -> Void = { _ in }
    ) throws -> [String] { try verdict(script, schema, output: output, change: change).blockers.map(\.reason) }

    private static func sql(_ script: BinlogScript, _ schema: String) throws -> [String] {
        let folder = try TemporaryFolder()
        var undo = Undo(output: .sql)
        undo.schema = try store(schema)
        let lines = String(decoding: try folder.undo(script, undo), as: UTF8.self).split(separator: "\n").map { String($0) }
        return lines.filter { ["INSERT", "UPDATE", "DELETE"].contains($0.prefix(6)) }
    }

    private static var changes: BinlogScript {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a", columns: 3)
        script.rows(.writeRows, 1, isLast: false, columnCount: 3, [[1, 2, 3]])
        script.rows(.updateRows, 1, isLast: false, columnCount: 3, [[1, 2, 3], [1, 4, 5]])
        script.rows(.deleteRows, 1, columnCount: 3, [[1, 4, 5]])
        script.commit()
        return script
    }

    @Test("a schema names the columns, and generated ones are neither set nor compared")
    func generated() throws {
        #expect(try Self.reasons(Self.changes, nil).count == 1)
        let columns = "id tinyint, v tinyint, g tinyint AS (v + 1)"
        let expected = [
            "INSERT INTO `shop`.`a` (`id`, `v`) VALUES (1, 4);", "UPDATE `shop`.`a` SET `v`=2 WHERE `id`<=>1 AND `v`<=>4 LIMIT 1;",
            "DELETE FROM `shop`.`a` WHERE `id`<=>1 AND `v`<=>2 LIMIT 1;",
        ]
        #expect(try Self.sql(Self.changes, "USE shop; CREATE TABLE a (\(columns) STORED)") == expected)
        #expect(try Self.sql(Self.changes, "USE shop; CREATE TABLE a (\(columns) VIRTUAL)") == expected)
        // A key that is computed finds a row only where that is not known from which it is computed.
        #expect(try Self.sql(Self.changes, "USE shop; CREATE TABLE a (\(columns) STORED, PRIMARY KEY (g))") == expected)
        #expect(
            try Self.sql(Self.changes, "USE shop; CREATE TABLE a (\(columns), PRIMARY KEY (id))").last
                == "DELETE FROM `shop`.`a` WHERE `id`<=>1 LIMIT 1;")
    }

    @Test("a table that the schema does not have, or has otherwise, leaves the verdict on sql open, and binlog needs neither")
    func otherTables() throws {
        for (schema, why) in [
            ("CREATE TABLE shop.b (id tinyint)", "has no table `shop`.`a`"),
            (
                "CREATE TABLE shop.a (id tinyint, v tinyint)",
                "is not of `shop`.`a` as it was then: the binlog has 3 columns and the schema 2"
            ),
        ] {
            let verdict = try Self.verdict(Self.changes, schema)
            #expect(verdict.outcome == .undecidable && verdict.blockers.count == 1)
            #expect(verdict.blockers[0].reason.contains(why), "\(verdict.blockers[0].reason)")
            #expect(try Self.verdict(Self.changes, schema, output: .binlog).outcome == .reversible)
        }
        var named = BinlogScript()
        named.begin()
        named.table(1, "a", columns: 2, names: ["id", "v"])
        named.rows(.writeRows, 1, columnCount: 2, [[1, 2]])
        named.commit()
        #expect(try Self.verdict(named, "CREATE TABLE shop.a (id tinyint, v tinyint)").outcome == .reversible)
        let renamed = try Self.verdict(named, "CREATE TABLE shop.a (id tinyint, w tinyint)")
        #expect(renamed.outcome == .undecidable)
    }

    @Test("a table with triggers is refused for sql and not for binlog, and without a schema the head says that it is not known")
    func triggers() throws {
        let schema = """
            CREATE TABLE shop.a (x tinyint, y tinyint, z tinyint); USE shop;
            CREATE TRIGGER log AFTER DELETE ON a FOR EACH ROW SET @n = 1
            """
        #expect(
            try Self.reasons(Self.changes, schema) == [
                "`shop`.`a` has triggers (`log`), which sql fires again though the rows hold what they did; binlog output fires none"
            ])
        #expect(try Self.verdict(Self.changes, schema).outcome == .irreversible)
        #expect(try Self.reasons(Self.changes, schema, output: .binlog) == [])
        let folder = try TemporaryFolder()
        var named = BinlogScript()
        named.begin()
        named.table(1, "a", names: ["id"])
        named.rows(.writeRows, 1, [[1]])
        named.commit()
        let head = String(decoding: try folder.undo(named, Undo(output: .sql)), as: UTF8.self).prefix { $0 != ";" }
        #expect(head.contains("# Whether tables have triggers is not known"))
    }

    private static let cascading = """
        CREATE TABLE shop.a (id tinyint, v tinyint, PRIMARY KEY (id)); USE shop;
        CREATE TABLE c (p tinyint, CONSTRAINT fk FOREIGN KEY (p) REFERENCES a (id) ON DELETE CASCADE ON UPDATE CASCADE);
        """

    private static func parents(_ version: String, flags: UInt16 = 0, images: [[UInt8]], type: EventType) -> BinlogScript {
        var script = BinlogScript(serverVersion: version)
        script.begin()
        script.table(1, "a", columns: 2)
        script.rows(type, 1, columnCount: 2, flags: flags, images)
        script.commit()
        return script
    }

    @Test("what foreign keys changed is in the way where the binlog does not hold it", arguments: ["8.4.9", "10.11.19-MariaDB-log"])
    func cascades(version: String) throws {
        let delete = Self.parents(version, images: [[1, 2]], type: .deleteRows)
        for output in Undo.Output.allCases {
            let verdict = try Self.verdict(delete, Self.cascading, output: output)
            #expect(verdict.outcome == .irreversible)
            #expect(verdict.blockers.map(\.gtid) == ["00000000-0000-0001-0000-000000000002:1"])
            #expect(
                verdict.blockers.map { $0.reason.prefix { $0 != ":" } } == [
                    "a DELETE from `shop`.`a`, to which `shop`.`c` (`fk`) refers ON DELETE CASCADE"
                ])
            let key = Self.parents(version, images: [[1, 2], [3, 2]], type: .updateRows)
            let update = try Self.verdict(key, Self.cascading, output: output)
            #expect(update.blockers.map(\.gtid) == ["00000000-0000-0001-0000-000000000002:1"])
            #expect(
                update.blockers.map { $0.reason.prefix { $0 != ":" } } == [
                    "an UPDATE of a key of `shop`.`a`, to which `shop`.`c` (`fk`) refers ON UPDATE CASCADE"
                ])
        }
        let other = Self.parents(version, images: [[1, 2], [1, 3]], type: .updateRows)
        #expect(try Self.verdict(other, Self.cascading).outcome == .reversible)
        // The session did not check foreign keys.
        let unchecked = Self.parents(version, flags: RowsEvent.Flags.noForeignKeyChecks.rawValue, images: [[1, 2]], type: .deleteRows)
        #expect(try Self.verdict(unchecked, Self.cascading).outcome == .reversible)
        // Nobody knows.
        let warnings = try Self.verdict(delete, nil, output: .binlog).warnings
        #expect(warnings.count == 1 && warnings[0].hasPrefix("what foreign keys changed in other tables"))
        #expect(try Self.verdict(delete, "CREATE TABLE shop.a (id tinyint, v tinyint)", output: .binlog).warnings.isEmpty)
    }

    @Test("a file may not hold the children: what cascaded to others is not known, and is told")
    func partialFile() throws {
        let delete = Self.parents("8.4.9", images: [[1, 2]], type: .deleteRows)
        let parent = "CREATE TABLE shop.a (id tinyint, v tinyint, PRIMARY KEY (id))"
        let verdict = try Self.verdict(delete, nil, output: .binlog) { $0.schema = try Self.store(parent, isLive: false) }
        #expect(verdict.outcome == .reversible)
        #expect(verdict.warnings.map { $0.contains("the file of --schema may not hold all tables") } == [true])
        let whole = try Self.verdict(delete, nil) { $0.schema = try Self.store(Self.cascading, isLive: false) }
        #expect(whole.outcome == .irreversible)
    }

    @Test("MariaDB maps tables that a foreign key may have changed, and those of which a schema has the definition have none")
    func mappedAlone() throws {
        var script = BinlogScript(serverVersion: "10.11.19-MariaDB-log")
        script.begin()
        script.table(1, "a", columns: 2, names: ["id", "v"])
        script.table(2, "c", names: ["p"])
        script.rows(.deleteRows, 1, columnCount: 2, flags: 0, [[1, 2]])
        script.commit()
        let parent = "CREATE TABLE shop.a (id tinyint, v tinyint, PRIMARY KEY (id));"
        for (child, outcome) in [
            ("", Verdict.Outcome.undecidable), ("CREATE TABLE shop.c (q tinyint)", .undecidable),
            ("CREATE TABLE shop.c (p tinyint)", .reversible),
        ] {
            for isLive in [true, false] {
                let verdict = try Self.verdict(script, nil, output: .binlog) { $0.schema = try Self.store(parent + child, isLive: isLive) }
                #expect(verdict.outcome == outcome, "\(child) \(isLive)")
                #expect(verdict.blockers.allSatisfy { $0.reason.hasPrefix("the statement maps `shop`.`c` and shows no rows") })
            }
        }
    }

    @Test("an UPDATE of columns without names leaves it open where a key cascades", arguments: ["8.4.9", "10.11.19-MariaDB-log"])
    func namelessKeys(version: String) throws {
        let schema = Self.cascading.replacing("v tinyint", with: "v tinyint, w tinyint")
        let update = Self.parents(version, images: [[1, 2], [3, 2]], type: .updateRows)
        let verdict = try Self.verdict(update, schema, output: .binlog)
        #expect(verdict.outcome == .undecidable)
        #expect(
            verdict.blockers.map { $0.reason.prefix { $0 != ":" } } == [
                "an UPDATE of `shop`.`a`, to whose key `shop`.`c` (`fk`) refers ON UPDATE CASCADE"
            ])
        let some = try Self.verdict(update, schema, output: .binlog) { $0.rows.conditions = [try RowCondition(parsing: "@1=1")] }
        #expect(some.outcome == .undecidable)
        let restricted = schema.replacing(" ON UPDATE CASCADE", with: "")
        #expect(try Self.verdict(update, restricted, output: .binlog).outcome == .reversible)
    }

    @Test("newer servers write to the binlog what foreign keys change, unless they leave it to InnoDB")
    func loggedCascades() throws {
        let flag = RowsEvent.Flags.showsCascades.rawValue
        let delete = Self.parents("9.7.4", flags: flag, images: [[1, 2]], type: .deleteRows)
        #expect(try Self.verdict(delete, Self.cascading).outcome == .reversible)
        #expect(try Self.verdict(delete, nil, output: .binlog).warnings.isEmpty)
        let native = Self.parents("9.7.4", images: [[1, 2]], type: .deleteRows)
        #expect(try Self.verdict(native, Self.cascading).outcome == .irreversible)
        let insert = Self.parents("9.7.4", images: [[1, 2]], type: .writeRows)
        #expect(try Self.verdict(insert, Self.cascading).warnings.map { $0.prefix(44) } == ["rows that are taken out of `shop`.`a` again "])
    }

    @Test("a system-versioned table is refused for sql, by the schema or by what its rows hold")
    func versioned() throws {
        let schema = "CREATE TABLE shop.a (x tinyint, y tinyint, z tinyint) WITH SYSTEM VERSIONING"
        #expect(try Self.reasons(Self.changes, schema).first?.contains("is system-versioned") == true)
        #expect(try Self.reasons(Self.changes, schema, output: .binlog) == [])
    }
}
