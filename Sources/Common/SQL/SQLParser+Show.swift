extension SQLParser {
    /// Behind SHOW.
    mutating func show() throws(SQLError) -> SQLShow {
        var result = SQLShow(subject: try showSubject())
        if skip(.like) {
            guard case .string(let pattern) = current.kind else { throw syntaxError }
            advance()
            result.like = .literal(.text(pattern))
        } else if skip(.where) {
            result.filter = try expression()
        }
        return result
    }

    private mutating func showSubject() throws(SQLError) -> SQLShow.Subject {
        switch current.keyword {
        case .global, .session, .local:
            let scope: SQLVariableScope = current.keyword == .global ? .global : .session
            advance()
            if skip(.status) { return .status(scope) }
            try require(.variables)
            return .variables(scope)
        case .variables: return take(.variables(.session))
        case .status: return take(.status(.session))
        case .master, .binary: return try showBinaryLog()
        case .slave, .replica, .all: return try showReplica()
        case .replicas: return take(.replicas(isOldName: false))
        case .processlist: return take(.processList)
        case .full where tokens[min(at + 1, tokens.count - 1)].keyword == .processlist:
            advance()
            return take(.processList)
        case .databases, .schemas: return take(.databases)
        case .collation: return take(.collations)
        case .charset: return take(.characterSets)
        case .character where tokens[min(at + 1, tokens.count - 1)].keyword == .set:
            advance()
            return take(.characterSets)
        case .warnings, .errors:
            advance()
            if skip(.limit) { skipToEnd() }
            return .warnings
        case .grants: return try showGrants()
        default: return try unsupportedShow()
        }
    }

    private mutating func take(_ subject: SQLShow.Subject) -> SQLShow.Subject {
        advance()
        return subject
    }

    private mutating func showBinaryLog() throws(SQLError) -> SQLShow.Subject {
        let isMaster = current.keyword == .master
        advance()
        if skip(.logs) { return .binaryLogs }
        if !isMaster { try require(.log) }
        try require(.status)
        return .binaryLogStatus
    }

    private mutating func showReplica() throws(SQLError) -> SQLShow.Subject {
        if skip(.all) {  // MariaDB
            guard skip(.slaves) || skip(.replicas) else { throw syntaxError }
            try require(.status)
            return .replicaStatus(isOldName: true)
        }
        let isOldName = current.keyword == .slave
        advance()
        if skip(.hosts) { return .replicas(isOldName: isOldName) }
        try require(.status)
        skip(.nonblocking)
        if skip(.for) {
            try require(.channel)
            _ = try nameOrString()
        }
        return .replicaStatus(isOldName: isOldName)
    }

    private mutating func showGrants() throws(SQLError) -> SQLShow.Subject {
        advance()
        guard skip(.for) else { return .grants }
        if skip(.current_user) {
            if skip(.openParenthesis) { try require(.closeParenthesis) }
            return .grants
        }
        skipToEnd()
        return .unsupported("GRANTS for another user")
    }

    /// Second words of the other SHOW statements.
    private static let otherSubjects: Set<String> = [
        "authors", "binlog", "client_statistics", "columns", "contributors", "count", "create", "engine", "engines", "events",
        "explain", "extended", "fields", "full", "function", "index", "indexes", "keys", "library", "locales", "open", "package",
        "parse_tree", "plugins", "privileges", "procedure", "profile", "profiles", "relaylog", "storage", "table", "tables",
        "triggers", "user_statistics",
    ]

    private mutating func unsupportedShow() throws(SQLError) -> SQLShow.Subject {
        guard case .word(let word, _) = current.kind, Self.otherSubjects.contains(word.lowercased()) else { throw syntaxError }
        advance()
        var words = word.uppercased()
        if case .word(let second, _) = current.kind { words += " " + second.uppercased() }
        skipToEnd()
        return .unsupported(words)
    }
}
