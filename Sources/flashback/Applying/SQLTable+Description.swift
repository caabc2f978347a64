import Common

extension SQLTable {
    private static let maxColumns = 8
    private static let maxValueBytes = 64

    /// Appends what a row is found by, for a person: its key as it is after the change, or was before it, or its first columns.
    func describe(
        _ row: borrowing RowReader, before isBefore: Bool = false, _ writer: inout ValueWriter, into sink: inout ByteSink
    ) {
        for (position, column) in conditionColumns.prefix(Self.maxColumns).enumerated() {
            assignments.append(column, isFirst: position == 0, to: &sink)
            let start = sink.count
            SQLOutput.write(column, before: isBefore, row, self, &writer, into: &sink)
            guard sink.count - start > Self.maxValueBytes else { continue }
            sink.truncate(to: start)
            sink.append("…")
        }
        if conditionColumns.count > Self.maxColumns { sink.append(", …") }
    }
}
