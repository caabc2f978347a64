/// An error packet's content: number and SQLSTATE from MySQL's "Server Error Message Reference", and the text shown to the user.
public struct SQLError: Error, Hashable, Sendable {
    public var number: UInt16
    /// Five characters.
    public var sqlState: String
    public var message: String

    public init(_ number: UInt16, _ sqlState: String, _ message: String) {
        self.number = number
        self.sqlState = sqlState
        self.message = message
    }
}

extension SQLError: CustomStringConvertible {
    public var description: String { "ERROR \(number) (\(sqlState)): \(message)" }
}

extension SQLError {
    /// 1064, in MySQL's wording.
    ///
    /// - Parameters:
    ///   - near: the statement from the offending token on; quoted up to ``SQLLimits/maxQuotedCharacters``.
    ///   - line: counted from 1.
    public static func syntax(near: String, line: Int) -> SQLError {
        SQLError(
            1064, "42000",
            "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax"
                + " to use near '\(near.prefix(SQLLimits.maxQuotedCharacters))' at line \(line)")
    }

    /// 1065: nothing but white space and comments.
    public static let emptyQuery = SQLError(1065, "42000", "Query was empty")

    /// 1153: longer than ``SQLLimits/maxStatementBytes``.
    public static let statementTooLong = SQLError(
        1153, "08S01", "Got a packet bigger than 'max_allowed_packet' bytes (a Kingbus binlog server reads \(SQLLimits.maxStatementBytes))")

    /// 1436: nests deeper, or has more parts, than the limits allow.
    public static func tooComplex(_ what: String) -> SQLError {
        SQLError(1436, "HY000", "The statement is too complex for a Kingbus binlog server: \(what)")
    }

    /// 1235: MySQL knows it, a binlog server does not do it.
    public static func unsupported(_ what: String) -> SQLError {
        SQLError(1235, "42000", "This is a Kingbus binlog server: it does not support \(what)")
    }

    /// 1094: `KILL` names a connection that does not exist.
    public static func unknownThread(_ id: UInt64) -> SQLError { SQLError(1094, "HY000", "Unknown thread id: \(id)") }
}
