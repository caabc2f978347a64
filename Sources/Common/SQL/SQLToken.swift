/// One lexical unit of a statement and where it stands in it.
struct SQLToken: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// An unquoted identifier or keyword, as written.
        case word(String, SQLKeyword?)
        /// `` `…` ``, unescaped.
        case quotedName(String)
        /// `'…'` or `"…"`, unescaped.
        case string(String)
        /// Digits, `0x…` or `0b…` that fit 64 bits.
        case integer(UInt64)
        /// A number with a fraction or an exponent, or beyond 64 bits; as written.
        case decimal(String)
        /// `@name`, `` @`name` ``, `@'name'`: the name.
        case userVariable(String)
        case symbol(SQLSymbol)
        /// A byte that begins no token of SQL.
        case unknown
        case end
    }

    var kind: Kind
    /// Bytes from the beginning of the statement.
    var start: Int
    var end: Int

    var keyword: SQLKeyword? {
        if case .word(_, let keyword) = kind { keyword } else { nil }
    }
}

/// Operators and punctuation.
enum SQLSymbol: String, Hashable, Sendable, CaseIterable {
    case nullSafeEqual = "<=>"
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case notEqual = "<>"
    case bangEqual = "!="
    case assign = ":="
    case systemVariable = "@@"
    case logicalAnd = "&&"
    case logicalOr = "||"
    case equal = "="
    case less = "<"
    case greater = ">"
    case plus = "+"
    case minus = "-"
    case star = "*"
    case slash = "/"
    case percent = "%"
    case bang = "!"
    case openParenthesis = "("
    case closeParenthesis = ")"
    case comma = ","
    case dot = "."
    case semicolon = ";"

    /// With their bytes, the longest first, so that the first match is the right one.
    static let table: [(symbol: SQLSymbol, bytes: [UInt8])] =
        allCases.map { ($0, Array($0.rawValue.utf8)) }.sorted { $0.bytes.count > $1.bytes.count }
}
