/// A value of an expression, a variable, or a cell of a result set.
public enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    /// Above `Int64.max`; what fits an `Int64` is ``integer(_:)``.
    case unsigned(UInt64)
    /// A number with a fraction or an exponent, as it was written.
    case decimal(String)
    case text(String)

    public init(_ number: UInt64) {
        self = Int64(exactly: number).map(SQLValue.integer) ?? .unsigned(number)
    }

    public init(_ truth: Bool) { self = .integer(truth ? 1 : 0) }

    /// As the text protocol sends it; nil for NULL.
    public var text: String? {
        switch self {
        case .null: nil
        case .integer(let number): String(number)
        case .unsigned(let number): String(number)
        case .decimal(let digits): digits
        case .text(let text): text
        }
    }

    /// As a floating-point number: a text counts by its numeric beginning, as MySQL converts it; nil for NULL.
    public var double: Double? {
        switch self {
        case .null: nil
        case .integer(let number): Double(number)
        case .unsigned(let number): Double(number)
        case .decimal(let text), .text(let text): SQLValue.leadingNumber(of: text)
        }
    }

    /// As a whole number: fractions are cut off, a text counts by its numeric beginning; nil for NULL and for what is negative or too large.
    public var unsignedInteger: UInt64? {
        switch self {
        case .null: nil
        case .integer(let number): UInt64(exactly: number)
        case .unsigned(let number): number
        case .decimal(let text), .text(let text):
            UInt64(text) ?? SQLValue.wholePart(of: SQLValue.leadingNumber(of: text)).flatMap(UInt64.init(exactly:))
        }
    }

    /// Without the fraction; nil beyond 64 bits. (`rounded()` would need the C mathematics library.)
    public static func wholePart(of number: Double) -> Int64? {
        number > -0x1p63 && number < 0x1p63 ? Int64(number) : nil
    }

    /// True, false, or nil for NULL.
    public var truth: Bool? { double.map { $0 != 0 } }

    /// A number has at most this many characters that matter, spaces before it included.
    private static let maxNumberCharacters = 400

    private static func leadingNumber(of text: String) -> Double {
        let bytes = Array(text.utf8.prefix(maxNumberCharacters).drop { $0 == 0x20 || $0 == 0x09 })
        var end = 0
        func digits() {
            while end < bytes.count, bytes[end].isASCIIDigit { end += 1 }
        }
        if end < bytes.count, bytes[end] == UInt8(ascii: "-") || bytes[end] == UInt8(ascii: "+") { end += 1 }
        digits()
        if end < bytes.count, bytes[end] == UInt8(ascii: ".") {
            end += 1
            digits()
        }
        let mantissa = end
        if end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "e") {
            end += 1
            if end < bytes.count, bytes[end] == UInt8(ascii: "-") || bytes[end] == UInt8(ascii: "+") { end += 1 }
            let exponent = end
            digits()
            if end == exponent { end = mantissa }
        }
        var number = String(decoding: bytes[..<end], as: UTF8.self)
        if number.hasSuffix(".") { number.removeLast() }
        return Double(number) ?? 0
    }
}

extension UInt8 {
    var isASCIIDigit: Bool { self &- 0x30 < 10 }
    /// A byte of an unquoted identifier: letters, digits, `_`, `$` and everything beyond ASCII (MySQL manual, "Schema Object Names").
    var isIdentifier: Bool { isASCIIDigit || (self | 0x20) &- 0x61 < 26 || self == 0x5f || self == 0x24 || self >= 0x80 }
    var isSQLSpace: Bool { self == 0x20 || self &- 0x09 < 5 }
}
