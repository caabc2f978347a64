import Common

/// What SQL says of a table again and again: made once of a TABLE_MAP.
final class SQLTable {
    private let map: TableMapEvent
    /// `` `database`.`table` ``.
    private let name: [UInt8]
    private let names: [[UInt8]]?

    /// What sets a sequence of MariaDB's, which is a table with a row that no statement can write in part; nil for other tables.
    let setValueHead: [UInt8]?
    /// A sequence's columns, as `sql_sequence.cc` of MariaDB has them.
    private static let sequenceColumns = [
        "next_not_cached_value", "minimum_value", "maximum_value", "start_value", "increment", "cache_size", "cycle_option", "cycle_count",
    ]

    let updateHead: [UInt8]
    let deleteHead: [UInt8]
    /// `(…, …)` without names.
    let values: ColumnLabels
    /// `` `a`= ``.
    let assignments: ColumnLabels
    /// What stands before each value of a row that is to be found by all that is known of it, or by its primary key alone.
    private let conditions: (whole: ColumnLabels, key: ColumnLabels)
    /// Whether a condition ends with a parenthesis.
    let closesCondition: [Bool]
    /// Whether a column would change by itself if an UPDATE did not name it (ON UPDATE CURRENT_TIMESTAMP).
    let changesByItself: [Bool]
    /// Integers of which nothing says whether they have a sign.
    private let unsignedUnknown: [Int]

    // What was made for the images of the last event.
    private var beforeColumns: [UInt8] = []
    private var afterColumns: [UInt8] = []
    private(set) var insertHead: [UInt8] = []
    /// For each column its place in the before image; -1 where it has none.
    private(set) var beforeIndices: [Int] = []
    /// Which values of the before image a row is found by.
    private(set) var conditionIndices: [Int] = []
    private(set) var conditionLabels: ColumnLabels

    init(_ map: TableMapEvent) {
        self.map = map
        name = ByteSink.identifier(map.database) + [UInt8(ascii: ".")] + ByteSink.identifier(map.table)
        let known = map.columns.compactMap { $0.name.map(ByteSink.identifier) }
        names = known.count == map.columns.count ? known : nil
        let isSequence = map.columns.map(\.name) == Self.sequenceColumns
        setValueHead = isSequence ? Array("DO SETVAL(".utf8) + name + Array(", ".utf8) : nil
        updateHead = Array("UPDATE ".utf8) + name + Array(" SET ".utf8)
        deleteHead = Array("DELETE FROM ".utf8) + name + Array(" WHERE ".utf8)
        let columns = names ?? map.columns.map { _ in [] }
        values = ColumnLabels(columns.map { _ in [] }, separator: Array(", ".utf8))
        assignments = ColumnLabels(columns.map { $0 + [UInt8(ascii: "=")] }, separator: Array(", ".utf8))
        let comparisons = map.columns.map(ColumnComparison.init)
        let and = Array(" AND ".utf8)
        conditions = (
            whole: ColumnLabels(zip(comparisons, columns).map { $0.label($1, isKey: false) }, separator: and),
            key: ColumnLabels(zip(comparisons, columns).map { $0.label($1, isKey: true) }, separator: and)
        )
        conditionLabels = conditions.whole
        closesCondition = comparisons.map(\.closesParenthesis)
        changesByItself = map.columns.map { [.timestamp, .timestamp2, .dateTime, .dateTime2].contains($0.type) }
        unsignedUnknown = map.columns.indices.filter {
            map.columns[$0].isUnsigned == nil && [.tiny, .short, .int24, .long, .longLong].contains(map.columns[$0].type)
        }
    }

    /// The name of a column, for expressions that change what it holds.
    func columnName(_ column: Int) -> String? { names.map { String(decoding: $0[column], as: UTF8.self) } }

    /// Makes what the rows of an event need.
    ///
    /// - Throws: `unsupported` where they cannot be written without the columns' names.
    func prepare(for event: RowsEvent) throws(CodecError) {
        if names == nil, event.action != .insert || !event.hasAllColumns {
            throw unknown("the names of its columns, and without them only whole rows can be inserted")
        }
        guard event.beforeColumns != beforeColumns || event.afterColumns != afterColumns else { return }
        beforeColumns = event.beforeColumns
        afterColumns = event.afterColumns
        insertHead = Array("INSERT INTO ".utf8) + name
        if let names {
            let columns = names.indices.filter { event.afterColumns.hasBit($0) }.map { names[$0] }
            insertHead += Array(" (".utf8) + columns.joined(separator: Array(", ".utf8)) + [UInt8(ascii: ")")]
        }
        insertHead += Array(" VALUES (".utf8)
        var count = 0
        beforeIndices = map.columns.indices.map { index in
            guard event.beforeColumns.hasBit(index) else { return -1 }
            defer { count += 1 }
            return count
        }
        guard count > 0 || event.action == .insert else { throw unknown("any column of the rows that it changes") }
        let key = map.primaryKey.map { beforeIndices[$0.column] }
        let isFoundByKey = !key.isEmpty && !key.contains(-1)
        conditionIndices = isFoundByKey ? key : Array(0..<count)
        conditionLabels = isFoundByKey ? conditions.key : conditions.whole
    }

    /// - Throws: `unsupported` where a value of the row may be negative or large, and nothing says which.
    func checkSigns(_ rows: borrowing RowReader) throws(CodecError) {
        for column in unsignedUnknown {
            guard let index = rows.afterIndex(of: column), let value = rows.after(index).integer else { continue }
            if Int64(bitPattern: value) < 0 { throw unknown("whether its column \(column + 1) has a sign") }
        }
    }

    private func unknown(_ what: String) -> CodecError {
        CodecError(
            .unsupported, at: 0,
            "the binlog does not tell of \(String(decoding: name, as: UTF8.self)) \(what); its server writes it with "
                + "binlog_row_metadata=FULL, and --schema names what tells it")
    }
}

extension RowsEvent {
    fileprivate var hasAllColumns: Bool { (0..<columnCount).allSatisfy { afterColumns.hasBit($0) } }
}

extension [UInt8] {
    fileprivate func hasBit(_ index: Int) -> Bool { self[index / 8] >> UInt8(index % 8) & 1 == 1 }
}
