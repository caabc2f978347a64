/// Random statements on random tables.
struct RandomWorkload {
    private(set) var statements: [String] = []
    private(set) var hazards: Set<RandomHazard> = []

    private let schema: RandomSchema
    private let kind: ScriptedServer.Kind
    private var random: SeededRandom
    private var isInTransaction = false
    private var hasSavepoint = false

    /// - Parameter data: a file with an integer on each line, which LOAD DATA reads.
    init(_ schema: RandomSchema, on kind: ScriptedServer.Kind, data: String, _ random: inout SeededRandom) {
        self.schema = schema
        self.kind = kind
        self.random = random
        addSettings()
        for _ in 0..<Int.random(in: 4...20, using: &self.random) { addStatement(data) }
        if self.random.chance(8) { addHazard() }
        if isInTransaction { statements.append(self.random.chance(90) ? "COMMIT;" : "ROLLBACK;") }
        random = self.random
    }

    /// Rows to begin with.
    static func fill(_ schema: RandomSchema, _ random: inout SeededRandom) -> [String] {
        schema.tables.flatMap { table in
            (0..<Int.random(in: 2...5, using: &random)).map { _ in insert("INSERT IGNORE", into: table, &random) + ";" }
        }
    }

    // MARK: - Sessions

    private static let sqlModes = [
        "", "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES", "ALLOW_INVALID_DATES,STRICT_ALL_TABLES", "NO_AUTO_VALUE_ON_ZERO,ANSI,TRADITIONAL",
        "PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES,ALLOW_INVALID_DATES",
    ]

    private mutating func addSettings() {
        statements.append("SET sql_mode='\(random.pick(Self.sqlModes).replacing("PAD_CHAR_TO_FULL_LENGTH,", with: ""))';")
        statements.append("SET time_zone='\(random.pick(["+00:00", "-05:30", "+13:00"]))';")
        if random.chance(8) {
            statements.append("SET binlog_row_image=\(random.pick(["MINIMAL", "NOBLOB"]));")
            hazards.insert(.image)
        }
        if random.chance(20) { statements.append("SET foreign_key_checks=0;") }
        if random.chance(10) { statements.append("SET unique_checks=0;") }
        guard kind == .mysql else { return }
        if random.chance(40) { statements.append("SET binlog_row_value_options=PARTIAL_JSON;") }
        if random.chance(30) { statements.append("SET binlog_transaction_compression=ON;") }
        if random.chance(30) { statements.append("SET binlog_rows_query_log_events=ON;") }
        if random.chance(30) { statements.append("SET gtid_next='AUTOMATIC:tag\(Int.random(in: 1...3, using: &random))';") }
    }

    // MARK: - Statements

    private mutating func addStatement(_ data: String) {
        if random.chance(25) { return addControl() }
        let table = random.pick(schema.tables)
        let name = table.name.quotedName
        switch Int.random(in: 0..<20, using: &random) {
        case 0...3: statements.append(Self.insert(random.pick(["INSERT", "INSERT IGNORE"]), into: table, &random) + ";")
        case 4: statements.append(Self.insert("REPLACE", into: table, &random) + ";")
        case 5 where table.takesUpserts(on: kind):
            statements.append(
                Self.insert("INSERT", into: table, &random) + " ON DUPLICATE KEY UPDATE \(assignments(table, count: 1));")
        case 6: addInsertSelect(table)
        case 7...12: addUpdate(table)
        case 13, 14: statements.append("DELETE FROM \(name)\(condition());")
        case 15: statements.append("DELETE FROM \(name) ORDER BY k LIMIT \(Int.random(in: 1...3, using: &random));")
        case 16: addMultiTable()
        case 17 where table.canBeLoaded:
            statements.append("LOAD DATA INFILE '\(data)' \(random.pick(["IGNORE", "REPLACE"])) INTO TABLE \(name) (k);")
        case 18: statements.append("UPDATE \(name) SET k = k;")
        default: addHarmless()
        }
    }

    private static func insert(_ verb: String, into table: RandomTable, _ random: inout SeededRandom) -> String {
        let all = random.chance(80)
        let columns = table.ordinary.filter { $0.name == "k" || all || !$0.isNullable || random.chance(50) }
        let rows = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            "(\(columns.map { value($0, &random) }.joined(separator: ", ")))"
        }
        return "\(verb) INTO \(table.name.quotedName) (\(columns.map(\.name.quotedName).joined(separator: ", "))) VALUES "
            + rows.joined(separator: ", ")
    }

    /// Those that statements choose rows by, and foreign keys refer to, meet often.
    private static func value(_ column: RandomColumn, _ random: inout SeededRandom) -> String {
        guard column.name == "k" || column.name == "fk" else { return column.value(&random) }
        return column.isNullable && random.chance(20) ? "NULL" : "\(Int.random(in: 0...20, using: &random))"
    }

    private mutating func addInsertSelect(_ table: RandomTable) {
        let names = table.ordinary.map(\.name.quotedName)
        let others = names.dropFirst().map { ", \($0)" }.joined()
        statements.append(
            "INSERT IGNORE INTO \(table.name.quotedName) (k\(others)) SELECT k + \(Int.random(in: 1...30, using: &random))\(others) "
                + "FROM \(table.name.quotedName) LIMIT 20;")
    }

    private mutating func addUpdate(_ table: RandomTable) {
        let name = table.name.quotedName
        if random.chance(25), table.canShiftKey(on: kind) {
            let step = random.pick(["1", "7", "100"])
            return statements.append("UPDATE \(name) SET k = k + \(step)\(condition()) ORDER BY k DESC;")
        }
        let json = table.ordinary.filter { if case .json = $0.family { true } else { false } }
        if let column = json.first?.name.quotedName, random.chance(60) {
            let change = random.pick([
                "JSON_SET(\(column), '$.k.l[1]', 99, '$.n', 1)", "JSON_REPLACE(\(column), '$.k', 'new', '$.a[0]', 7)",
                "JSON_REMOVE(\(column), '$.a')", "JSON_SET(\(column), '$.m', 'y')", "JSON_REMOVE(\(column), '$.k.l[0]')",
            ])
            return statements.append("UPDATE \(name) SET \(column) = \(change)\(condition());")
        }
        let limit = random.chance(20) ? " LIMIT \(Int.random(in: 1...3, using: &random))" : ""
        statements.append("UPDATE \(name) SET \(assignments(table, count: Int.random(in: 1...3, using: &random)))\(condition())\(limit);")
    }

    private mutating func assignments(_ table: RandomTable, count: Int) -> String {
        let columns = table.ordinary.shuffled(using: &random).prefix(count)
        return columns.map { "\($0.name.quotedName) = \(Self.value($0, &random))" }.joined(separator: ", ")
    }

    private mutating func condition() -> String {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: " WHERE k % 2 = \(Int.random(in: 0...1, using: &random))"
        case 1: " WHERE k > \(Int.random(in: 0...20, using: &random))"
        case 2: " WHERE k IS NULL"
        case 3: " WHERE k IN (\(Int.random(in: 0...20, using: &random)), \(Int.random(in: 0...20, using: &random)))"
        case 4: " WHERE k < \(Int.random(in: 0...20, using: &random))"
        default: ""
        }
    }

    private mutating func addMultiTable() {
        let (one, two) = (random.pick(schema.tables), random.pick(schema.tables))
        guard one.name != two.name, let first = one.ordinary.last, let second = two.ordinary.last else { return }
        let (a, b) = (one.name.quotedName, two.name.quotedName)
        // A statement that may change two tables maps both, and may then change one.
        if kind == .mariadb { hazards.insert(.cascade) }
        if random.chance(50) || kind == .mariadb {
            statements.append(
                "UPDATE \(a) x, \(b) y SET x.\(first.name.quotedName) = \(Self.value(first, &random)), "
                    + "y.\(second.name.quotedName) = \(Self.value(second, &random)) WHERE x.k % 5 = y.k % 5;")
        } else {
            statements.append("DELETE x, y FROM \(a) x, \(b) y WHERE x.k = y.k;")
        }
    }

    /// What leaves nothing behind that is to be undone.
    private mutating func addHarmless() {
        // MariaDB logs a transaction that was rolled back if temporary tables have come and gone in it.
        if kind == .mariadb, isInTransaction { hazards.insert(.rollback) }
        statements += random.pick([
            ["CREATE TEMPORARY TABLE tmp (i INT);", "INSERT INTO tmp VALUES (1), (2);", "DROP TEMPORARY TABLE tmp;"],
            ["SET time_zone='\(random.pick(["+03:00", "-11:00"]))';"],
            ["SET sql_mode='\(random.pick(Self.sqlModes))';"],
            ["SET foreign_key_checks=\(random.pick(["0", "1"]));"],
            ["ANALYZE TABLE \(schema.tables[0].name.quotedName);"],
        ])
    }

    // MARK: - Transactions

    private mutating func addControl() {
        guard isInTransaction else {
            isInTransaction = true
            hasSavepoint = false
            return statements.append(random.pick(["BEGIN;", "START TRANSACTION;"]))
        }
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1:
            statements.append("COMMIT;")
            isInTransaction = false
        case 2:
            statements.append("ROLLBACK;")
            isInTransaction = false
            if schema.hasMyISAM { hazards.insert(.rollback) }
        case 3, 4:
            statements.append("SAVEPOINT s;")
            hasSavepoint = true
        default:
            guard hasSavepoint else { return }
            statements.append(random.pick(["ROLLBACK TO s;", "RELEASE SAVEPOINT s;"]))
            if schema.hasMyISAM { hazards.insert(.rollback) }
            hasSavepoint = false
        }
    }

    private mutating func addHazard() {
        if isInTransaction { statements.append("COMMIT;") }
        isInTransaction = false
        let table = schema.tables[0]
        let name = table.name.quotedName
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            statements.append("TRUNCATE TABLE \(name);")
            hazards.insert(.ddl)
        case 1:
            statements.append("ALTER TABLE \(name) ADD COLUMN added INT;")
            hazards.insert(.ddl)
        case 2:
            statements += ["CREATE TABLE other (i INT PRIMARY KEY);", "INSERT INTO other VALUES (1);"]
            hazards.insert(.ddl)
        case 3:
            statements.append("CREATE VIEW v AS SELECT k FROM \(name);")
            hazards.insert(.ddl)
        case 4:
            statements += ["SET binlog_format=STATEMENT;", "DELETE FROM \(name) WHERE k > 3;", "SET binlog_format=ROW;"]
            hazards.insert(.statement)
        default:
            statements += [
                "XA START 'x';", Self.insert("INSERT IGNORE", into: table, &random) + ";", "XA END 'x';", "XA PREPARE 'x';",
                random.pick(["XA COMMIT 'x';", "XA ROLLBACK 'x';"]),
            ]
            hazards.insert(.xa)
        }
    }
}
