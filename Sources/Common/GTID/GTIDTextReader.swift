/// Reads the words that GTIDs and their sets are written in, front to back.
///
/// What is accepted is what MySQL accepts (`Gtid_set::add_gtid_text` in sql/rpl_gtid_set.cc), but for numbers: MySQL reads +1 as 1,
/// 010 as octal and 0x10 as hexadecimal. Here a number is digits without a leading zero, so that none is taken for another.
struct GTIDTextReader: ~Escapable {
    private let span: RawSpan
    /// Bytes read so far.
    private(set) var offset = 0

    @_lifetime(copy span)
    init(_ span: RawSpan) {
        self.span = span
    }

    /// The next byte; zero at the end, where it is also no part of any word.
    private var next: UInt8 { offset < span.byteCount ? span.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self) : 0 }

    var isAtEnd: Bool { offset == span.byteCount }
    /// Whether a tag follows, rather than a number.
    var isAtTag: Bool { GTIDTag.normalized(next, isFirst: true) != nil }

    func invalid(_ reason: String) -> CodecError { CodecError(.invalid, at: offset, reason) }

    mutating func skipWhitespace() {
        while next == UInt8(ascii: " ") || (9...13).contains(next) { offset += 1 }
    }

    /// Whether the next byte is `character`, which is consumed then.
    mutating func consume(_ character: Unicode.Scalar) -> Bool {
        guard !isAtEnd, next == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    /// Consumes a colon and the white space behind it.
    mutating func expectColon() throws(CodecError) {
        guard consume(":") else { throw invalid("expected ':'") }
        skipWhitespace()
    }

    func expectEnd() throws(CodecError) {
        guard isAtEnd else { throw invalid("expected the end") }
    }

    /// A UUID of 36 characters.
    mutating func sourceID() throws(CodecError) -> SourceID {
        let high = try hexGroups(digits: 16, dashesAfter: 1 << 8 | 1 << 12 | 1 << 16)
        let low = try hexGroups(digits: 16, dashesAfter: 1 << 4)
        return SourceID(high: high, low: low)
    }

    /// `digits` hexadecimal digits; where bit n of `dashesAfter` is set, a dash follows the nth digit.
    private mutating func hexGroups(digits: Int, dashesAfter: UInt32) throws(CodecError) -> UInt64 {
        var value: UInt64 = 0
        for count in 1...digits {
            guard let digit = Self.hexValue(next) else { throw invalid("expected a UUID") }
            offset += 1
            value = value << 4 | UInt64(digit)
            if dashesAfter >> UInt32(count) & 1 == 1, !consume("-") { throw invalid("expected a UUID") }
        }
        return value
    }

    private static func hexValue(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The longest run of characters that a tag is made of.
    mutating func tag() throws(CodecError) -> GTIDTag {
        let start = offset
        var end = start
        while end < span.byteCount, GTIDTag.normalized(span.byte(at: end), isFirst: end == start) != nil { end += 1 }
        do {
            let tag = try GTIDTag(characters: span.extracting(start..<end))
            offset = end
            return tag
        } catch {
            throw CodecError(error.code, at: start + error.offset, error.reason)
        }
    }

    /// A decimal number within `bounds`.
    mutating func number(in bounds: ClosedRange<UInt64>) throws(CodecError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var overflow = false
        while case let digit = next &- UInt8(ascii: "0"), digit < 10 {
            // 19 digits fit into 64 bits.
            if offset - start < 19 {
                value = value * 10 + UInt64(digit)
            } else {
                let product = value.multipliedReportingOverflow(by: 10)
                let sum = product.partialValue.addingReportingOverflow(UInt64(digit))
                overflow = overflow || product.overflow || sum.overflow
                value = sum.partialValue
            }
            offset += 1
        }
        let digits = offset - start
        offset = start
        guard digits > 0 else { throw invalid("expected a number") }
        guard digits == 1 || span.byte(at: start) != UInt8(ascii: "0") else { throw invalid("a number does not begin with 0") }
        guard !overflow, bounds.contains(value) else {
            throw invalid("a number is between \(bounds.lowerBound) and \(bounds.upperBound) here")
        }
        offset = start + digits
        return value
    }
}
