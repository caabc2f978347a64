import BinlogInput
import Common

/// What a statement that stands in the binlog as text means for rows that are to be undone.
enum StatementEffect: Hashable {
    /// It begins, divides or commits a transaction, or leaves no trace in any table's rows.
    case none
    /// It undid row changes that stand before it in its transaction.
    case undone
    case xa
    /// It changed what no row event shows.
    case change(ChangeKind)

    private static let ddl: Set<String> = [
        "CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE", "GRANT", "REVOKE", "REPAIR", "INSTALL", "UNINSTALL", "IMPORT",
        "SET",
    ]

    init(_ statement: RawSpan) {
        if statement.spells("BEGIN") || statement.spells("COMMIT") {
            self = .none
            return
        }
        let words = StatementWords(statement)
        switch words.first {
        case "BEGIN", "START", "COMMIT", "SAVEPOINT", "RELEASE", "FLUSH", "ANALYZE", "OPTIMIZE": self = .none
        // A variable, as mysqlbinlog's output and our own have them; SET PASSWORD and SET DEFAULT ROLE have another word behind it.
        case "SET" where words[1].isEmpty: self = .none
        case "ROLLBACK": self = .undone
        case "XA": self = .xa
        // The rows of temporary tables are in no binlog.
        case "CREATE" where words[1] == "TEMPORARY", "DROP" where words[1] == "TEMPORARY": self = .none
        case let first: self = .change(Self.ddl.contains(first) ? .ddl : .statement)
        }
    }
}
