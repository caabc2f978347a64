/// What a QUERY event's text means for the transaction that it stands in.
///
/// Servers write the statements that bound a transaction themselves, in fixed words: `BEGIN`, `COMMIT`, `ROLLBACK`,
/// `XA START X'…',X'…',1`. Old ones and other tools do not keep to the letters' case, and text from users can begin with
/// comments, so the first words are read as MySQL's own lexer would.
enum TransactionStatement: Equatable {
    case begin
    case xaStart
    case xaEnd
    /// COMMIT, ROLLBACK, XA COMMIT, XA ROLLBACK: the transaction is over.
    case end
    /// Anything else, ROLLBACK TO a savepoint among it.
    case other
}

/// Reads the words that decide what a statement is.
struct TransactionStatementReader: ~Escapable {
    private let text: RawSpan
    private var offset = 0

    @_lifetime(copy text)
    init(_ text: RawSpan) {
        self.text = text
    }

    /// Reads as many words as needed, and stops behind the last.
    mutating func statement() -> TransactionStatement {
        if take("BEGIN") {
            _ = take("WORK")
            return isAtEnd ? .begin : .other
        }
        if take("COMMIT") { return .end }
        if take("ROLLBACK") {
            _ = take("WORK")
            return take("TO") ? .other : .end
        }
        if take("XA") {
            if take("START") || take("BEGIN") { return .xaStart }
            if take("END") { return .xaEnd }
            return take("COMMIT") || take("ROLLBACK") ? .end : .other
        }
        if take("START") { return take("TRANSACTION") ? .begin : .other }
        return .other
    }

    /// Where the words stopped.
    var isAtTextEnd: Bool { offset == text.byteCount }

    /// What stands behind the words, without white space and semicolons around it.
    @_lifetime(copy self)
    mutating func argument() -> RawSpan {
        skipSpace()
        var end = text.byteCount
        while end > offset, Self.isSpace(text.byte(at: end - 1)) || text.byte(at: end - 1) == UInt8(ascii: ";") { end -= 1 }
        return text.extracting(offset..<end)
    }

    /// Whether nothing but space and semicolons is left.
    private var isAtEnd: Bool {
        mutating get { argument().byteCount == 0 }
    }

    /// Moves past the word if it is the next one, in whatever case.
    private mutating func take(_ word: StaticString) -> Bool {
        skipSpace()
        let end = offset + word.utf8CodeUnitCount
        guard end <= text.byteCount else { return false }
        for index in 0..<word.utf8CodeUnitCount where text.byte(at: offset + index) & ~0x20 != word.utf8Start[index] { return false }
        guard end == text.byteCount || !Self.continuesWord(text.byte(at: end)) else { return false }
        offset = end
        return true
    }

    /// Moves past white space and comments; not past `/*! … */`, whose text is executed.
    private mutating func skipSpace() {
        while offset < text.byteCount {
            let byte = text.byte(at: offset)
            if Self.isSpace(byte) {
                offset += 1
            } else if byte == UInt8(ascii: "#") || isDashComment {
                skip(through: UInt8(ascii: "\n"), nil)
            } else if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*"), peek(2) != UInt8(ascii: "!") {
                offset += 2
                skip(through: UInt8(ascii: "*"), UInt8(ascii: "/"))
            } else {
                return
            }
        }
    }

    /// Two dashes begin a comment only before white space or the end.
    private var isDashComment: Bool {
        guard peek(0) == UInt8(ascii: "-"), peek(1) == UInt8(ascii: "-") else { return false }
        guard let next = peek(2) else { return true }
        return Self.isSpace(next)
    }

    private func peek(_ distance: Int) -> UInt8? {
        offset + distance < text.byteCount ? text.byte(at: offset + distance) : nil
    }

    /// Moves behind the first byte (and, if given, the second right behind it), or to the end.
    private mutating func skip(through first: UInt8, _ second: UInt8?) {
        while offset < text.byteCount {
            let found = text.byte(at: offset) == first
            offset += 1
            guard found else { continue }
            guard let second else { return }
            if peek(0) == second {
                offset += 1
                return
            }
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    private static func continuesWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
            true
        default: false
        }
    }
}
