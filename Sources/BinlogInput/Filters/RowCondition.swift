import Common

/// One `--where`: a column compared with a value.
///
///     try RowCondition(parsing: "price >= 12.50")
///     try RowCondition(parsing: "deleted_at IS NULL")
package struct RowCondition: Hashable, Sendable {
    package enum Comparison: Hashable, Sendable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
        case isNull, isNotNull
    }

    /// As the user wrote it.
    package let text: String
    /// The column's name, or `@` and its number from 1.
    package let column: String
    package let comparison: Comparison
    /// Nil where the comparison is with NULL.
    private let value: ConditionValue?

    package struct ParseError: Error, CustomStringConvertible {
        package let description: String
    }

    private static let operatorCharacters: Set<Character> = ["=", "<", ">", "!"]
    private static let operators: [(text: String, comparison: Comparison)] = [
        ("!=", .notEqual), ("<>", .notEqual), ("<=", .lessOrEqual), (">=", .greaterOrEqual), ("=", .equal), ("<", .less), (">", .greater),
    ]

    package init(parsing text: String) throws(ParseError) {
        self.text = text
        let upper = text.uppercased()
        let place = text.firstIndex { Self.operatorCharacters.contains($0) }
        for (suffix, comparison) in [(" IS NOT NULL", Comparison.isNotNull), (" IS NULL", .isNull)]
        where upper.hasSuffix(suffix) && place == nil {
            column = try Self.name(text.dropLast(suffix.count), text)
            self.comparison = comparison
            value = nil
            return
        }
        guard let place, let (sign, comparison) = Self.operators.first(where: { text[place...].hasPrefix($0.text) })
        else { throw ParseError(description: "'\(text)' compares nothing; it reads like id=42, or deleted_at IS NULL") }
        column = try Self.name(text[..<place], text)
        self.comparison = comparison
        value = ConditionValue(text[text.index(place, offsetBy: sign.count)...])
    }

    private static func name(_ part: Substring, _ text: String) throws(ParseError) -> String {
        let name = part.split(separator: " ").joined(separator: " ").filter { $0 != "`" }
        guard !name.isEmpty else { throw ParseError(description: "'\(text)' names no column; it reads like id=42, or deleted_at IS NULL") }
        return name
    }

    /// Whether it holds for a column's value.
    ///
    /// Integers, DECIMAL and BIT are compared exactly; FLOAT and DOUBLE with the number of their kind that is nearest; dates and times as
    /// such; text by code points, converted to UTF-8; ENUM and SET by their labels; JSON by its text; all else by its bytes. What is no
    /// number is unequal to every number, and neither smaller nor larger.
    ///
    /// - Parameters:
    ///   - writer: makes the value's text, where one is needed.
    ///   - scratch: where it is made.
    package func holds(for other: borrowing RowValue, writer: inout ValueWriter, scratch: inout ByteSink) -> Bool {
        switch comparison {
        case .isNull: return other.isNull
        case .isNotNull: return !other.isNull
        default: break
        }
        guard !other.isNull, let value else { return false }
        guard let order = value.order(of: other, writer: &writer, scratch: &scratch) else { return comparison == .notEqual }
        return switch comparison {
        case .equal: order == 0
        case .notEqual: order != 0
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greater: order > 0
        case .greaterOrEqual: order >= 0
        case .isNull, .isNotNull: false
        }
    }
}
