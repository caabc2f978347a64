import BinlogInput
import Common

/// What a statement in a QUERY event does, told by its first word.
enum StatementText {
    private static let ddl: Set<String> = [
        "CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE", "GRANT", "REVOKE", "ANALYZE", "OPTIMIZE", "REPAIR", "FLUSH", "INSTALL",
        "UNINSTALL", "IMPORT",
    ]
    private static let control: Set<String> = ["BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "XA"]
    private static let longestWord = 10

    /// Nil for words that only begin, divide or end transactions.
    static func kind(of statement: RawSpan) -> ChangeKind? {
        let word = firstWord(of: statement)
        if control.contains(word) { return nil }
        return ddl.contains(word) ? .ddl : .statement
    }

    static func isBegin(_ statement: RawSpan) -> Bool {
        let words = words(of: statement, count: 2)
        return words[0] == "BEGIN" || words[0] == "START" || words[0] == "XA" && (words[1] == "START" || words[1] == "BEGIN")
    }

    /// In capitals; comments before it do not count.
    private static func firstWord(of statement: RawSpan) -> String {
        var offset = 0
        return word(of: statement, at: &offset)
    }

    /// The first words, in capitals; comments before them do not count.
    static func words(of statement: RawSpan, count: Int) -> [String] {
        var offset = 0
        return (0..<count).map { _ in word(of: statement, at: &offset) }
    }

    /// What stands behind the two words of an XA statement: the XID.
    static func xid(of statement: RawSpan) -> [UInt8] {
        var offset = 0
        _ = word(of: statement, at: &offset)
        _ = word(of: statement, at: &offset)
        let isEnd = { (byte: UInt8) in byte <= UInt8(ascii: " ") || byte == UInt8(ascii: ";") }
        let rest = statement.extracting(min(offset, statement.byteCount)..<statement.byteCount).array
        return Array(rest.drop(while: isEnd).reversed().drop(while: isEnd).reversed())
    }

    /// Whether `#` or `--` stands there, which ends with the line.
    private static func beginsLineComment(_ statement: RawSpan, at offset: Int) -> Bool {
        guard offset < statement.byteCount else { return false }
        if statement.byte(at: offset) == UInt8(ascii: "#") { return true }
        return offset + 1 < statement.byteCount && statement.byte(at: offset) == UInt8(ascii: "-")
            && statement.byte(at: offset + 1) == UInt8(ascii: "-")
    }

    /// The word at `offset` or behind the space and the comments there; empty where none stands there.
    private static func word(of statement: RawSpan, at offset: inout Int) -> String {
        while true {
            while offset < statement.byteCount, statement.byte(at: offset) <= UInt8(ascii: " ") { offset += 1 }
            if beginsLineComment(statement, at: offset) {
                while offset < statement.byteCount, statement.byte(at: offset) != UInt8(ascii: "\n") { offset += 1 }
                continue
            }
            guard offset + 1 < statement.byteCount, statement.byte(at: offset) == UInt8(ascii: "/"),
                statement.byte(at: offset + 1) == UInt8(ascii: "*")
            else { break }
            // `/*!` begins what only servers read, `/*M!` what only MariaDB's do.
            if offset + 3 < statement.byteCount, statement.byte(at: offset + 2) == UInt8(ascii: "M"),
                statement.byte(at: offset + 3) == UInt8(ascii: "!")
            {
                offset += 1
            }
            if offset + 2 < statement.byteCount, statement.byte(at: offset + 2) == UInt8(ascii: "!") {
                offset += 3
                while offset < statement.byteCount, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(statement.byte(at: offset)) {
                    offset += 1
                }
                continue
            }
            offset += 2
            while offset + 1 < statement.byteCount,
                !(statement.byte(at: offset) == UInt8(ascii: "*") && statement.byte(at: offset + 1) == UInt8(ascii: "/"))
            { offset += 1 }
            offset += 2
        }
        var word: [UInt8] = []
        while offset < statement.byteCount, word.count <= longestWord {
            let byte = statement.byte(at: offset) & 0xdf
            guard (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) else { break }
            word.append(byte)
            offset += 1
        }
        return String(decoding: word, as: UTF8.self)
    }
}
