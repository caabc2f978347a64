import Common

/// Which row changes and statements are wanted inside the wanted transactions: `--database`, `--table`, `--type`, `--where`.
package struct RowFilter: Sendable {
    package var databases: [Glob] = []
    /// Each against `table`, or against `database.table` where it has a dot.
    package var tables: [TablePattern] = []
    /// Empty for all.
    package var changes: Set<ChangeKind> = []
    /// All of them hold in one of a row's images.
    package var conditions: [RowCondition] = []

    package init(
        databases: [Glob] = [], tables: [TablePattern] = [], changes: Set<ChangeKind> = [], conditions: [RowCondition] = []
    ) {
        self.databases = databases
        self.tables = tables
        self.changes = changes
        self.conditions = conditions
    }

    /// Whether everything is wanted.
    package var isEmpty: Bool { databases.isEmpty && tables.isEmpty && changes.isEmpty && conditions.isEmpty }

    package func wants(database: String, table: String) -> Bool {
        guard databases.isEmpty || databases.contains(where: { $0.matches(database.utf8) }) else { return false }
        return tables.isEmpty || tables.contains { $0.matches(database: database, table: table) }
    }

    package func wants(_ kind: ChangeKind) -> Bool { changes.isEmpty || changes.contains(kind) }

    /// Whether a statement as text is wanted, of which only the database it ran in is known.
    package func wants(statement kind: ChangeKind, database: RawSpan) -> Bool {
        guard wants(kind), tables.isEmpty, conditions.isEmpty else { return false }
        guard !databases.isEmpty else { return true }
        let name = database.array
        return databases.contains { $0.matches(name) }
    }
}

/// One `--table`.
package struct TablePattern: Hashable, Sendable {
    private let database: Glob?
    private let table: Glob

    package init(_ text: String) {
        if let dot = text.firstIndex(of: ".") {
            database = Glob(String(text[..<dot]))
            table = Glob(String(text[text.index(after: dot)...]))
        } else {
            database = nil
            table = Glob(text)
        }
    }

    package func matches(database name: String, table other: String) -> Bool {
        database?.matches(name.utf8) ?? true && table.matches(other.utf8)
    }
}

/// What `--type` names.
package enum ChangeKind: String, CaseIterable, Sendable {
    case insert, update, delete
    /// A statement that changes what a schema holds, or who may do what.
    case ddl
    /// Another statement that stands in the binlog as text.
    case statement
}
