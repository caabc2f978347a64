// Operators bind as in the manual's "Operator Precedence": OR, XOR, AND, NOT, comparison, sum, product, sign.
extension SQLParser {
    mutating func expression() throws(SQLError) -> SQLExpression {
        guard nesting < SQLLimits.maxNesting else { throw .tooComplex("it nests deeper than \(SQLLimits.maxNesting) levels") }
        nesting += 1
        defer { nesting -= 1 }
        return try disjunction()
    }

    mutating func expressions() throws(SQLError) -> [SQLExpression] {
        var list = [try expression()]
        while skip(.comma) { list.append(try expression()) }
        return list
    }

    private mutating func countOperator() throws(SQLError) {
        operators += 1
        if operators > SQLLimits.maxOperators { throw .tooComplex("more than \(SQLLimits.maxOperators) operators") }
    }

    private mutating func disjunction() throws(SQLError) -> SQLExpression {
        var left = try exclusiveDisjunction()
        while skip(.or) || skip(.logicalOr) {
            try countOperator()
            left = .binary(.or, left, try exclusiveDisjunction())
        }
        return left
    }

    private mutating func exclusiveDisjunction() throws(SQLError) -> SQLExpression {
        var left = try conjunction()
        while skip(.xor) {
            try countOperator()
            left = .binary(.xor, left, try conjunction())
        }
        return left
    }

    private mutating func conjunction() throws(SQLError) -> SQLExpression {
        var left = try negation()
        while skip(.and) || skip(.logicalAnd) {
            try countOperator()
            left = .binary(.and, left, try negation())
        }
        return left
    }

    private mutating func negation() throws(SQLError) -> SQLExpression {
        var negations = 0
        while skip(.not) {
            try countOperator()
            negations += 1
        }
        var operand = try comparison()
        for _ in 0..<negations { operand = .unary(.not, operand) }
        return operand
    }

    private mutating func comparison() throws(SQLError) -> SQLExpression {
        var left = try sum()
        while let next = try comparison(after: left) {
            try countOperator()
            left = next
        }
        return left
    }

    /// What follows `left` as a comparison, or nil if none does.
    private mutating func comparison(after left: SQLExpression) throws(SQLError) -> SQLExpression? {
        if case .symbol(let symbol) = current.kind, let comparison = Self.comparisons[symbol] {
            advance()
            return .binary(comparison, left, try sum())
        }
        if skip(.is) {
            let isNegated = skip(.not)
            let result: SQLExpression
            if skip(.null) {
                result = .isNull(left)
            } else {
                let expected = current.keyword == .true
                guard skip(.true) || skip(.false) else { throw syntaxError }
                result = .binary(.nullSafeEqual, .unary(.not, left), .literal(SQLValue(!expected)))
            }
            return isNegated ? .unary(.not, result) : result
        }
        let isNegated = current.keyword == .not && [.in, .like, .between].contains(tokens[min(at + 1, tokens.count - 1)].keyword)
        if isNegated { advance() }
        guard let test = try membership(of: left) else { return nil }
        return isNegated ? .unary(.not, test) : test
    }

    private static let comparisons: [SQLSymbol: SQLBinaryOperator] = [
        .equal: .equal, .nullSafeEqual: .nullSafeEqual, .notEqual: .notEqual, .bangEqual: .notEqual,
        .less: .less, .lessOrEqual: .lessOrEqual, .greater: .greater, .greaterOrEqual: .greaterOrEqual,
    ]

    private mutating func membership(of left: SQLExpression) throws(SQLError) -> SQLExpression? {
        if skip(.in) {
            try require(.openParenthesis)
            if current.keyword == .select {
                try skipParenthesised()
                return .unsupported("subqueries")
            }
            let list = try expressions()
            try require(.closeParenthesis)
            return .isIn(left, list)
        }
        if skip(.like) {
            let pattern = try sum()
            guard skip(.escape) else { return .isLike(left, pattern: pattern, escape: "\\") }
            guard case .string(let text) = current.kind, text.count <= 1 else { throw syntaxError }
            advance()
            return .isLike(left, pattern: pattern, escape: text.first)
        }
        if skip(.between) {
            let low = try sum()
            try require(.and)
            return .isBetween(left, low, try sum())
        }
        return nil
    }

    private mutating func sum() throws(SQLError) -> SQLExpression {
        var left = try product()
        while true {
            let operation: SQLBinaryOperator
            if skip(.plus) { operation = .add } else if skip(.minus) { operation = .subtract } else { return left }
            try countOperator()
            left = .binary(operation, left, try product())
        }
    }

    private mutating func product() throws(SQLError) -> SQLExpression {
        var left = try signed()
        while true {
            let operation: SQLBinaryOperator
            if skip(.star) {
                operation = .multiply
            } else if skip(.slash) {
                operation = .divide
            } else if skip(.div) {
                operation = .integerDivide
            } else if skip(.percent) || skip(.mod) {
                operation = .modulo
            } else {
                return left
            }
            try countOperator()
            left = .binary(operation, left, try signed())
        }
    }

    private mutating func signed() throws(SQLError) -> SQLExpression {
        var signs: [SQLUnaryOperator] = []
        while true {
            if skip(.minus) {
                signs.append(.minus)
            } else if skip(.plus) {
                signs.append(.plus)
            } else if skip(.bang) {
                signs.append(.not)
            } else {
                break
            }
            try countOperator()
        }
        var operand = try primary()
        if skip(.collate) { _ = try nameOrString() }
        for sign in signs.reversed() { operand = .unary(sign, operand) }
        return operand
    }
}
