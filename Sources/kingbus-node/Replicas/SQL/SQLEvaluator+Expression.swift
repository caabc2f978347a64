import Common

extension SQLEvaluator {
    mutating func value(of expression: SQLExpression) throws(SQLError) -> SQLValue {
        switch expression {
        case .literal(let value): return value
        case .userVariable(let name): return session.userVariable(name)
        case .assignment(let name, let expression):
            let value = try value(of: expression)
            try session.setUserVariable(name, to: value)
            return value
        case .systemVariable(let scope, let name): return try systemVariable(name, scope)
        case .column(let parts): return try column(parts)
        case .call(let name, let arguments): return try call(name, arguments)
        case .unary(let operation, let operand): return try unary(operation, try value(of: operand))
        case .binary(let operation, let left, let right): return try binary(operation, left, right)
        case .isNull(let operand): return SQLValue(try value(of: operand) == .null)
        case .isIn(let operand, let list): return try isIn(try value(of: operand), list)
        case .isBetween(let operand, let low, let high):
            let operand = try value(of: operand)
            let isAbove = try comparison(operand, try value(of: low)).map { $0 >= 0 }
            let isBelow = try comparison(operand, try value(of: high)).map { $0 <= 0 }
            if isAbove == false || isBelow == false { return SQLValue(false) }
            return isAbove == nil || isBelow == nil ? .null : SQLValue(true)
        case .isLike(let operand, let pattern, let escape):
            guard let operand = try text(try value(of: operand)), let pattern = try text(try value(of: pattern)) else { return .null }
            return SQLValue(try matches(operand, pattern, escape))
        case .allColumns: throw SQLError(1096, "HY000", "No tables used")
        case .unsupported(let what): throw .unsupported(what)
        }
    }

    mutating func matches(_ text: String, _ pattern: String, _ escape: Character?) throws(SQLError) -> Bool {
        guard let pattern = LikePattern(pattern, escape: escape) else {
            throw .tooComplex("a LIKE pattern may have \(LikePattern.maxCharacters) characters")
        }
        try charge(text.utf8.count)
        let allowed = remainingWork / LikePattern.workBytesPerStep
        var steps = allowed
        guard let isMatch = pattern.matches(text, steps: &steps) else { throw .tooComplex("matching LIKE takes too long") }
        try charge((allowed - steps) * LikePattern.workBytesPerStep)
        return isMatch
    }

    /// - Throws: 1193 if it does not exist, 1238 if not in that scope.
    private mutating func systemVariable(_ name: String, _ scope: SQLVariableScope?) throws(SQLError) -> SQLValue {
        let variable = try SystemVariable.named(name, in: facts.version)
        switch (scope, variable.scope) {
        case (.persist?, _), (.persistOnly?, _): throw .unsupported("persisted variables")
        case (.global?, .session): throw SQLError(1238, "HY000", "Variable '\(name)' is a SESSION variable")
        case (.session?, .global): throw SQLError(1238, "HY000", "Variable '\(name)' is a GLOBAL variable")
        default: break
        }
        let value = serverOrSessionValue(of: variable, isGlobal: scope == .global)
        try charge(value.text?.utf8.count ?? 0)
        return value
    }

    func serverOrSessionValue(of variable: SystemVariable, isGlobal: Bool) -> SQLValue {
        if !isGlobal, let own = session.systemVariable(variable.name) { return own }
        return variable.value(facts)
    }

    private func column(_ parts: [String]) throws(SQLError) -> SQLValue {
        if let value = parts.last.flatMap({ row?.value(of: $0) }) { return value }
        let name = parts.joined(separator: ".").prefix(SQLLimits.maxQuotedCharacters)
        throw SQLError(1054, "42S22", "Unknown column '\(name)' in '\(row == nil ? "field list" : "where clause")'")
    }

    private mutating func isIn(_ operand: SQLValue, _ list: [SQLExpression]) throws(SQLError) -> SQLValue {
        var sawNull = operand == .null
        for element in list {
            switch try comparison(operand, try value(of: element)) {
            case 0?: return SQLValue(true)
            case nil: sawNull = true
            default: break
            }
        }
        return sawNull ? .null : SQLValue(false)
    }
}
