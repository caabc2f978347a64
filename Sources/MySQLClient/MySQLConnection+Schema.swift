import Common

extension MySQLConnection {
    private static let systemDatabases = "'mysql', 'sys', 'performance_schema', 'information_schema'"

    /// The tables that the server has now, as far as the user may see them; those of the server itself are left out.
    public func tableSchemas() throws(ClientError) -> [TableSchema] {
        // Names and labels come as they are, whatever the server's default is.
        try query("SET NAMES utf8mb4")
        let columns = try query(
            "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME, EXTRA FROM information_schema.COLUMNS "
                + "WHERE TABLE_SCHEMA NOT IN (\(Self.systemDatabases)) ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION")
        let keys = try query(
            "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS WHERE INDEX_NAME = 'PRIMARY' "
                + "AND TABLE_SCHEMA NOT IN (\(Self.systemDatabases)) ORDER BY TABLE_SCHEMA, TABLE_NAME, SEQ_IN_INDEX")
        var tables: [TableSchema] = []
        var places: [[String]: Int] = [:]
        for row in columns.rows.indices {
            let values = (0..<columns.columns.count).map { columns.text(row: row, column: $0) ?? "" }
            if tables.last.map({ $0.database != values[0] || $0.name != values[1] }) ?? true {
                places[[values[0], values[1]]] = tables.count
                tables.append(TableSchema(database: values[0], name: values[1]))
            }
            tables[tables.count - 1].columns.append(try column(values[2], values[3], charset: values[4], extra: values[5].uppercased()))
        }
        for row in keys.rows.indices {
            guard let place = places[[keys.text(row: row, column: 0) ?? "", keys.text(row: row, column: 1) ?? ""]] else { continue }
            let prefix = keys.text(row: row, column: 3).flatMap { Int($0) } ?? 0
            tables[place].primaryKey.append(TableSchema.KeyPart(column: keys.text(row: row, column: 2) ?? "", prefixLength: prefix))
        }
        return tables
    }

    private func column(_ name: String, _ type: String, charset: String, extra: String) throws(ClientError) -> ColumnSchema {
        var column: ColumnSchema
        do { column = try ColumnSchema(name: name, columnType: type) } catch {
            throw ClientError(.malformed, at: endpoint, "the type of a column cannot be read: \(error.reason)")
        }
        column.charset = Charset(name: charset)
        column.isVirtual = extra.contains("VIRTUAL GENERATED")
        column.isVisible = !extra.contains("INVISIBLE")
        return column
    }
}
