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
    /// In text, without quotes.
    package let value: [UInt8]
    /// The value where it is a number.
    package let number: Double?
    /// The value where it is an integer.
    package let integer: Int128?

    package struct ParseError: Error, CustomStringConvertible {
        package let description: String
    }

    private static let operators: [(text: String, comparison: Comparison)] = [
        ("!=", .notEqual), ("<>", .notEqual), ("<=", .lessOrEqual), (">=", .greaterOrEqual), ("=", .equal), ("<", .less), (">", .greater),
    ]

    package init(parsing text: String) throws(ParseError) {
        self.text = text
        let upper = text.uppercased()
        for (suffix, comparison) in [(" IS NOT NULL", Comparison.isNotNull), (" IS NULL", .isNull)] where upper.hasSuffix(suffix) {
            column = try Self.name(text.dropLast(suffix.count), text)
            self.comparison = comparison
            value = []
            number = nil
            integer = nil
            return
        }
        guard let place = text.firstIndex(where: { "=<>!".contains($0) }),
            let (sign, comparison) = Self.operators.first(where: { text[place...].hasPrefix($0.text) })
        else { throw ParseError(description: "'\(text)' compares nothing; it reads like id=42, or deleted_at IS NULL") }
        column = try Self.name(text[..<place], text)
        self.comparison = comparison
        var rest = text[text.index(place, offsetBy: sign.count)...]
        while rest.first == " " { rest.removeFirst() }
        if rest.count >= 2, let quote = rest.first, quote == "'" || quote == "\"", rest.last == quote { rest = rest.dropFirst().dropLast() }
        value = Array(rest.utf8)
        number = Double(rest)
        integer = Int128(rest)
    }

    private static func name(_ part: Substring, _ text: String) throws(ParseError) -> String {
        let name = part.split(separator: " ").joined(separator: " ").filter { $0 != "`" }
        guard !name.isEmpty else { throw ParseError(description: "'\(text)' names no column; it reads like id=42, or deleted_at IS NULL") }
        return name
    }

    /// Whether a value that is not NULL holds, in the text that the tool shows of it, without quotes.
    package func holds(for text: UnsafeRawBufferPointer) -> Bool {
        switch comparison {
        case .isNull: return false
        case .isNotNull: return true
        default: break
        }
        let order = order(of: text)
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

    /// Negative where the text comes before the value. Numbers go by their size; integers to their last digit.
    private func order(of text: UnsafeRawBufferPointer) -> Int {
        if text.elementsEqual(value) { return 0 }
        if let number {
            let digits = String(decoding: text, as: UTF8.self)
            if let integer, let other = Int128(digits) { return other < integer ? -1 : other > integer ? 1 : 0 }
            if let other = Double(digits) { return other < number ? -1 : other > number ? 1 : 0 }
        }
        return text.lexicographicallyPrecedes(value) ? -1 : 1
    }
}
