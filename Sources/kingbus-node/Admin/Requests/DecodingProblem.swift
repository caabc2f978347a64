/// Says in one line what is wrong with a JSON body, and where.
enum DecodingProblem {
    static func describe(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "the body lacks \"\(path(context.codingPath + [key]))\""
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            context.codingPath.isEmpty ? "the body must be a JSON object" : "\"\(path(context.codingPath))\" must be \(name(of: type))"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "the body is not valid JSON" : "\"\(path(context.codingPath))\" has a value out of range"
        @unknown default:
            "the body cannot be read"
        }
    }

    /// As `urls[0]`.
    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
    }

    private static func name(of type: any Any.Type) -> String {
        if type is String.Type { return "a string" }
        if type is any BinaryInteger.Type { return "a whole number, not negative" }
        if type is Bool.Type { return "true or false" }
        if type is any Sequence.Type { return "a list" }
        return "another type"
    }
}
