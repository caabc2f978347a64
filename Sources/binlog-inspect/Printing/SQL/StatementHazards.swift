import Common

/// What `mysql` would do to a statement that it reads from a script.
enum StatementHazards {
    /// Whether it would change or misread the text: zero bytes, ends of lines of Windows, a name with a backslash at its end, the word of
    /// its own that it looks for everywhere, and commands in what only the server takes for a comment.
    static func isHazardous(_ statement: RawSpan) -> Bool {
        statement.withUnsafeBytes { bytes in
            var previous: UInt8 = 0
            for (offset, byte) in bytes.enumerated() {
                if byte == 0 || byte == UInt8(ascii: "\n") && previous == UInt8(ascii: "\r") { return true }
                if byte == UInt8(ascii: "`") && previous == UInt8(ascii: "\\") { return true }
                if byte | 0x20 == UInt8(ascii: "d"), isDelimiterWord(bytes, at: offset) { return true }
                if byte == UInt8(ascii: "*"), previous == UInt8(ascii: "/"), isHazardousComment(bytes, from: offset + 1) { return true }
                previous = byte
            }
            return false
        }
    }

    /// Whether a hint, or what only some versions read, would lead `mysql` astray, which reads on in it: a backslash there is a command of
    /// its own, and a quote without another one begins a string.
    private static func isHazardousComment(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Bool {
        guard start < bytes.count, [UInt8(ascii: "!"), UInt8(ascii: "+"), UInt8(ascii: "M")].contains(bytes[start]) else { return false }
        var quoteCounts: [UInt8: Int] = [:]
        for offset in start..<bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\\"): return true
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"): quoteCounts[bytes[offset], default: 0] += 1
            case UInt8(ascii: "/") where bytes[offset - 1] == UInt8(ascii: "*"): return quoteCounts.values.contains { $0 % 2 == 1 }
            default: break
            }
        }
        return true
    }

    private static func isDelimiterWord(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        let word: StaticString = "delimiter "
        guard bytes.count - offset >= word.utf8CodeUnitCount else { return false }
        return (0..<word.utf8CodeUnitCount).allSatisfy { bytes[offset + $0] | 0x20 == word.utf8Start[$0] }
    }

    /// Whether it creates what has statements in it, which MySQL does not prepare. A word in a string counts too: to refuse a rare
    /// statement is better than to write one that fails.
    static func cannotBePrepared(_ statement: RawSpan) -> Bool {
        let words = String(decoding: statement.array, as: UTF8.self).split { !$0.isLetter }.map { $0.uppercased() }
        guard words.first == "CREATE" || words.first == "ALTER" else { return false }
        return !Set(words).isDisjoint(with: ["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"])
    }

    /// What stands for the statement's end: `;`, or what does not occur in it.
    static func delimiter(for statement: RawSpan) -> String {
        if !contains(statement, ";") { return ";" }
        for delimiter in ["$$", "//"] where !contains(statement, delimiter) { return delimiter }
        var number = 0
        while contains(statement, "$\(number)$") { number += 1 }
        return "$\(number)$"
    }

    private static func contains(_ statement: RawSpan, _ text: String) -> Bool {
        let wanted = Array(text.utf8)
        return statement.withUnsafeBytes { bytes in
            guard bytes.count >= wanted.count else { return false }
            return (0...bytes.count - wanted.count).contains { start in
                bytes[start] == wanted[0] && wanted.indices.allSatisfy { bytes[start + $0] == wanted[$0] }
            }
        }
    }
}
