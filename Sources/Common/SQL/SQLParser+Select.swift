extension SQLParser {
    mutating func select() throws(SQLError) -> SQLSelect {
        try require(.select)
        skipSelectOptions()
        var result = SQLSelect(items: [try item()])
        while skip(.comma) {
            guard result.items.count < SQLLimits.maxColumns else { throw SQLError(1117, "HY000", "Too many columns") }
            result.items.append(try item())
        }
        if skip(.from), !skip(.dual) {
            result.table = try tableName()
            skipToEnd()
            return result
        }
        if skip(.where) { result.filter = try expression() }
        if skip(.limit) { try limit(of: &result) }
        if [.union, .into, .for].contains(current.keyword) {
            throw .unsupported("SELECT … \(String(describing: current.keyword ?? .union).uppercased())")
        }
        return result
    }

    private mutating func skipSelectOptions() {
        while let keyword = current.keyword {
            switch keyword {
            case .all, .distinct, .high_priority, .sql_cache, .sql_no_cache, .sql_calc_found_rows: advance()
            default: return
            }
        }
    }

    private mutating func item() throws(SQLError) -> SQLSelect.Item {
        let first = current
        let expression = try self.expression()
        let end = tokens[at - 1].end
        if let alias = try alias() { return SQLSelect.Item(expression: expression, name: alias) }
        let name: String
        if case .string(let text) = first.kind, tokens[at - 1].start == first.start {
            name = text  // a lone string names its column without the quotes
        } else {
            name = String(decoding: source[first.start..<end], as: UTF8.self)
        }
        return SQLSelect.Item(expression: expression, name: String(name.prefix(SQLLimits.maxColumnNameCharacters)))
    }

    private mutating func alias() throws(SQLError) -> String? {
        if skip(.as) { return try nameOrString() }
        switch current.kind {
        case .string, .quotedName: return try nameOrString()
        case .word(_, let keyword) where keyword?.isReserved != true: return try name()
        default: return nil
        }
    }

    private mutating func tableName() throws(SQLError) -> [String] {
        if case .symbol(.openParenthesis) = current.kind { throw .unsupported("a derived table") }
        var parts = [try name()]
        while skip(.dot) { parts.append(try anyName()) }
        return parts
    }

    private mutating func limit(of select: inout SQLSelect) throws(SQLError) {
        select.limit = try wholeNumber()
        if skip(.comma) {
            select.offset = select.limit
            select.limit = try wholeNumber()
        } else if skip(.offset) {
            select.offset = try wholeNumber()
        }
    }

    private mutating func wholeNumber() throws(SQLError) -> UInt64 {
        guard case .integer(let number) = current.kind else { throw syntaxError }
        advance()
        return number
    }
}
