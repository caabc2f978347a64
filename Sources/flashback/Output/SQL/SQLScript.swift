import Common

/// What stands around the statements of `--output sql`, and between them.
///
/// Both MySQL and MariaDB take it, whatever their session is set to; what only one of them knows stands in comments that the other one
/// passes over.
enum SQLScript {
    /// The session variables that are changed and, at the end, given back.
    private static let variables = [
        "character_set_client", "character_set_results", "collation_connection", "time_zone", "sql_mode", "foreign_key_checks",
        "sql_auto_is_null", "sql_safe_updates", "completion_type",
    ]

    /// A row may hold what strict modes refuse, and 0 in an AUTO_INCREMENT column. Values hold no backslash in quotes: they mean the same
    /// without NO_BACKSLASH_ESCAPES, under which MySQL opens no table that has a quote in an expression (error 1064).
    static let sqlMode = "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES"

    /// `mysql` itself must know the charset, or it would find quotes in the middle of a name's characters.
    ///
    /// - Parameter notes: What whoever reads it should know, a line each.
    static func prologue(_ notes: [String]) -> String {
        """
        # SQL by flashback \(kingbusVersion), for mysql or mariadb to read: it undoes row changes, the last transaction first.

        """ + notes.map { "# \($0.onOneLine)\n" }.joined() + settings
    }

    private static let settings = """
        SET \(variables.map { "@kingbus_\($0)=@@SESSION.\($0)" }.joined(separator: ","));
        \\C utf8mb4
        \(session.map { "\($0);\n" }.joined())
        """

    /// What the statements need of the session that they are run in.
    static let session = [
        "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci",
        "SET @@SESSION.time_zone='+00:00',@@SESSION.sql_mode='\(sqlMode)',"
            + "@@SESSION.foreign_key_checks=0,@@SESSION.sql_auto_is_null=0,@@SESSION.sql_safe_updates=0,@@SESSION.completion_type=0",
    ]

    static let epilogue = "SET \(variables.map { "@@SESSION.\($0)=@kingbus_\($0)" }.joined(separator: ","));\n"
}
