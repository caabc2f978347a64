extension SQLParser {
    /// An operand: literal, variable, call, name or parenthesised expression.
    mutating func primary() throws(SQLError) -> SQLExpression {
        switch current.kind {
        case .integer(let number):
            advance()
            return .literal(SQLValue(number))
        case .decimal(let digits):
            advance()
            return .literal(.decimal(digits))
        case .string: return .literal(.text(adjacentStrings()))
        case .userVariable(let name):
            advance()
            guard skip(.assign) else { return .userVariable(name.lowercased()) }
            return .assignment(name.lowercased(), try expression())
        case .symbol(.systemVariable):
            advance()
            let (scope, name) = try systemVariable()
            return .systemVariable(scope, name)
        case .symbol(.star):
            advance()
            return .allColumns
        case .symbol(.openParenthesis):
            advance()
            if current.keyword == .select {
                try skipParenthesised()
                return .unsupported("subqueries")
            }
            let inner = try expression()
            try require(.closeParenthesis)
            return inner
        case .word(let word, let keyword): return try worded(word, keyword)
        case .quotedName: return try columnOrCall(try name())
        case .symbol, .unknown, .end: throw syntaxError
        }
    }

    /// `'a' 'b'` is one string.
    private mutating func adjacentStrings() -> String {
        var text = ""
        while case .string(let part) = current.kind {
            text += part
            advance()
        }
        return text
    }

    /// Behind `@@`: `[scope.]name`.
    mutating func systemVariable() throws(SQLError) -> (SQLVariableScope?, String) {
        var name = try anyName().lowercased()
        guard skip(.dot) else { return (nil, name) }
        let scope = Self.scopes[name]
        let second = try anyName().lowercased()
        if let scope {
            name = second
            // A component's variable, as in @@global.component.name, has no entry here: keep its whole name for the error.
            while skip(.dot) { name += "." + (try anyName().lowercased()) }
            return (scope, name)
        }
        return (nil, name + "." + second)
    }

    private static let scopes: [String: SQLVariableScope] = [
        "global": .global, "session": .session, "local": .session, "persist": .persist, "persist_only": .persistOnly,
    ]

    private mutating func worded(_ word: String, _ keyword: SQLKeyword?) throws(SQLError) -> SQLExpression {
        switch keyword {
        case .null: return literal(.null)
        case .true: return literal(SQLValue(true))
        case .false: return literal(SQLValue(false))
        case .binary:  // an operator that changes how its operand compares; here all compare alike
            advance()
            return try primaryOnceMore()
        case .current_user, .current_timestamp, .current_date, .current_time, .localtime, .localtimestamp, .utc_date, .utc_time,
            .utc_timestamp:
            advance()
            return .call(word.lowercased(), skip(.openParenthesis) ? try arguments() : [])
        case .interval:
            advance()
            _ = try expression()
            _ = try anyName()
            return .unsupported("INTERVAL")
        case .case:
            try skipCase()
            return .unsupported("CASE")
        case .charset, .mod:
            advance()
            return try columnOrCall(word)
        case let reserved? where reserved.isReserved: throw syntaxError
        default: break
        }
        if word.hasPrefix("_"), case .string = tokens[min(at + 1, tokens.count - 1)].kind {
            advance()  // a character set introducer, as in _utf8mb4'abc'
            return .literal(.text(adjacentStrings()))
        }
        advance()
        return try columnOrCall(word)
    }

    private mutating func primaryOnceMore() throws(SQLError) -> SQLExpression {
        guard nesting < SQLLimits.maxNesting else { throw .tooComplex("it nests deeper than \(SQLLimits.maxNesting) levels") }
        nesting += 1
        defer { nesting -= 1 }
        return try primary()
    }

    private mutating func literal(_ value: SQLValue) -> SQLExpression {
        advance()
        return .literal(value)
    }

    private mutating func columnOrCall(_ name: String) throws(SQLError) -> SQLExpression {
        if skip(.openParenthesis) {
            let opening = at
            do {
                return .call(name.lowercased(), try arguments())
            } catch {
                // Arguments of their own grammar: CAST(x AS CHAR), COUNT(DISTINCT x), EXISTS(SELECT …).
                guard error.number == 1064, case .word = current.kind else { throw error }
                unreadCalls += 1
                if unreadCalls > SQLLimits.maxUnreadCalls {
                    throw .tooComplex("more than \(SQLLimits.maxUnreadCalls) calls with arguments that it does not know")
                }
                at = opening
                try skipParenthesised()
                return .unsupported("the arguments of \(name.uppercased())()")
            }
        }
        var parts = [name]
        while skip(.dot) {
            if skip(.star) { return .allColumns }
            parts.append(try anyName())
        }
        if parts.count > 1, skip(.openParenthesis) {
            try skipParenthesised()
            return .unsupported("the function \(parts.joined(separator: "."))")
        }
        return .column(parts)
    }

    /// Behind the opening parenthesis of a call.
    private mutating func arguments() throws(SQLError) -> [SQLExpression] {
        if skip(.closeParenthesis) { return [] }
        let list = try expressions()
        try require(.closeParenthesis)
        return list
    }

    /// Moves behind the parenthesis that closes the one already open.
    mutating func skipParenthesised() throws(SQLError) {
        var depth = 1
        while depth > 0 {
            switch current.kind {
            case .end: throw syntaxError
            case .symbol(.openParenthesis): depth += 1
            case .symbol(.closeParenthesis): depth -= 1
            default: break
            }
            advance()
        }
    }

    private mutating func skipCase() throws(SQLError) {
        var depth = 0
        repeat {
            switch current.keyword {
            case .case: depth += 1
            case .end: depth -= 1
            default: if current.kind == .end { throw syntaxError }
            }
            advance()
        } while depth > 0
    }
}
