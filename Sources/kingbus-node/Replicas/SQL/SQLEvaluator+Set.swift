import Common

extension SQLEvaluator {
    mutating func assign(_ assignment: SQLAssignment) throws(SQLError) {
        switch assignment {
        case .userVariable(let name, let expression):
            try session.setUserVariable(name, to: try value(of: expression))
        case .systemVariable(let scope, let name, let expression):
            try assign(try SystemVariable.named(name, in: facts.version), scope, expression)
        case .names(let charset, let collation): try setNames(charset, collation)
        case .characterSet(let charset): try setCharacterSet(charset)
        case .transaction(let scope, let isolation, let isReadOnly):
            try requireSession(scope)
            // SET TRANSACTION without a scope holds for the next transaction only, and there is none here.
            guard scope == .session else { return }
            if let isolation { try setTransaction("isolation", to: .text(isolation)) }
            if let isReadOnly { try setTransaction("read_only", to: SQLValue(isReadOnly)) }
        }
    }

    /// Old versions have the variable under another name.
    private mutating func setTransaction(_ suffix: String, to value: SQLValue) throws(SQLError) {
        for name in ["transaction_" + suffix, "tx_" + suffix] where SystemVariable.table[name]?.exists(in: facts.version) == true {
            try session.setSystemVariable(name, to: value)
        }
    }

    private func requireSession(_ scope: SQLVariableScope?) throws(SQLError) {
        guard scope == nil || scope == .session else {
            throw SQLError(
                1227, "42000",
                "Access denied; you need (at least one of) the SUPER or SYSTEM_VARIABLES_ADMIN privilege(s) for this operation;"
                    + " this is a Kingbus binlog server, whose settings kingbus-ctl changes")
        }
    }

    private mutating func assign(
        _ variable: SystemVariable, _ scope: SQLVariableScope?, _ expression: SQLExpression?
    ) throws(SQLError) {
        try requireSession(scope)
        guard variable.isSettable else { throw SQLError(1238, "HY000", "Variable '\(variable.name)' is a read only variable") }
        guard let expression else {
            try session.setSystemVariable(variable.name, to: nil)
            return
        }
        let value: SQLValue
        if case .column(let parts) = expression, parts.count == 1 {
            value = .text(parts[0])  // a bare word, as in SET autocommit = ON
        } else {
            value = try self.value(of: expression)
        }
        try session.setSystemVariable(variable.name, to: try converted(value, for: variable))
    }

    private func converted(_ value: SQLValue, for variable: SystemVariable) throws(SQLError) -> SQLValue {
        switch variable.kind {
        case .boolean:
            switch value.text?.lowercased() {
            case "1", "on", "true": return SQLValue(true)
            case "0", "off", "false": return SQLValue(false)
            default: throw .wrongValue(value.text ?? "NULL", for: variable.name)
            }
        case .integer:
            switch value {
            case .integer, .unsigned: return value
            default: throw SQLError(1232, "42000", "Incorrect argument type to variable '\(variable.name)'")
            }
        case .text:
            if variable.name == "character_set_results", value == .null { return value }
            guard let text = value.text else { throw .wrongValue("NULL", for: variable.name) }
            if variable.name.hasPrefix("character_set_") {
                return .text(try CharacterSet.named(text, in: facts.version).name)
            }
            if variable.name.hasPrefix("collation_") { _ = try CharacterSet.ofCollation(text, in: facts.version) }
            return .text(text)
        }
    }

    // MARK: - Character sets

    private mutating func setNames(_ charset: String?, _ collation: String?) throws(SQLError) {
        let names = ["character_set_client", "character_set_connection", "character_set_results"]
        guard let charset else {
            for name in names + ["collation_connection"] { try session.setSystemVariable(name, to: nil) }
            return
        }
        let set = try CharacterSet.named(charset, in: facts.version)
        if let collation, try CharacterSet.ofCollation(collation, in: facts.version) != set {
            throw SQLError(1253, "42000", "COLLATION '\(collation)' is not valid for CHARACTER SET '\(set.name)'")
        }
        for name in names { try session.setSystemVariable(name, to: .text(set.name)) }
        try session.setSystemVariable("collation_connection", to: .text(collation?.lowercased() ?? set.collation))
    }

    /// SET CHARACTER SET leaves the connection's set at the database's (manual, "SET CHARACTER SET Statement").
    private mutating func setCharacterSet(_ charset: String?) throws(SQLError) {
        for name in ["character_set_client", "character_set_results"] {
            let set = try charset.map { charset throws(SQLError) in try CharacterSet.named(charset, in: facts.version) }
            try session.setSystemVariable(name, to: set.map { .text($0.name) })
        }
        for suffix in ["character_set_", "collation_"] {
            try session.setSystemVariable(suffix + "connection", to: session.systemVariable(suffix + "database"))
        }
    }
}

extension SQLError {
    static func wrongValue(_ value: String, for variable: String) -> SQLError {
        SQLError(1231, "42000", "Variable '\(variable)' can't be set to the value of '\(value.prefix(SQLLimits.maxQuotedCharacters))'")
    }
}
