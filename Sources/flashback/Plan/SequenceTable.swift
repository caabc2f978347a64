import Common

/// MariaDB's sequences are tables in the binlog, with a row that each reservation of numbers writes anew. Numbers that were given out are not
/// taken back, as those of AUTO_INCREMENT are not, and no row event can take the row away.
enum SequenceTable {
    /// As `sql_sequence.cc` of MariaDB has them.
    private static let names = [
        "next_not_cached_value", "minimum_value", "maximum_value", "start_value", "increment", "cache_size", "cycle_option", "cycle_count",
    ]
    private static let types: [ColumnType] = [.longLong, .longLong, .longLong, .longLong, .longLong, .longLong, .tiny, .longLong]

    /// Whether a table of MariaDB's is a sequence; nil where the columns are like one's and have no names.
    static func matches(_ table: TableMapEvent) -> Bool? {
        guard table.columns.count == types.count, table.columns.map(\.type) == types, !table.columns.contains(where: \.isNullable) else {
            return false
        }
        guard SQLTable.knowsNames(of: table) else { return nil }
        return table.columns.map(\.name) == names
    }
}
