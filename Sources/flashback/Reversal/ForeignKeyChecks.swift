import Common

/// How foreign keys are looked at by what undoes rows.
struct ForeignKeyChecks {
    /// See ``Plan/keepsLaterRows``.
    var keepsLaterRows = false
    /// Whether MariaDB wrote the rows, where statements that may have cascaded are not undone.
    var isMariaDB = false

    /// Whether what undoes the rows of an event is to look at foreign keys as they did.
    ///
    /// Where all that came later is undone too, it is not: what foreign keys checked and did holds for the way there alone. A row that was
    /// inserted may have had children by then, as foreign_key_checks=0 allows, which its DELETE would take along, or be refused for. But an
    /// UPDATE takes back what it took along, where the binlog does not show that; and where later rows are kept, a row that they refer to
    /// must not be taken out unseen.
    func areMade(for event: RowsEvent) -> Bool {
        guard !event.flags.contains(.noForeignKeyChecks) else { return false }
        if event.action == .insert { return keepsLaterRows }
        return !isMariaDB && event.hasBefore && event.hasAfter && !event.flags.contains(.showsCascades)
    }
}
