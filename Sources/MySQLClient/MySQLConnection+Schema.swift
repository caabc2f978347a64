import Common

extension MySQLConnection {
    private static let systemDatabases = "'mysql', 'sys', 'performance_schema', 'information_schema'"

    /// The tables that the server has now, as far as the user may see them; those of the server itself are left out.
    public func databaseSchema() throws(ClientError) -> DatabaseSchema {
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
        let privileges = try SchemaPrivileges(of: self)
        try addTriggers(to: &tables, places, privileges)
        try addForeignKeys(to: &tables, places)
        try addVersioning(to: &tables, places)
        return DatabaseSchema(tables: tables, knowsForeignKeys: privileges.seesAllTables)
    }

    private func addTriggers(to tables: inout [TableSchema], _ places: [[String]: Int], _ privileges: SchemaPrivileges) throws(ClientError)
    {
        for index in tables.indices where !privileges.seesTriggers(of: tables[index]) { tables[index].triggers = nil }
        for row in try texts("SELECT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, TRIGGER_NAME FROM information_schema.TRIGGERS") {
            if let place = places[[row[0], row[1]]] { tables[place].triggers = (tables[place].triggers ?? []) + [row[2]] }
        }
    }

    private func addForeignKeys(to tables: inout [TableSchema], _ places: [[String]: Int]) throws(ClientError) {
        let rows = try texts(
            "SELECT k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME, "
                + "k.REFERENCED_COLUMN_NAME, r.DELETE_RULE, r.UPDATE_RULE FROM information_schema.KEY_COLUMN_USAGE k "
                + "JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA "
                + "AND r.TABLE_NAME = k.TABLE_NAME AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME WHERE k.REFERENCED_TABLE_NAME IS NOT NULL "
                + "ORDER BY k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION")
        for row in rows {
            guard let place = places[[row[0], row[1]]] else { continue }
            if tables[place].foreignKeys.last?.name != row[2] {
                var key = ForeignKey(name: row[2], parentDatabase: row[4], parentTable: row[5])
                guard let onDelete = ForeignKey.Action(rawValue: row[7]), let onUpdate = ForeignKey.Action(rawValue: row[8]) else {
                    throw ClientError(.malformed, at: endpoint, "the actions of a foreign key cannot be read: \(row[7]), \(row[8])")
                }
                (key.onDelete, key.onUpdate) = (onDelete, onUpdate)
                tables[place].foreignKeys.append(key)
            }
            let last = tables[place].foreignKeys.count - 1
            tables[place].foreignKeys[last].columns.append(row[3])
            tables[place].foreignKeys[last].parentColumns.append(row[6])
        }
    }

    private func addVersioning(to tables: inout [TableSchema], _ places: [[String]: Int]) throws(ClientError) {
        for row in try texts("SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE = 'SYSTEM VERSIONED'") {
            if let place = places[[row[0], row[1]]] { tables[place].isVersioned = true }
        }
    }

    /// The rows of an answer, as text; an empty one for NULL.
    private func texts(_ sql: String) throws(ClientError) -> [[String]] {
        let result = try query(sql)
        return result.rows.indices.map { row in result.columns.indices.map { result.text(row: row, column: $0) ?? "" } }
    }

    private func column(_ name: String, _ type: String, charset: String, extra: String) throws(ClientError) -> ColumnSchema {
        var column: ColumnSchema
        do { column = try ColumnSchema(name: name, columnType: type) } catch {
            throw ClientError(.malformed, at: endpoint, "the type of a column cannot be read: \(error.reason)")
        }
        column.charset = Charset(name: charset)
        column.isVirtual = extra.contains("VIRTUAL GENERATED")
        column.isGenerated = column.isVirtual || extra.contains("STORED GENERATED")
        column.isVisible = !extra.contains("INVISIBLE")
        return column
    }
}
