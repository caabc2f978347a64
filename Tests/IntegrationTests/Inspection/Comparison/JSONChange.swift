import Foundation

/// A partial update as mysqlbinlog prints it: `JSON_INSERT(JSON_REPLACE(@3, '$.n', 2), '$.fresh', CAST('[1, 2]' AS JSON))`.
struct JSONChange {
    struct Step {
        /// `replace`, `insert` (`array_insert` too) or `remove`.
        var operation: String
        var path: String
        var value: OrderedJSON?
    }

    /// In the order in which they are made.
    private(set) var steps: [Step] = []

    init(parsing bytes: ArraySlice<UInt8>) throws {
        // Between the lines of one value stands what lines begin with.
        var parser = Parser(text: Array(String(decoding: bytes, as: UTF8.self).replacing(/\n### +/, with: " ").utf8))
        steps = try parser.expression()
    }

    /// Whether a change without a before image lists the same steps.
    func isListed(in value: OrderedJSON) throws -> Bool {
        guard case .array(let changes)? = value["changes"], changes.count == steps.count else { return false }
        return zip(changes, steps).allSatisfy { change, step in
            let value = change["value"]
            return change["op"]?.string == step.operation && change["path"]?.string == step.path
                && (step.value.map { value?.isSame(as: $0) ?? false } ?? (value == nil))
        }
    }

    /// What the steps make of a document.
    func applied(to document: OrderedJSON) throws -> OrderedJSON {
        var document = document
        for step in steps {
            let legs = try Self.legs(step.path)
            document = try Self.change(document, legs[...], step)
        }
        return document
    }

    private enum Leg {
        case key(String)
        case index(Int)
    }

    private static func change(_ document: OrderedJSON, _ legs: ArraySlice<Leg>, _ step: Step) throws -> OrderedJSON {
        guard let leg = legs.first else { return step.value ?? .null }
        let isLast = legs.count == 1
        switch (leg, document) {
        case (.key(let key), .object(var members)):
            if let place = members.firstIndex(where: { $0.key == key }) {
                if isLast, step.operation == "remove" {
                    members.remove(at: place)
                } else {
                    members[place].value = try change(members[place].value, legs.dropFirst(), step)
                }
            } else if isLast, step.operation == "insert", let value = step.value {
                members.append(OrderedJSON.Member(key: key, value: value))
            }
            return .object(members)
        case (.index(let place), .array(var elements)):
            if isLast, step.operation == "insert", let value = step.value {
                elements.insert(value, at: min(place, elements.count))
            } else if elements.indices.contains(place) {
                if isLast, step.operation == "remove" {
                    elements.remove(at: place)
                } else {
                    elements[place] = try change(elements[place], legs.dropFirst(), step)
                }
            }
            return .array(elements)
        default: throw CommandFailed(description: "\(step.path) leads nowhere in the before image")
        }
    }

    /// The legs of `$.a[1]."b c"`.
    private static func legs(_ path: String) throws -> [Leg] {
        try path.matches(of: /\.(?:("(?:[^"\\]|\\.)*")|([^.\["]+))|\[(\d+)\]/).map { match in
            if let index = match.3 { return .index(Int(index) ?? 0) }
            if let quoted = match.1 { return .key(try OrderedJSON(parsing: quoted.utf8).string ?? "") }
            return .key(String(match.2 ?? ""))
        }
    }

    private struct Parser {
        let text: [UInt8]
        var place = 0

        private mutating func skipSpace() { while place < text.count, text[place] == 0x20 || text[place] == 0x0a { place += 1 } }

        private mutating func takes(_ word: String) -> Bool {
            skipSpace()
            guard place <= text.count, text[place...].starts(with: word.utf8) else { return false }
            place += word.utf8.count
            return true
        }

        private var failure: CommandFailed {
            CommandFailed(description: "no function of JSON: \(String(decoding: text, as: UTF8.self).prefix(300))")
        }

        mutating func expression() throws -> [Step] {
            let operations = [
                "JSON_REPLACE(": "replace", "JSON_INSERT(": "insert", "JSON_ARRAY_INSERT(": "insert", "JSON_REMOVE(": "remove",
            ]
            for (function, operation) in operations where takes(function) {
                var steps = try expression()
                while takes(",") {
                    let path = String(decoding: try quoted(), as: UTF8.self)
                    let value = operation == "remove" || !takes(",") ? nil : try value()
                    steps.append(Step(operation: operation, path: path, value: value))
                }
                guard takes(")") else { throw failure }
                return steps
            }
            guard takes("@") else { throw failure }
            while place < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[place]) { place += 1 }
            return []
        }

        private mutating func value() throws -> OrderedJSON {
            if takes("CAST(") {
                let value = try OrderedJSON(parsing: try quoted())
                guard takes("AS JSON)") else { throw failure }
                return value
            }
            skipSpace()
            if place < text.count, text[place] == UInt8(ascii: "'") { return .string(String(decoding: try quoted(), as: UTF8.self)) }
            let word = text[place...].prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: ")") && $0 != 0x20 }
            place += word.count
            return try OrderedJSON(parsing: String(decoding: word, as: UTF8.self).lowercased().utf8)
        }

        private mutating func quoted() throws -> [UInt8] {
            skipSpace()
            guard place < text.count, text[place] == UInt8(ascii: "'") else { throw failure }
            let start = place + 1
            place = start
            while place < text.count, text[place] != UInt8(ascii: "'") { place += text[place] == UInt8(ascii: "\\") ? 2 : 1 }
            guard place < text.count else { throw failure }
            place += 1
            return StockText.unescaped(text[start..<place - 1])
        }
    }
}
