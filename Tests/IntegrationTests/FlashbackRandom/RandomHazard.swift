/// What a random case was given that can keep its changes from being undone.
enum RandomHazard: String, CaseIterable {
    case ddl = "DDL: "
    case statement = "a statement without row images: "
    case xa = "an XA transaction: "
    case rollback = "a ROLLBACK, which undid some of the rows before it"
    case image = "binlog_row_image was not FULL"
    /// The binlog does not name the columns, which SQL needs.
    case names = "the binlog does not name the columns of "
    /// A foreign key may have changed rows that are not in the binlog.
    case cascade = "a foreign key may have changed it as well"
    /// SQL fires triggers again: it is warned of, not refused.
    case trigger = "fire again, though the rows hold what they did the first time"
    /// SQL names generated columns, which MySQL refuses: it is warned of, not refused.
    case generated = "columns are generated"

    /// SQL reaches no row of the history of MariaDB's versioned tables, which rows of theirs tell.
    case history = "sql reaches no row of its"

    /// Those that are told at the head of SQL; what it does cannot be relied on then.
    static let warned: Set<RandomHazard> = [.trigger, .generated]

    /// What a refusal's reason is; nil for one that is none of these.
    init?(reason: some StringProtocol) {
        guard let hazard = Self.allCases.first(where: { !Self.warned.contains($0) && reason.contains($0.rawValue) }) else { return nil }
        self = hazard
    }
}
