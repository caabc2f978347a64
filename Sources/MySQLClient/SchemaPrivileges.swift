import Common

/// What the user who asks may see of tables: information_schema leaves out the rest without a word.
struct SchemaPrivileges {
    /// Whether all tables, and so all foreign keys, are shown.
    let seesAllTables: Bool
    private let seesAllTriggers: Bool
    private let databases: Set<String>
    private let tables: Set<[String]>

    init(of connection: MySQLConnection) throws(ClientError) {
        let user = try connection.query("SELECT CURRENT_USER()").text(row: 0, column: 0) ?? ""
        let at = user.lastIndex(of: "@") ?? user.endIndex
        let grantee = "'\(user[..<at])'@'\(user[at...].dropFirst())'"
        let own: (ResultSet) -> [[String]] = { result in
            result.rows.indices.map { row in result.columns.indices.map { result.text(row: row, column: $0) ?? "" } }
                .filter { $0[0] == grantee }.map { Array($0.dropFirst()) }
        }
        // MySQL's partial_revokes: what was granted for all databases may have been taken away for some.
        let grants = try connection.query("SHOW GRANTS")
        let isPartial = grants.rows.indices.contains { grants.text(row: $0, column: 0)?.hasPrefix("REVOKE") ?? false }
        let all = try own(
            connection.query(
                "SELECT GRANTEE, PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE IN ('SELECT', 'TRIGGER')"))
        seesAllTables = !isPartial && all.contains(["SELECT"])
        seesAllTriggers = !isPartial && all.contains(["TRIGGER"])
        databases = Set(
            try own(
                connection.query("SELECT GRANTEE, TABLE_SCHEMA FROM information_schema.SCHEMA_PRIVILEGES WHERE PRIVILEGE_TYPE='TRIGGER'")
            ).map { $0[0].replacing("\\", with: "") })
        tables = Set(
            try own(
                connection.query(
                    "SELECT GRANTEE, TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLE_PRIVILEGES WHERE PRIVILEGE_TYPE='TRIGGER'")))
    }

    func seesTriggers(of table: TableSchema) -> Bool {
        seesAllTriggers || databases.contains(table.database) || tables.contains([table.database, table.name])
    }
}
