/// What a table is, told by the server's own description of it: for binlogs that do not tell.
///
///     let tables = try TableSchema.tables(parsing: dump)
///     try tables[0].apply(to: &map)   // names, signs, charsets, labels
public struct TableSchema: Hashable, Sendable {
    /// Empty where the description does not say.
    public var database: String
    public var name: String
    public var columns: [ColumnSchema]
    /// Names of columns, with as many characters as count, 0 for all of them.
    public var primaryKey: [KeyPart]
    public var foreignKeys: [ForeignKey] = []
    /// Names; nil where whoever described the table may not have seen them.
    public var triggers: [String]? = []
    /// Whether MariaDB keeps rows that were changed or deleted (WITH SYSTEM VERSIONING).
    public var isVersioned = false

    public struct KeyPart: Hashable, Sendable {
        public var column: String
        public var prefixLength: Int

        public init(column: String, prefixLength: Int) {
            self.column = column
            self.prefixLength = prefixLength
        }
    }

    public init(database: String, name: String, columns: [ColumnSchema] = [], primaryKey: [KeyPart] = []) {
        self.database = database
        self.name = name
        self.columns = columns
        self.primaryKey = primaryKey
    }

    /// Why a description is not of the table that a binlog has.
    public enum Mismatch: Error, Hashable, Sendable, CustomStringConvertible {
        case columnCount(binlog: Int, schema: Int)
        case type(column: String, position: Int, schema: String)

        public var description: String {
            switch self {
            case .columnCount(let binlog, let schema): "the binlog has \(binlog) columns and the schema \(schema)"
            case .type(let column, let position, let schema):
                "column \(position) has another type in the binlog than `\(column)` \(schema) in the schema"
            }
        }
    }

    /// Fills in what the event does not say.
    ///
    /// - Throws: where the columns are not those of the event, which is left as it was.
    public func apply(to map: inout TableMapEvent) throws(Mismatch) {
        guard let fitting = columns(count: map.columns.count) else {
            throw .columnCount(binlog: map.columns.count, schema: columns.count)
        }
        for (index, column) in fitting.enumerated() where !column.fits(map.columns[index]) {
            throw .type(column: column.name, position: index + 1, schema: column.typeText)
        }
        for (index, column) in fitting.enumerated() { column.apply(to: &map.columns[index]) }
        guard map.primaryKey.isEmpty else { return }
        let key = primaryKey.compactMap { part in
            fitting.firstIndex { $0.name == part.column }.map { TableMapEvent.KeyPart(column: $0, prefixLength: part.prefixLength) }
        }
        if key.count == primaryKey.count { map.primaryKey = key }
    }

    /// Whether a binlog with these names has these columns.
    public func hasColumns(named names: [String?]) -> Bool { columns(count: names.count)?.map(\.name) == names }

    /// As many columns as a binlog has: a server may leave out what it computes anew.
    private func columns(count: Int) -> [ColumnSchema]? {
        [columns, columns.filter { !$0.isVirtual }].first { $0.count == count }
    }
}
