import Foundation

/// A JSON document whose numbers have the digits that were written, and whose objects have the order.
enum OrderedJSON: Equatable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([OrderedJSON])
    case object([Member])

    struct Member: Equatable {
        var key: String
        var value: OrderedJSON
    }

    /// - Throws: `CommandFailed` where the bytes are no JSON.
    init(parsing bytes: some Collection<UInt8>) throws {
        var parser = Parser(bytes: Array(bytes))
        self = try parser.document()
    }

    subscript(key: String) -> OrderedJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var number: UInt64? {
        if case .number(let digits) = self { UInt64(digits) } else { nil }
    }

    /// Whether both are the same document: the order of keys, and how a number is written, are nothing to JSON.
    func isSame(as other: OrderedJSON) -> Bool {
        switch (self, other) {
        case (.number(let one), .number(let two)): one == two || !Self.isInteger(one, two) && Double(one) == Double(two)
        case (.array(let one), .array(let two)): one.count == two.count && zip(one, two).allSatisfy { $0.isSame(as: $1) }
        case (.object(let one), .object(let two)):
            one.count == two.count && one.allSatisfy { member in other[member.key].map { member.value.isSame(as: $0) } ?? false }
        default: self == other
        }
    }

    /// Integers are exact; a double does not hold all of them.
    private static func isInteger(_ numbers: String...) -> Bool { numbers.allSatisfy { Int64($0) != nil || UInt64($0) != nil } }

    private struct Parser {
        let bytes: [UInt8]
        var place = 0

        mutating func document() throws -> OrderedJSON {
            let value = try value()
            skipSpace()
            guard place == bytes.count else { throw failure }
            return value
        }

        private var failure: CommandFailed {
            CommandFailed(description: "no JSON at byte \(place): \(String(decoding: bytes.prefix(200), as: UTF8.self))")
        }

        private mutating func skipSpace() {
            while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x0a { place += 1 }
        }

        private mutating func takes(_ character: Character) -> Bool {
            skipSpace()
            guard place < bytes.count, bytes[place] == character.asciiValue else { return false }
            place += 1
            return true
        }

        private mutating func takes(word: String) -> Bool {
            guard bytes[place...].starts(with: word.utf8) else { return false }
            place += word.utf8.count
            return true
        }

        private mutating func value() throws -> OrderedJSON {
            skipSpace()
            guard place < bytes.count else { throw failure }
            switch bytes[place] {
            case UInt8(ascii: "{"): return try object()
            case UInt8(ascii: "["): return try array()
            case UInt8(ascii: "\""): return .string(try text())
            default: break
            }
            if takes(word: "null") { return .null }
            if takes(word: "true") { return .bool(true) }
            if takes(word: "false") { return .bool(false) }
            let digits = bytes[place...].prefix {
                $0 > 0x20 && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: "]")
            }
            place += digits.count
            let number = String(decoding: digits, as: UTF8.self)
            guard Double(number) != nil else { throw failure }
            return .number(number)
        }

        private mutating func object() throws -> OrderedJSON {
            place += 1
            var members: [Member] = []
            if takes("}") { return .object(members) }
            repeat {
                skipSpace()
                let key = try text()
                guard takes(":") else { throw failure }
                members.append(Member(key: key, value: try value()))
            } while takes(",")
            guard takes("}") else { throw failure }
            return .object(members)
        }

        private mutating func array() throws -> OrderedJSON {
            place += 1
            var elements: [OrderedJSON] = []
            if takes("]") { return .array(elements) }
            repeat { elements.append(try value()) } while takes(",")
            guard takes("]") else { throw failure }
            return .array(elements)
        }

        private mutating func text() throws -> String {
            guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { throw failure }
            let start = place
            var isPlain = true
            place += 1
            while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
                if bytes[place] == UInt8(ascii: "\\") {
                    isPlain = false
                    place += 1
                }
                place += 1
            }
            guard place < bytes.count else { throw failure }
            place += 1
            if isPlain { return String(decoding: bytes[start + 1..<place - 1], as: UTF8.self) }
            let literal = try JSONSerialization.jsonObject(with: Data(bytes[start..<place]), options: .fragmentsAllowed)
            guard let text = literal as? String else { throw failure }
            return text
        }
    }
}
