import Common

/// How far changes have been undone, in a table of the target's that is changed in the same transactions: whatever ends the tool or the
/// server, what has been undone is not undone again.
///
/// The row stays once all is done, so that the same command does not undo anything twice.
struct RunProgress {
    static let database = "kingbus_flashback"
    static let table = "\(database).progress"

    /// What the row is found by: ``Survey/run``.
    let run: String

    /// How many of the run's transactions have been undone; nil where none was begun.
    static func undone(_ run: String, on target: Target) throws(ToolError) -> UInt64? {
        let tables = try target.query(
            "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA='\(database)' AND TABLE_NAME='progress'")
        guard !tables.rows.isEmpty else { return nil }
        let row = try target.query("SELECT undone FROM \(table) WHERE run='\(run)'")
        // What was read is not to be read again as it was then.
        try target.query("COMMIT")
        return row.text(row: 0, column: 0).flatMap { UInt64($0) }
    }

    /// Makes the table where there is none, and the run's row.
    ///
    /// - Parameter inputs: For a person who reads the table.
    static func begin(_ run: String, transactions: UInt64, inputs: [String], on target: Target) throws(ToolError) -> RunProgress {
        try target.query("CREATE DATABASE IF NOT EXISTS \(database)")
        try target.query(
            """
            CREATE TABLE IF NOT EXISTS \(table) (run CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, \
            inputs TEXT CHARACTER SET utf8mb4 NOT NULL, transactions BIGINT UNSIGNED NOT NULL, undone BIGINT UNSIGNED NOT NULL, \
            begun_at DATETIME NOT NULL, changed_at DATETIME NOT NULL) ENGINE=InnoDB
            """)
        try target.query(
            "INSERT INTO \(table) VALUES ('\(run)', \(Target.quoted(shortened(inputs))), \(transactions), 0, UTC_TIMESTAMP(), UTC_TIMESTAMP())"
        )
        try target.query("COMMIT")
        return RunProgress(run: run)
    }

    private static let maxInputsCharacters = 10_000

    private static func shortened(_ inputs: [String]) -> String {
        let text = inputs.joined(separator: " ")
        return text.count > maxInputsCharacters ? text.prefix(maxInputsCharacters) + "…" : text
    }

    /// Runs that have been begun and not ended, as lines for a person.
    static func unfinished(except run: String, on target: Target) throws(ToolError) -> [String] {
        let rows = try target.query(
            "SELECT run, inputs, undone, transactions, begun_at FROM \(table) WHERE undone<transactions AND run<>'\(run)' ORDER BY begun_at"
        )
        return rows.rows.indices.map { row in
            let values = (0..<5).map { rows.text(row: row, column: $0) ?? "" }
            return "another run of \(values[4]) UTC (\(values[1])) has undone \(values[2]) of \(values[3]) transactions and has not ended "
                + "(\(table), run \(values[0]))"
        }
    }

    /// The statement that counts one transaction more, if nobody else has: it finds one row.
    func counting(after undone: UInt64) -> String {
        "UPDATE \(Self.table) SET undone=\(undone + 1), changed_at=UTC_TIMESTAMP() WHERE run='\(run)' AND undone=\(undone)"
    }
}
