/// Rows of text in aligned columns, under a heading.
///
///     var table = Table(["NAME", "ROLE"])
///     table.add(["n1", "leader"])
///     table.text
struct Table {
    private var rows: [[String]]
    private static let gap = "  "

    init(_ heading: [String]) { rows = [heading] }

    mutating func add(_ row: [String]) { rows.append(row) }

    /// A line for each row, each with its end; nothing behind the last column.
    var text: String {
        let widths = rows.reduce(into: [Int]()) { widths, row in
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                guard column < row.count - 1 else { break }
                line += String(repeating: " ", count: widths[column] - cell.count) + Self.gap
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
