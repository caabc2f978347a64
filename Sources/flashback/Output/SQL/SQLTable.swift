import Common

/// What SQL says of a table again and again: made once of a TABLE_MAP.
final class SQLTable {
    let map: TableMapEvent
    let updateHead: [UInt8]
    let deleteHead: [UInt8]
    private let insertHead: [UInt8]
    /// Of the columns, quoted.
    let names: [[UInt8]]
    /// Whether a column is text, of which its key may know several spellings as one.
    let isText: [Bool]
    /// Whether a name's backslash would keep MariaDB's client from finding the name's end, unless NO_BACKSLASH_ESCAPES is set.
    let needsPlainBackslashes: Bool
    /// Columns that SQL can name: not those that a functional index is kept in, nor those that are computed from others.
    let isNamed: [Bool]
    /// Whether a column would change by itself if an UPDATE did not name it (ON UPDATE CURRENT_TIMESTAMP).
    let changesByItself: [Bool]
    /// What stands between the values of an INSERT.
    let values: ColumnLabels
    /// `` `a`= ``.
    let assignments: ColumnLabels
    /// What stands before each value of a row that is to be found by all that is known of it, or by its primary key alone.
    private let conditions: (whole: ColumnLabels, key: ColumnLabels)
    /// Whether a condition ends with a parenthesis.
    let closesCondition: [Bool]

    // What was made for the images of the last event.
    private var event: (before: [UInt8], after: [UInt8], action: RowsEvent.Action)?
    private(set) var insertPrefix: [UInt8] = []
    /// For each column its place in an image; -1 where it has none.
    private(set) var beforeIndices: [Int] = []
    private(set) var afterIndices: [Int] = []
    /// The columns that a row is found by.
    private(set) var conditionColumns: [Int] = []
    private(set) var conditionLabels: ColumnLabels
    /// Whether a row that is found by its key must be all that is known of it.
    let comparesAll: Bool
    /// The columns that a row is compared by that is found by its key, and what stands before their values.
    private(set) var comparedColumns: [Int] = []
    let comparedLabels: ColumnLabels
    /// Whether rows are found by their key, and then compared.
    var isFoundByKey: Bool { !comparedColumns.isEmpty }

    private static let hiddenPrefix = "!hidden!"

    /// Whether the binlog names all columns.
    static func knowsNames(of map: TableMapEvent) -> Bool { map.columns.allSatisfy { $0.name != nil } }

    /// Whether a column is one that a functional index is kept in.
    static func isHidden(_ name: String) -> Bool { name.hasPrefix(hiddenPrefix) }

    /// - Parameters:
    ///   - map: One whose columns have names.
    ///   - comparesAll: Whether a row that is found by its key must be all that is known of it.
    init(_ map: TableMapEvent, comparesAll: Bool = false) {
        self.map = map
        self.comparesAll = comparesAll
        let name = ByteSink.identifier(map.database) + [UInt8(ascii: ".")] + ByteSink.identifier(map.table)
        updateHead = Array("UPDATE ".utf8) + name + Array(" SET ".utf8)
        deleteHead = Array("DELETE FROM ".utf8) + name + Array(" WHERE ".utf8)
        insertHead = Array("INSERT INTO ".utf8) + name + Array(" (".utf8)
        isNamed = map.columns.map { !$0.isGenerated && !Self.isHidden($0.name ?? "") }
        changesByItself = map.columns.map { [.timestamp, .timestamp2, .dateTime, .dateTime2].contains($0.type) }
        let names = map.columns.map { ByteSink.identifier($0.name ?? "") }
        self.names = names
        needsPlainBackslashes = (names + [name]).contains { $0.firstRange(of: Array("\\`".utf8)) != nil }
        let comma = Array(", ".utf8)
        values = ColumnLabels(names.map { _ in [] }, separator: comma)
        assignments = ColumnLabels(names.map { $0 + [UInt8(ascii: "=")] }, separator: comma)
        let comparisons = map.columns.map(ColumnComparison.init)
        let and = Array(" AND ".utf8)
        conditions = (
            whole: ColumnLabels(zip(comparisons, names).map { $0.label($1, isKey: false) }, separator: and),
            key: ColumnLabels(zip(comparisons, names).map { $0.label($1, isKey: true) }, separator: and)
        )
        conditionLabels = conditions.whole
        comparedLabels = conditions.whole
        isText = comparisons.map { $0 == .binary }
        closesCondition = comparisons.map(\.closesParenthesis)
    }

    /// Makes what the rows of an event need.
    func prepare(for event: RowsEvent) {
        if let last = self.event, last == (event.beforeColumns, event.afterColumns, event.action) { return }
        self.event = (event.beforeColumns, event.afterColumns, event.action)
        beforeIndices = Self.indices(event.hasBefore ? event.beforeColumns : [], map.columns.count)
        afterIndices = Self.indices(event.hasAfter ? event.afterColumns : [], map.columns.count)
        let columns = map.columns.indices.filter { isNamed[$0] }
        insertPrefix = insertHead
        for (position, column) in columns.filter({ beforeIndices[$0] >= 0 }).enumerated() {
            insertPrefix += (position == 0 ? [] : Array(", ".utf8)) + names[column]
        }
        insertPrefix += Array(") VALUES (".utf8)
        let isKnown = { [beforeIndices, afterIndices] (column: Int) in beforeIndices[column] >= 0 || afterIndices[column] >= 0 }
        let known = columns.filter(isKnown)
        let key = map.primaryKey.map(\.column)
        // A key may have a part that is computed, and is compared where the columns are not all known that it is computed from.
        let isFoundByKey =
            !key.isEmpty && key.allSatisfy(isKnown) && (key.allSatisfy { isNamed[$0] } || known.count < columns.count)
        conditionColumns = isFoundByKey ? key : known
        conditionLabels = isFoundByKey ? conditions.key : conditions.whole
        comparedColumns = isFoundByKey && comparesAll ? known : []
    }

    private static func indices(_ columns: [UInt8], _ count: Int) -> [Int] {
        var next = 0
        return (0..<count).map { index in
            guard index / 8 < columns.count, columns[index / 8] >> UInt8(index % 8) & 1 == 1 else { return -1 }
            defer { next += 1 }
            return next
        }
    }
}
