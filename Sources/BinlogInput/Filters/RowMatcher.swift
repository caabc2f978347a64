import Common

/// Finds the rows that `--where` asks for.
package struct RowMatcher: ~Copyable {
    private let conditions: [RowCondition]
    private var writer = ValueWriter()
    /// Where a value's text is made for a comparison.
    private var comparison = ByteSink(capacity: 1 << 10)

    package init(_ conditions: [RowCondition]) { self.conditions = conditions }

    /// For each condition its column; nil where the table has none of that name, as far as its columns have names.
    ///
    /// Columns may be named by their numbers, too: `@1`.
    package static func columns(of conditions: [RowCondition], in map: TableMapEvent) -> [Int?] {
        conditions.map { condition in
            map.columns.firstIndex { $0.name == condition.column }
                ?? map.columns.indices.first { "@\($0 + 1)" == condition.column }
        }
    }

    /// Whether all conditions hold in one of the row's images. What an update leaves out of its after image is as it was before.
    ///
    /// - Parameter columns: For each condition its column.
    package mutating func matches(_ rows: borrowing RowReader, columns: [Int]) -> Bool {
        if conditions.isEmpty { return true }
        let after = conditions.indices.allSatisfy { index in
            guard rows.event.hasAfter else { return false }
            if let place = rows.afterIndex(of: columns[index]) { return holds(conditions[index], rows.after(place)) }
            return rows.beforeIndex(of: columns[index]).map { holds(conditions[index], rows.before($0)) } ?? false
        }
        return after
            || conditions.indices.allSatisfy { index in
                rows.beforeIndex(of: columns[index]).map { holds(conditions[index], rows.before($0)) } ?? false
            }
    }

    private mutating func holds(_ condition: RowCondition, _ value: borrowing RowValue) -> Bool {
        condition.holds(for: value, writer: &writer, scratch: &comparison)
    }
}
