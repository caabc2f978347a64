/// Recursive descent over the tokens of one statement. Its grammar is that part of MySQL's (manual, "SQL Statements") which
/// replicas, binlog clients, drivers and monitors send.
struct SQLParser {
    let source: [UInt8]
    let tokens: [SQLToken]
    var at = 0
    var nesting = 0
    var operators = 0
    var unreadCalls = 0

    init(_ source: [UInt8], version: Int) throws(SQLError) {
        self.source = source
        tokens = try SQLTokenizer.tokens(of: source, version: version)
    }
}

extension SQLStatement {
    /// - Parameters:
    ///   - statement: the text of COM_QUERY, UTF-8; other bytes become replacement characters.
    ///   - version: the server's, as version comments write it (80026 for 8.0.26).
    /// - Throws: 1064 with the text near the mistake, 1065 for an empty statement, 1153 and 1436 beyond ``SQLLimits``.
    public init(parsing statement: RawSpan, version: Int) throws(SQLError) {
        guard statement.byteCount <= SQLLimits.maxStatementBytes else { throw .statementTooLong }
        var parser = try SQLParser(statement.array, version: version)
        self = try parser.statement()
    }
}

extension SQLParser {
    mutating func statement() throws(SQLError) -> SQLStatement {
        while skip(.semicolon) {}
        if current.kind == .end { throw .emptyQuery }
        let result = try unterminatedStatement()
        while skip(.semicolon) {}
        guard current.kind == .end else { throw syntaxError }
        return result
    }

    private mutating func unterminatedStatement() throws(SQLError) -> SQLStatement {
        switch current.keyword {
        case .select: return .select(try select())
        case .set:
            advance()
            return try setStatement()
        case .show:
            advance()
            return .show(try show())
        case .kill:
            advance()
            if !skip(.hard) { skip(.soft) }
            let queryOnly = skip(.query)
            if !queryOnly { skip(.connection) }
            return .kill(try expression(), queryOnly: queryOnly)
        case .use:
            advance()
            return .use(try name())
        case .do:
            advance()
            return .evaluate(try expressions())
        case .begin, .commit, .rollback, .start, .savepoint: return try transactionControl()
        case .unlock:
            advance()
            try require(.tables)
            return .transactionControl
        default: return try refusedStatement()
        }
    }

    private mutating func transactionControl() throws(SQLError) -> SQLStatement {
        let first = current.keyword
        advance()
        if first == .start, !skip(.transaction) {
            guard case .word = current.kind else { throw syntaxError }
            skipToEnd()
            return .refused("START")
        }
        // WORK, AND CHAIN, WITH CONSISTENT SNAPSHOT, a savepoint's name: they change nothing here.
        while true {
            switch current.kind {
            case .word, .quotedName, .symbol(.comma): advance()
            default: return .transactionControl
            }
        }
    }

    /// First words of statements that exist in MySQL or MariaDB and are not a binlog server's business.
    private static let refusedWords: Set<String> = [
        "alter", "analyze", "backup", "binlog", "cache", "call", "change", "check", "checksum", "clone", "create", "deallocate",
        "delete", "desc", "describe", "drop", "execute", "explain", "flush", "get", "grant", "handler", "import", "insert",
        "install", "load", "lock", "optimize", "prepare", "purge", "release", "rename", "repair", "replace", "reset", "resignal",
        "restart", "revoke", "shutdown", "signal", "stop", "table", "truncate", "uninstall", "update", "values", "with", "xa",
    ]

    private mutating func refusedStatement() throws(SQLError) -> SQLStatement {
        guard case .word(let word, _) = current.kind, Self.refusedWords.contains(word.lowercased()) else {
            // A parenthesised or otherwise unusual SELECT.
            if case .symbol(.openParenthesis) = current.kind, tokens[at + 1].keyword == .select { throw .unsupported("nested SELECT") }
            throw syntaxError
        }
        skipToEnd()
        return .refused(word.uppercased())
    }
}

// MARK: - Moving over tokens

extension SQLParser {
    var current: SQLToken { tokens[at] }

    var syntaxError: SQLError { .syntax(in: source, at: current.start) }

    mutating func advance() {
        if at < tokens.count - 1 { at += 1 }
    }

    mutating func skipToEnd() {
        while current.kind != .end, current.kind != .symbol(.semicolon) { advance() }
    }

    @discardableResult
    mutating func skip(_ keyword: SQLKeyword) -> Bool {
        guard current.keyword == keyword else { return false }
        advance()
        return true
    }

    @discardableResult
    mutating func skip(_ symbol: SQLSymbol) -> Bool {
        guard current.kind == .symbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func require(_ keyword: SQLKeyword) throws(SQLError) {
        guard skip(keyword) else { throw syntaxError }
    }

    mutating func require(_ symbol: SQLSymbol) throws(SQLError) {
        guard skip(symbol) else { throw syntaxError }
    }

    /// A name, quoted or not; no reserved word.
    mutating func name() throws(SQLError) -> String {
        switch current.kind {
        case .word(let name, let keyword) where keyword?.isReserved != true:
            advance()
            return name
        case .quotedName(let name):
            advance()
            return name
        default: throw syntaxError
        }
    }

    /// A name after a dot or `@@`, where reserved words may stand.
    mutating func anyName() throws(SQLError) -> String {
        if case .word(let name, _) = current.kind {
            advance()
            return name
        }
        return try name()
    }

    /// A name or a string, as SET NAMES takes it.
    mutating func nameOrString() throws(SQLError) -> String {
        switch current.kind {
        case .string(let text):
            advance()
            return text
        case .word(let name, .binary):
            advance()
            return name
        default: return try name()
        }
    }
}
