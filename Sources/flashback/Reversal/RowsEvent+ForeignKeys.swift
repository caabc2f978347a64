import Common

extension RowsEvent {
    /// Whether what undoes the rows is to cascade as they did: an UPDATE takes back what it took along, where the binlog does not show that.
    ///
    /// All else is undone without a look at foreign keys, since what they checked and did holds for the way there alone: a row that was
    /// inserted may have had children by then, as foreign_key_checks=0 allows, which its DELETE would take along, or be refused for.
    ///
    /// - Parameter isMariaDB: Whether MariaDB wrote it, where statements that may have cascaded are not undone.
    func cascadesBack(isMariaDB: Bool) -> Bool {
        !isMariaDB && hasBefore && hasAfter && flags.isDisjoint(with: [.noForeignKeyChecks, .showsCascades])
    }
}
