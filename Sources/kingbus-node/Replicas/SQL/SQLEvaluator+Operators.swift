import Common

extension SQLEvaluator {
    func unary(_ operation: SQLUnaryOperator, _ operand: SQLValue) throws(SQLError) -> SQLValue {
        switch (operation, operand) {
        case (_, .null): return .null
        case (.not, _): return operand.truth.map { SQLValue(!$0) } ?? .null
        case (.plus, _): return operand
        case (.minus, .integer(let number)) where number > .min: return .integer(-number)
        case (.minus, .unsigned(let number)) where number == UInt64(Int64.max) + 1: return .integer(.min)
        case (.minus, .decimal(let digits)): return .decimal(digits.hasPrefix("-") ? String(digits.dropFirst()) : "-" + digits)
        case (.minus, _): return try number(-(operand.double ?? 0))
        }
    }

    mutating func binary(_ operation: SQLBinaryOperator, _ left: SQLExpression, _ right: SQLExpression) throws(SQLError) -> SQLValue {
        let left = try value(of: left)
        let right = try value(of: right)
        switch operation {
        case .and:
            if left.truth == false || right.truth == false { return SQLValue(false) }
            return left == .null || right == .null ? .null : SQLValue(true)
        case .or:
            if left.truth == true || right.truth == true { return SQLValue(true) }
            return left == .null || right == .null ? .null : SQLValue(false)
        case .xor:
            guard let left = left.truth, let right = right.truth else { return .null }
            return SQLValue(left != right)
        case .nullSafeEqual:
            if left == .null || right == .null { return SQLValue(left == right) }
            return SQLValue(try comparison(left, right) == 0)
        case .equal: return try test(left, right) { $0 == 0 }
        case .notEqual: return try test(left, right) { $0 != 0 }
        case .less: return try test(left, right) { $0 < 0 }
        case .lessOrEqual: return try test(left, right) { $0 <= 0 }
        case .greater: return try test(left, right) { $0 > 0 }
        case .greaterOrEqual: return try test(left, right) { $0 >= 0 }
        case .add, .subtract, .multiply, .divide, .integerDivide, .modulo: return try arithmetic(operation, left, right)
        }
    }

    private mutating func test(_ left: SQLValue, _ right: SQLValue, _ holds: (Int) -> Bool) throws(SQLError) -> SQLValue {
        try comparison(left, right).map { SQLValue(holds($0)) } ?? .null
    }

    /// Below, at or above 0 as `left` is to `right`; nil if either is NULL. Texts compare without regard to case, as under MySQL's
    /// default collations; with a number on either side both count as numbers.
    mutating func comparison(_ left: SQLValue, _ right: SQLValue) throws(SQLError) -> Int? {
        switch (left, right) {
        case (.null, _), (_, .null): return nil
        case (.integer(let left), .integer(let right)): return left < right ? -1 : left == right ? 0 : 1
        case (.unsigned(let left), .unsigned(let right)): return left < right ? -1 : left == right ? 0 : 1
        case (.integer, .unsigned): return -1
        case (.unsigned, .integer): return 1
        case (.text(let left), .text(let right)):
            try charge(left.utf8.count + right.utf8.count)
            let (left, right) = (left.lowercased(), right.lowercased())
            return left < right ? -1 : left == right ? 0 : 1
        default:
            guard let left = left.double, let right = right.double else { return nil }
            return left < right ? -1 : left == right ? 0 : 1
        }
    }

    private func arithmetic(_ operation: SQLBinaryOperator, _ left: SQLValue, _ right: SQLValue) throws(SQLError) -> SQLValue {
        if case .integer(let left) = left, case .integer(let right) = right, operation != .divide {
            return try wholeArithmetic(operation, left, right)
        }
        guard let left = left.double, let right = right.double else { return .null }
        switch operation {
        case .add: return try number(left + right)
        case .subtract: return try number(left - right)
        case .multiply: return try number(left * right)
        case .modulo: return right == 0 ? .null : try number(left.truncatingRemainder(dividingBy: right))
        case .integerDivide:
            if right == 0 { return .null }
            guard let quotient = SQLValue.wholePart(of: left / right) else { throw outOfRange }
            return .integer(quotient)
        default: return right == 0 ? .null : try number(left / right)
        }
    }

    private func wholeArithmetic(_ operation: SQLBinaryOperator, _ left: Int64, _ right: Int64) throws(SQLError) -> SQLValue {
        let result: (partialValue: Int64, overflow: Bool)
        switch operation {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .modulo:
            if right == 0 { return .null }
            return .integer(left.remainderReportingOverflow(dividingBy: right).partialValue)
        default:
            if right == 0 { return .null }
            result = left.dividedReportingOverflow(by: right)
        }
        if result.overflow { throw outOfRange }
        return .integer(result.partialValue)
    }

    private var outOfRange: SQLError { SQLError(1690, "22003", "BIGINT value is out of range") }

    private func number(_ number: Double) throws(SQLError) -> SQLValue {
        guard number.isFinite else { throw SQLError(1690, "22003", "DOUBLE value is out of range") }
        let text = String(number)
        return .decimal(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
    }
}
