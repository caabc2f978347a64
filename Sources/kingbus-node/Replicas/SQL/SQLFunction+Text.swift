import Common

extension SQLFunction {
    static let texts: [String: SQLFunction] = {
        let lower = mapping { $0.lowercased() }
        let upper = mapping { $0.uppercased() }
        let characters = SQLFunction(1...1) { evaluator, arguments throws(SQLError) in
            try evaluator.text(arguments[0]).map { .integer(Int64($0.unicodeScalars.count)) } ?? .null
        }
        return [
            "lower": lower, "lcase": lower, "upper": upper, "ucase": upper,
            "char_length": characters, "character_length": characters,
            "length": SQLFunction(1...1) { evaluator, arguments throws(SQLError) in
                try evaluator.text(arguments[0]).map { .integer(Int64($0.utf8.count)) } ?? .null
            },
            "concat": SQLFunction(1...SQLLimits.maxTokens) { evaluator, arguments throws(SQLError) in
                var result = ""
                for argument in arguments {
                    guard let part = try evaluator.text(argument) else { return .null }
                    result += part
                }
                return .text(result)
            },
            "concat_ws": SQLFunction(2...SQLLimits.maxTokens) { evaluator, arguments throws(SQLError) in
                guard let separator = try evaluator.text(arguments[0]) else { return .null }
                var result = ""
                var isFirst = true
                for argument in arguments.dropFirst() {
                    guard let part = try evaluator.text(argument) else { continue }
                    if !isFirst {
                        try evaluator.charge(separator.utf8.count)
                        result += separator
                    }
                    result += part
                    isFirst = false
                }
                return .text(result)
            },
            "substring_index": SQLFunction(3...3) { evaluator, arguments throws(SQLError) in
                guard let text = try evaluator.text(arguments[0]), let separator = try evaluator.text(arguments[1]),
                    let count = arguments[2].double
                else { return .null }
                return .text(part(of: text, separator, SQLValue.wholePart(of: count) ?? 0))
            },
        ]
    }()

    private static func mapping(_ change: @escaping @Sendable (String) -> String) -> SQLFunction {
        SQLFunction(1...1) { evaluator, arguments throws(SQLError) in
            try evaluator.text(arguments[0]).map { .text(change($0)) } ?? .null
        }
    }

    /// What stands before the `count`th separator from the left, or for a negative `count` behind that from the right.
    private static func part(of text: String, _ separator: String, _ count: Int64) -> String {
        guard count != 0, !separator.isEmpty else { return "" }
        let bytes = Array(text.utf8)
        let wanted = Array(separator.utf8)
        var starts: [Int] = []
        var index = 0
        while index + wanted.count <= bytes.count {
            if bytes[index..<index + wanted.count].elementsEqual(wanted) {
                starts.append(index)
                index += wanted.count
            } else {
                index += 1
            }
        }
        guard count.magnitude <= UInt64(starts.count) else { return text }
        if count > 0 { return String(decoding: bytes[..<starts[Int(count) - 1]], as: UTF8.self) }
        return String(decoding: bytes[(starts[starts.count - Int(count.magnitude)] + wanted.count)...], as: UTF8.self)
    }
}
