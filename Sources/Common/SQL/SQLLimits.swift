/// What one statement may cost at most, so that no client can exhaust memory, the stack or an event loop.
public enum SQLLimits {
    /// Bytes of one statement; also what `@@max_allowed_packet` shows. A GTID set of 100 000 intervals fits.
    public static let maxStatementBytes = 4 << 20
    /// Tokens of one statement.
    public static let maxTokens = 10_000
    /// How deep parentheses and function calls nest.
    public static let maxNesting = 64
    /// Operators in one statement. An operator chain is a tree as high as it is long, so this and ``maxNesting`` bound recursion.
    public static let maxOperators = 500
    /// Calls whose arguments are passed over unread: to find each takes a look at the whole statement.
    public static let maxUnreadCalls = 16
    /// Columns of one SELECT, as in MySQL.
    public static let maxColumns = 4096
    /// Bytes of text that evaluating one statement may read and produce, the result included.
    public static let maxWorkBytes = 32 << 20
    /// Characters of a result column's name, as in MySQL.
    public static let maxColumnNameCharacters = 256
    /// Characters of an offending text that an error message quotes, as in MySQL.
    public static let maxQuotedCharacters = 80
}
