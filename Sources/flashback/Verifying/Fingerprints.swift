import Common

/// Makes fingerprints of rows and keys: what two rows have in common where they are the same, and nothing else has.
struct Fingerprints: ~Copyable {
    private var writer = ValueWriter()
    private var bytes = ByteSink(capacity: 1 << 12)
    private static let keptBytes = 1 << 20

    /// Of a row's key, as it is after the change or was before it.
    mutating func key(of row: borrowing RowReader, _ table: SQLTable, before isBefore: Bool) -> Chain {
        begin(table, UInt8(ascii: "k"))
        for column in table.conditionColumns { append(Self.value(column, of: row, table, before: isBefore)) }
        return Chain(digesting: bytes.bytes)
    }

    /// Of a key with these values, but other text in its columns of text.
    mutating func key(_ values: [[UInt8]], _ table: SQLTable, spellings: [[UInt8]]) -> Chain {
        begin(table, UInt8(ascii: "k"))
        var next = 0
        for (value, column) in zip(values, table.conditionColumns) {
            append(table.isText[column] && next < spellings.count ? spellings[next] : value)
            if table.isText[column] { next += 1 }
        }
        return Chain(digesting: bytes.bytes)
    }

    /// The bytes of a key's columns.
    static func keyValues(of row: borrowing RowReader, _ table: SQLTable, before isBefore: Bool) -> [[UInt8]] {
        var values: [[UInt8]] = []
        for column in table.conditionColumns { values.append(value(column, of: row, table, before: isBefore)) }
        return values
    }

    private static func value(_ column: Int, of row: borrowing RowReader, _ table: SQLTable, before isBefore: Bool) -> [UInt8] {
        let after = table.afterIndices[column]
        if after >= 0, !isBefore { return row.after(after).bytes.array }
        return row.before(table.beforeIndices[column]).bytes.array
    }

    /// Of all of a row, as it is after the change or was before it: two JSON values may be the same and have other bytes.
    mutating func whole(of row: borrowing RowReader, _ table: SQLTable, before isBefore: Bool) -> Chain {
        begin(table, UInt8(ascii: "r"))
        for column in table.conditionColumns {
            bytes.append(decimal: UInt64(column))
            bytes.append(UInt8(ascii: ":"))
            SQLOutput.write(column, before: isBefore, row, table, &writer, into: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        return Chain(digesting: bytes.bytes)
    }

    private mutating func begin(_ table: SQLTable, _ kind: UInt8) {
        bytes.removeAll(keeping: Self.keptBytes)
        bytes.append(kind)
        append(Array(table.map.database.utf8))
        append(Array(table.map.table.utf8))
    }

    /// Appends bytes behind their number, so that no two lists of them look alike.
    private mutating func append(_ part: [UInt8]) {
        bytes.append(decimal: UInt64(part.count))
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: part)
    }
}
