import Common

/// Whether the images of a row event hold all that it takes to undo it.
///
/// Asking each event is better than asking the server for binlog_row_image, which sessions set as they like.
enum RowSafety {
    /// Why an event cannot be undone; nil for one that can.
    static func obstacle(_ event: RowsEvent, _ table: TableMapEvent) -> String? {
        let name = "`\(table.database)`.`\(table.table)`"
        guard event.columnCount == table.columns.count else {
            return "rows of \(event.columnCount) columns for \(name), which has \(table.columns.count)"
        }
        switch event.action {
        case .delete:
            // The row has to be inserted again.
            guard let missing = firstMissing(event.beforeColumns, event.columnCount) else { return nil }
            return "a DELETE from \(name) does not hold \(columnName(missing, table)): binlog_row_image was not FULL"
        case .insert:
            // The row has to be found.
            guard !holdsKey(event.afterColumns, table), let missing = firstMissing(event.afterColumns, event.columnCount) else {
                return nil
            }
            return "an INSERT into \(name) holds neither \(columnName(missing, table)) nor a primary key that the binlog names: "
                + "binlog_row_image was not FULL"
        case .update, .partialUpdate:
            // What has changed must be known as it was. What has not is the same in both images, so the row is found by the before image's
            // columns with the new values among them, as it was found by them before.
            guard let missing = (0..<event.columnCount).first(where: { event.afterColumns[bit: $0] && !event.beforeColumns[bit: $0] })
            else {
                return nil
            }
            return "an UPDATE of \(name) does not hold what \(columnName(missing, table)) was: binlog_row_image was not FULL"
        }
    }

    private static func firstMissing(_ columns: [UInt8], _ count: Int) -> Int? { (0..<count).first { !columns[bit: $0] } }

    private static func holdsKey(_ columns: [UInt8], _ table: TableMapEvent) -> Bool {
        !table.primaryKey.isEmpty && table.primaryKey.allSatisfy { columns[bit: $0.column] }
    }

    private static func columnName(_ index: Int, _ table: TableMapEvent) -> String {
        table.columns[index].name.map { "`\($0)`" } ?? "column \(index + 1)"
    }
}

extension [UInt8] {
    /// A bit of a bitmap of columns, the first one lowest.
    subscript(bit index: Int) -> Bool { self[index / 8] >> UInt8(index % 8) & 1 == 1 }
}
