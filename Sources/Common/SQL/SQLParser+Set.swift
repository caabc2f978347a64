extension SQLParser {
    /// Behind SET.
    mutating func setStatement() throws(SQLError) -> SQLStatement {
        if [.password, .role, .default].contains(current.keyword) {
            let word = String(describing: current.keyword ?? .password).uppercased()
            skipToEnd()
            return .refused("SET \(word)")
        }
        var assignments: [SQLAssignment] = []
        // A scope word also holds for the assignments after it that have none (manual, "SET Syntax for Variable Assignment").
        var scope: SQLVariableScope?
        repeat {
            assignments.append(try assignment(&scope))
        } while skip(.comma)
        return .set(assignments)
    }

    private mutating func assignment(_ scope: inout SQLVariableScope?) throws(SQLError) -> SQLAssignment {
        switch current.kind {
        case .userVariable(let name):
            advance()
            try requireAssignmentSign()
            return .userVariable(name.lowercased(), try expression())
        case .symbol(.systemVariable):
            advance()
            let (ownScope, name) = try systemVariable()
            try requireAssignmentSign()
            return .systemVariable(ownScope, name, try assignedValue())
        default: break
        }
        if let word = scopeWord() { scope = word }
        switch current.keyword {
        case .names where !isAssignmentSign(at + 1):
            advance()
            return try names()
        case .charset where !isAssignmentSign(at + 1):
            advance()
            return .characterSet(skip(.default) ? nil : try nameOrString())
        case .character:
            advance()
            try require(.set)
            return .characterSet(skip(.default) ? nil : try nameOrString())
        case .transaction:
            advance()
            return try transaction(scope)
        default: break
        }
        var variable = try name().lowercased()
        while skip(.dot) { variable += "." + (try anyName().lowercased()) }
        try requireAssignmentSign()
        return .systemVariable(scope, variable, try assignedValue())
    }

    private mutating func scopeWord() -> SQLVariableScope? {
        let scope: SQLVariableScope? =
            switch current.keyword {
            case .global: .global
            case .session, .local: .session
            case .persist: .persist
            case .persist_only: .persistOnly
            default: nil
            }
        if scope != nil { advance() }
        return scope
    }

    private func isAssignmentSign(_ index: Int) -> Bool {
        let kind = tokens[min(index, tokens.count - 1)].kind
        return kind == .symbol(.equal) || kind == .symbol(.assign)
    }

    private mutating func requireAssignmentSign() throws(SQLError) {
        guard skip(.equal) || skip(.assign) else { throw syntaxError }
    }

    /// An expression, a bare word such as ON or BINARY, or nil for DEFAULT.
    private mutating func assignedValue() throws(SQLError) -> SQLExpression? {
        if skip(.default) { return nil }
        if case .word(let word, let keyword?) = current.kind, keyword == .binary || keyword == .all {
            advance()
            return .column([word])
        }
        // ON is reserved for joins, but no keyword of this grammar, so it arrives as a name.
        return try expression()
    }

    private mutating func names() throws(SQLError) -> SQLAssignment {
        if skip(.default) { return .names(charset: nil, collation: nil) }
        let charset = try nameOrString()
        return .names(charset: charset, collation: skip(.collate) ? try nameOrString() : nil)
    }

    private mutating func transaction(_ scope: SQLVariableScope?) throws(SQLError) -> SQLAssignment {
        var isolation: String?
        var isReadOnly: Bool?
        repeat {
            if skip(.isolation) {
                try require(.level)
                isolation = try isolationLevel()
            } else {
                try require(.read)
                isReadOnly = skip(.only)
                if isReadOnly == false { try require(.write) }
            }
        } while skip(.comma)
        return .transaction(scope, isolation: isolation, isReadOnly: isReadOnly)
    }

    private mutating func isolationLevel() throws(SQLError) -> String {
        if skip(.serializable) { return "SERIALIZABLE" }
        if skip(.repeatable) {
            try require(.read)
            return "REPEATABLE-READ"
        }
        try require(.read)
        if skip(.committed) { return "READ-COMMITTED" }
        try require(.uncommitted)
        return "READ-UNCOMMITTED"
    }
}
