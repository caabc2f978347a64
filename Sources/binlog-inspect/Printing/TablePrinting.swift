import BinlogInput
import Common

/// What is printed of a table again and again, and whether it is wanted: made once of a TABLE_MAP.
final class TablePrinting {
    let isWanted: Bool
    /// Where the rows are counted; nil where they are not.
    let counts: TableCounts?
    /// The columns' names, fit for a line of text; `@1` where one is not known.
    let names: [String]
    /// `database.table`, fit for a line of text.
    let textName: [UInt8]
    /// `name=`, or `@1=` where the name is not known.
    let textLabels: ColumnLabels
    /// `"name":`.
    let jsonLabels: ColumnLabels
    /// `"database":"…","table":"…"`.
    let jsonName: [UInt8]
    /// What SQL needs; nil where none is printed.
    let sql: SQLTable?
    /// For each condition its column.
    let conditionColumns: [Int]

    init(_ map: TableMapEvent, filter: RowFilter, counts: TableCounts?, isForSQL: Bool) {
        textName = Array(map.printedName.utf8)
        self.counts = counts
        let names = map.columns.enumerated().map { $1.name ?? "@\($0 + 1)" }
        let printedNames = names.map(\.onOneLine)
        self.names = printedNames
        textLabels = ColumnLabels(printedNames.map { Array("\($0)=".utf8) }, separator: Array(", ".utf8))
        let quoted = names.map { name in
            var sink = ByteSink(capacity: 64)
            sink.append(jsonString: name)
            sink.append(UInt8(ascii: ":"))
            return sink.bytes.array
        }
        jsonLabels = ColumnLabels(quoted, separator: [UInt8(ascii: ",")])
        var sink = ByteSink(capacity: 64)
        sink.append("\"database\":")
        sink.append(jsonString: map.database)
        sink.append(",\"table\":")
        sink.append(jsonString: map.table)
        jsonName = sink.bytes.array
        let found = RowMatcher.columns(of: filter.conditions, in: map).compactMap(\.self)
        conditionColumns = found
        // Where the table has no column of a name, no row holds.
        isWanted = filter.wants(database: map.database, table: map.table) && found.count == filter.conditions.count
        sql = isForSQL && isWanted ? SQLTable(map) : nil
    }
}

extension TableMapEvent {
    /// `database.table`, fit for a line of text.
    var printedName: String { "\(database).\(table)".onOneLine }
}
