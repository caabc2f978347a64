extension ByteSink {
    /// How a number is laid out around its digits.
    enum NumberStyle {
        /// As a server prints a DOUBLE: `1`, `0.5`, `1e15`, `1.5e-20`.
        case plain
        /// As a server prints a double inside JSON: as `plain`, with `.0` where neither a point nor an exponent shows what it is.
        case json
        /// A literal that is a DOUBLE and no DECIMAL: always with an exponent.
        case literal
    }

    /// Appends the shortest digits that are read back as `value`; `nan`, `inf` and `-inf`, which no column holds, by name.
    mutating func append(_ value: Double, style: NumberStyle = .plain) {
        guard value.isFinite else { return append(named: value) }
        append(ShortestDecimal(value), isNegative: value.sign == .minus, style: style)
    }

    /// Appends the shortest digits that are read back as `value`.
    mutating func append(_ value: Float, style: NumberStyle = .plain) {
        guard value.isFinite else { return append(named: Double(value)) }
        append(ShortestDecimal(value), isNegative: value.sign == .minus, style: style)
    }

    private mutating func append(named value: Double) {
        append(value.isNaN ? "nan" : value < 0 ? "-inf" : "inf")
    }

    /// The bounds at which an exponent is used are those of `my_gcvt` in MySQL's `dtoa.cc`, as the server shows them.
    private mutating func append(_ number: ShortestDecimal, isNegative: Bool, style: NumberStyle) {
        if isNegative { append(UInt8(ascii: "-")) }
        let target = reserve(48)
        let length = writeDecimal(number.digits, at: target)
        /// Digits in front of the point.
        let point = number.digits == 0 ? 1 : length + number.exponent
        if style == .literal || point < -14 || (point > 15 && length <= point) {
            advance(Self.setPoint(after: 1, of: length, at: target))
            append(UInt8(ascii: "e"))
            return append(decimal: Int64(point - 1))
        }
        if point <= 0 {
            append("0.")
            for _ in point..<0 { append(UInt8(ascii: "0")) }
            return append(decimal: number.digits)
        }
        advance(Self.setPoint(after: point, of: length, at: target))
        for _ in 0..<max(0, point - length) { append(UInt8(ascii: "0")) }
        if style == .json, point >= length { append(".0") }
    }

    /// Puts a point behind the first `count` of `length` digits (17 at most, so that 16 move), if there are more; returns the new length.
    @inline(__always)
    private static func setPoint(after count: Int, of length: Int, at target: UnsafeMutableRawPointer) -> Int {
        guard length > count else { return length }
        let moved = (target + count).loadUnaligned(as: SIMD16<UInt8>.self)
        (target + count + 1).storeBytes(of: moved, as: SIMD16<UInt8>.self)
        target.storeBytes(of: UInt8(ascii: "."), toByteOffset: count, as: UInt8.self)
        return length + 1
    }
}
