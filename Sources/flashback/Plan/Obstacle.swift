import Common

/// What keeps a row event from being undone.
struct Obstacle {
    var reason: String
    /// Whether a schema would help.
    var needsSchema = false

    /// What the head of an event says; nil where nothing stands in the way.
    ///
    /// - Parameter isDescribed: Whether a schema told what the table is.
    static func find(_ event: RowsEvent, _ table: TableMapEvent, isMariaDB: Bool, isDescribed: Bool) -> Obstacle? {
        if let reason = RowSafety.obstacle(event, table) { return Obstacle(reason: reason) }
        if isMariaDB, SequenceTable.matches(table) == nil {
            return Obstacle(
                reason:
                    "`\(table.database)`.`\(table.table)` may be a sequence, whose numbers are not taken back, or a table with such columns: "
                    + "the binlog does not tell (binlog_row_metadata was not FULL)", needsSchema: true)
        }
        if isMariaDB, !isDescribed,
            let column = table.columns.firstIndex(where: { [.time, .dateTime, .timestamp].contains($0.type) })
        {
            return Obstacle(
                reason:
                    "column \(column + 1) of `\(table.database)`.`\(table.table)` is of a temporal type whose length the binlog does not "
                    + "tell (mysql56_temporal_format=OFF)", needsSchema: true)
        }
        do {
            _ = try RowPlan(table: table, event: event)
            return nil
        } catch { return Obstacle(reason: "`\(table.database)`.`\(table.table)`: \(error.reason)") }
    }
}
