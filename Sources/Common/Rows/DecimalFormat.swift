/// How a DECIMAL lies in its bytes: groups of nine digits in four bytes, what is left over at both outer ends in fewer.
///
/// The first bit is the sign, set for a positive number; a negative one has every bit inverted.
/// Source: `decimal2bin` in MySQL's `decimal.cc`.
struct DecimalFormat {
    var integerDigits: Int
    var fractionDigits: Int

    /// - Parameters:
    ///   - precision: Digits in all: 1 to 65, and at least `scale`.
    ///   - scale: Digits behind the point: 0 to 30 as servers allow it.
    init(precision: UInt8, scale: UInt8) {
        integerDigits = Int(precision) - Int(scale)
        fractionDigits = Int(scale)
    }

    /// Bytes that hold 0 to 9 digits.
    private static func byteCount(ofDigits count: Int) -> Int { min(4, (count + 1) / 2) }

    var byteCount: Int {
        integerDigits / 9 * 4 + Self.byteCount(ofDigits: integerDigits % 9) + fractionDigits / 9 * 4
            + Self.byteCount(ofDigits: fractionDigits % 9)
    }

    /// Whether each group of digits holds a number that has no more than those.
    ///
    /// - Parameter bytes: ``byteCount`` of them.
    func isPossible(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let isNegative = bytes[0] & 0x80 == 0
        var offset = 0
        func fits(_ digits: Int) -> Bool {
            var value = 0
            for index in offset..<offset + Self.byteCount(ofDigits: digits) {
                value = value << 8 | Int((index == 0 ? bytes[index] ^ 0x80 : bytes[index]) ^ (isNegative ? 0xff : 0))
            }
            offset += Self.byteCount(ofDigits: digits)
            return value < (0..<digits).reduce(1) { limit, _ in limit * 10 }
        }
        let words = integerDigits / 9 + fractionDigits / 9
        // The groups that are not full stand at the outer ends.
        return fits(integerDigits % 9) && (0..<words).allSatisfy { _ in fits(9) } && fits(fractionDigits % 9)
    }

    /// Appends the number: no zeros in front but one before the point, all digits behind it.
    ///
    /// - Parameter bytes: ``byteCount`` of them.
    func write(_ bytes: UnsafeRawBufferPointer, into sink: inout ByteSink) {
        let isNegative = bytes[0] & 0x80 == 0
        if isNegative { sink.append(UInt8(ascii: "-")) }
        var offset = 0
        var hasDigits = false
        let leading = integerDigits % 9
        if leading > 0 {
            let value = Self.group(bytes, &offset, Self.byteCount(ofDigits: leading), isNegative)
            if value > 0 {
                sink.append(decimal: value)
                hasDigits = true
            }
        }
        for _ in 0..<integerDigits / 9 {
            let value = Self.group(bytes, &offset, 4, isNegative)
            if hasDigits {
                sink.append(decimal: value, width: 9)
            } else if value > 0 {
                sink.append(decimal: value)
                hasDigits = true
            }
        }
        if !hasDigits { sink.append(UInt8(ascii: "0")) }
        guard fractionDigits > 0 else { return }
        sink.append(UInt8(ascii: "."))
        for _ in 0..<fractionDigits / 9 { sink.append(decimal: Self.group(bytes, &offset, 4, isNegative), width: 9) }
        let trailing = fractionDigits % 9
        guard trailing > 0 else { return }
        sink.append(decimal: Self.group(bytes, &offset, Self.byteCount(ofDigits: trailing), isNegative), width: trailing)
    }

    /// The next group of digits, of 1 to 4 bytes, with the sign taken out.
    @inline(__always)
    private static func group(_ bytes: UnsafeRawBufferPointer, _ offset: inout Int, _ count: Int, _ isNegative: Bool) -> UInt64 {
        let unused = UInt64(truncatingIfNeeded: 64 &- 8 &* count)
        var value = bigEndian(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
        if offset == 0 { value ^= (1 << 63) >> unused }
        if isNegative { value ^= UInt64.max >> unused }
        offset += count
        return value
    }
}
