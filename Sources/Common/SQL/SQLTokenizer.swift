/// Splits a statement into tokens: MySQL manual, "Lexical Structure" and "Comments".
///
/// Comments vanish, except that the inside of `/*! … */` and `/*!80026 … */` counts when the server's version is high enough.
struct SQLTokenizer {
    private let source: [UInt8]
    /// As in version comments: 80026 for 8.0.26.
    private let version: Int
    private var at = 0
    private var isInsideVersionComment = false

    init(_ source: [UInt8], version: Int) {
        self.source = source
        self.version = version
    }

    /// All tokens; the last one is ``SQLToken/Kind/end``.
    static func tokens(of source: [UInt8], version: Int) throws(SQLError) -> [SQLToken] {
        var tokenizer = SQLTokenizer(source, version: version)
        var tokens: [SQLToken] = []
        while true {
            let token = try tokenizer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
            if tokens.count > SQLLimits.maxTokens { throw .tooComplex("more than \(SQLLimits.maxTokens) words and symbols") }
        }
    }

    private func byte(_ distance: Int = 0) -> UInt8? {
        at + distance < source.count ? source[at + distance] : nil
    }

    private func begins(with bytes: [UInt8]) -> Bool {
        at + bytes.count <= source.count && source[at..<at + bytes.count].elementsEqual(bytes)
    }

    /// The next token.
    mutating func next() throws(SQLError) -> SQLToken {
        try skipSpaceAndComments()
        let start = at
        let kind = try kindOfNext()
        return SQLToken(kind: kind, start: start, end: at)
    }

    private mutating func kindOfNext() throws(SQLError) -> SQLToken.Kind {
        guard let first = byte() else { return .end }
        switch first {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try quoted(by: first, hasEscapes: true))
        case UInt8(ascii: "`"): return .quotedName(try quoted(by: first, hasEscapes: false))
        case UInt8(ascii: "@"):
            if byte(1) == first { break }
            at += 1
            return .userVariable(try userVariableName())
        case UInt8(ascii: "."):
            if byte(1)?.isASCIIDigit == true, !isAfterName { return number() }
        case let digit where digit.isASCIIDigit: return number()
        case let letter where letter.isIdentifier: return try word()
        default: break
        }
        for (symbol, bytes) in SQLSymbol.table where begins(with: bytes) {
            at += bytes.count
            return .symbol(symbol)
        }
        at += 1
        return .unknown
    }

    /// In `schema.5tables` the dot begins no number.
    private var isAfterName: Bool { at > 0 && (source[at - 1].isIdentifier || source[at - 1] == UInt8(ascii: "`")) }
}

// MARK: - Words and numbers

extension SQLTokenizer {
    private mutating func word() throws(SQLError) -> SQLToken.Kind {
        let start = at
        while byte()?.isIdentifier == true { at += 1 }
        if at - start == 1, byte() == UInt8(ascii: "'") {
            switch source[start] | 0x20 {
            case UInt8(ascii: "n"): return .string(try quoted(by: UInt8(ascii: "'"), hasEscapes: true))
            case UInt8(ascii: "x"): return try radixString(16, from: start)
            case UInt8(ascii: "b"): return try radixString(2, from: start)
            default: break
            }
        }
        let text = String(decoding: source[start..<at], as: UTF8.self)
        return .word(text, SQLKeyword(rawValue: text.lowercased()))
    }

    /// `x'1F'` and `b'101'`, read as numbers.
    private mutating func radixString(_ radix: Int, from start: Int) throws(SQLError) -> SQLToken.Kind {
        let digits = try quoted(by: UInt8(ascii: "'"), hasEscapes: false)
        guard let value = UInt64(digits, radix: radix), digits.utf8.first?.isIdentifier == true else { throw syntaxError(at: start) }
        return .integer(value)
    }

    private mutating func number() -> SQLToken.Kind {
        let start = at
        for (prefix, radix) in [(UInt8(ascii: "x"), 16), (UInt8(ascii: "b"), 2)] where byte() == 0x30 && byte(1) == prefix {
            var end = at + 2
            while end < source.count, source[end].isIdentifier { end += 1 }
            if let value = UInt64(String(decoding: source[at + 2..<end], as: UTF8.self), radix: radix) {
                at = end
                return .integer(value)
            }
        }
        skipDigits()
        var isWhole = true
        if byte() == UInt8(ascii: ".") {
            isWhole = false
            at += 1
            skipDigits()
        }
        if let letter = byte(), letter | 0x20 == UInt8(ascii: "e") {
            let sign = byte(1) == UInt8(ascii: "-") || byte(1) == UInt8(ascii: "+") ? 1 : 0
            if byte(1 + sign)?.isASCIIDigit == true {
                isWhole = false
                at += 1 + sign
                skipDigits()
            }
        }
        let text = String(decoding: source[start..<at], as: UTF8.self)
        if isWhole, let value = UInt64(text) { return .integer(value) }
        return .decimal(text)
    }

    private mutating func skipDigits() {
        while byte()?.isASCIIDigit == true { at += 1 }
    }

    private mutating func userVariableName() throws(SQLError) -> String {
        if let quote = byte(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "`") {
            return try quoted(by: quote, hasEscapes: quote != UInt8(ascii: "`"))
        }
        let start = at
        while let letter = byte(), letter.isIdentifier || letter == UInt8(ascii: ".") { at += 1 }
        guard at > start else { throw syntaxError(at: start - 1) }
        return String(decoding: source[start..<at], as: UTF8.self)
    }
}

// MARK: - Quotes

extension SQLTokenizer {
    /// From the opening quote to behind the closing one. A doubled quote stands for one; backslashes as in the manual's "String Literals".
    private mutating func quoted(by quote: UInt8, hasEscapes: Bool) throws(SQLError) -> String {
        let start = at
        at += 1
        var bytes: [UInt8] = []
        while let next = byte() {
            at += 1
            if next == quote {
                guard byte() == quote else { return String(decoding: bytes, as: UTF8.self) }
                at += 1
                bytes.append(quote)
            } else if hasEscapes, next == UInt8(ascii: "\\"), let escaped = byte() {
                at += 1
                append(escaped: escaped, to: &bytes)
            } else {
                bytes.append(next)
            }
        }
        throw syntaxError(at: start)
    }

    private func append(escaped: UInt8, to bytes: inout [UInt8]) {
        switch escaped {
        case UInt8(ascii: "0"): bytes.append(0)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "n"): bytes.append(0x0a)
        case UInt8(ascii: "r"): bytes.append(0x0d)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "Z"): bytes.append(0x1a)
        case UInt8(ascii: "%"), UInt8(ascii: "_"): bytes += [UInt8(ascii: "\\"), escaped]  // left for LIKE
        default: bytes.append(escaped)
        }
    }
}

// MARK: - Space and comments

extension SQLTokenizer {
    private static let versionCommentStart = Array("/*!".utf8)
    private static let commentStart = Array("/*".utf8)
    private static let commentEnd = Array("*/".utf8)
    private static let dashes = Array("--".utf8)

    private mutating func skipSpaceAndComments() throws(SQLError) {
        while let next = byte() {
            if next.isSQLSpace {
                at += 1
            } else if next == UInt8(ascii: "#") || isDashComment {
                while let other = byte(), other != 0x0a { at += 1 }
            } else if begins(with: Self.versionCommentStart) {
                try enterVersionComment()
            } else if begins(with: Self.commentStart) {
                try skipComment()
            } else if isInsideVersionComment, begins(with: Self.commentEnd) {
                at += 2
                isInsideVersionComment = false
            } else {
                return
            }
        }
        if isInsideVersionComment { throw syntaxError(at: at) }
    }

    /// Two dashes begin a comment only before a space, a control character or the end.
    private var isDashComment: Bool { begins(with: Self.dashes) && (byte(2).map { $0 <= 0x20 } ?? true) }

    private mutating func enterVersionComment() throws(SQLError) {
        if isInsideVersionComment { throw syntaxError(at: at) }
        var digits = 0
        var needed = 0
        while digits < 6, let digit = byte(3 + digits), digit.isASCIIDigit {
            needed = needed * 10 + Int(digit - 0x30)
            digits += 1
        }
        if digits < 5 { (digits, needed) = (0, 0) }
        if needed > version {
            try skipComment()
        } else {
            at += 3 + digits
            isInsideVersionComment = true
        }
    }

    private mutating func skipComment() throws(SQLError) {
        let start = at
        at += 2
        while at < source.count {
            if begins(with: Self.commentEnd) {
                at += 2
                return
            }
            at += 1
        }
        throw syntaxError(at: start)
    }

    private func syntaxError(at offset: Int) -> SQLError { .syntax(in: source, at: offset) }
}

extension SQLError {
    /// 1064 for the text from `offset` on.
    static func syntax(in source: [UInt8], at offset: Int) -> SQLError {
        let line = source[..<offset].reduce(1) { $1 == 0x0a ? $0 + 1 : $0 }
        // Four bytes a character at most; the message quotes fewer.
        let near = String(decoding: source[offset...].prefix(4 * SQLLimits.maxQuotedCharacters), as: UTF8.self)
        return .syntax(near: near, line: line)
    }
}
