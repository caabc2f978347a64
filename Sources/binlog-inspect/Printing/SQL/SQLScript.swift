import Common

/// What stands around the statements of `--format sql`, and between them.
///
/// Both MySQL and MariaDB take it; what only one of them knows stands in comments that the other one passes over.
enum SQLScript {
    /// The session variables that are changed and, at the end, given back.
    private static let variables = [
        "character_set_client", "character_set_results", "collation_connection", "collation_server", "time_zone", "sql_mode",
        "foreign_key_checks", "unique_checks", "sql_auto_is_null", "sql_safe_updates", "completion_type", "auto_increment_increment",
        "auto_increment_offset", "lc_time_names", "explicit_defaults_for_timestamp",
    ]

    /// The same that are MySQL's alone, with the version that brought each.
    private static let mysqlVariables = [
        ("80011", "default_collation_for_utf8mb4"), ("80013", "sql_require_primary_key"), ("80016", "default_table_encryption"),
    ]

    /// What the session is set to for rows. `mysql` itself must know the charset, or it would find quotes in the middle of characters;
    /// without backslashes in strings, a name may end with one.
    static let rowState = """
        \\C utf8mb4
        SET @@SESSION.collation_connection=utf8mb4_general_ci,@@SESSION.time_zone='+00:00',\
        @@SESSION.sql_mode='NO_AUTO_VALUE_ON_ZERO,NO_BACKSLASH_ESCAPES,ALLOW_INVALID_DATES',\
        @@SESSION.foreign_key_checks=0,@@SESSION.unique_checks=1,@@SESSION.sql_auto_is_null=0;

        """

    /// A session of MariaDB's that has prepared a transaction can do nothing else, so the script goes on in another one. The lock that
    /// the first one leaves when it is gone tells that the transaction can be committed from elsewhere.
    static let lock = "DO GET_LOCK('binlog-inspect',60);\n"
    static let unlock = "DO RELEASE_LOCK('binlog-inspect');\n"
    static let reconnect = "\\r\n\(lock)\(unlock)\(prologue)"

    static let begin = Array("BEGIN".utf8)
    static let commit = Array("COMMIT".utf8)
    static let rollback = Array("ROLLBACK".utf8)

    static let prologue = """
        # SQL by binlog-inspect \(kingbusVersion), for mysql or mariadb to read. Triggers of the tables would fire again.
        # A binlog does not tell which columns are generated; MySQL refuses to be told what is in one (error 3105).
        SET \(variables.map { "@kingbus_\($0)=@@SESSION.\($0)" }.joined(separator: ","));
        \(mysqlVariables.map { "/*!\($0) SET @kingbus_\($1)=@@SESSION.\($1) */;\n" }.joined())\
        SET @@SESSION.sql_safe_updates=0,@@SESSION.completion_type=0;
        \(rowState)
        """

    static let epilogue = """
        SET TIMESTAMP=DEFAULT;
        \(mysqlVariables.map { "/*!\($0) SET @@SESSION.\($1)=@kingbus_\($1) */;\n" }.joined())\
        SET \(variables.map { "@@SESSION.\($0)=@kingbus_\($0)" }.joined(separator: ","));

        """
}
