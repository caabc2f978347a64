import Common
import MySQLClient

/// What the target's tables are like, as far as that decides what can be done with them.
struct TargetTables {
    /// Why changes cannot be undone there; a line for each table.
    private(set) var obstacles: [String] = []
    private(set) var warnings: [String] = []

    /// Asks the target.
    ///
    /// - Parameters:
    ///   - tables: With the columns' names in the binlog.
    ///   - changes: Whether they are to be changed, and not only read.
    init(_ tables: [TableName: Set<String>], on target: Target, changes: Bool) throws(ToolError) {
        if changes, try !Self.seesTriggers(target) {
            warnings.append("the user has no TRIGGER privilege and sees no triggers: those of tables that have some will fire again")
        }
        for (name, columns) in tables.sorted(by: { $0.key < $1.key }) {
            if let reason = try take(name, columns, on: target, changes: changes) { obstacles.append("\(name.quoted) \(reason)") }
        }
    }

    private mutating func take(
        _ name: TableName, _ columns: Set<String>, on target: Target, changes: Bool
    ) throws(ToolError) -> String? {
        let isNamed = "TABLE_SCHEMA=\(Target.quoted(name.database)) AND TABLE_NAME=\(Target.quoted(name.table))"
        let table = try target.query(
            "SELECT t.TABLE_TYPE, t.ENGINE, e.TRANSACTIONS FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e "
                + "ON e.ENGINE=t.ENGINE WHERE \(isNamed)")
        guard let type = table.text(row: 0, column: 0) else { return "is not there, or the user may not see it" }
        guard type == "BASE TABLE" else { return "is no plain table there (\(type))" }
        let engine = table.text(row: 0, column: 1) ?? "unknown"
        guard !changes || table.text(row: 0, column: 2) == "YES" else {
            return "is a table of \(engine), where what has been changed cannot be taken back: it can be undone by what --output writes"
        }
        let found = try target.query("SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE \(isNamed)")
        let names = found.rows.indices.map { found.text(row: $0, column: 0) ?? "" }
        if let missing = columns.subtracting(names).min() { return "has no column `\(missing)` there" }
        guard changes else { return nil }
        let triggers = try target.query(
            "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA=\(Target.quoted(name.database)) "
                + "AND EVENT_OBJECT_TABLE=\(Target.quoted(name.table)) ORDER BY TRIGGER_NAME")
        guard let trigger = triggers.text(row: 0, column: 0) else { return nil }
        return "has triggers there (`\(trigger)`), which would fire again, though the rows hold what they did: --output binlog fires none"
    }

    /// Whether the user is told of triggers. What is granted through roles does not show here.
    private static func seesTriggers(_ target: Target) throws(ToolError) -> Bool {
        let counts = try ["USER", "SCHEMA", "TABLE"].map { scope throws(ToolError) in
            try target.query("SELECT COUNT(*) FROM information_schema.\(scope)_PRIVILEGES WHERE PRIVILEGE_TYPE='TRIGGER'")
                .text(row: 0, column: 0)
        }
        return counts.contains { $0 != "0" }
    }
}
