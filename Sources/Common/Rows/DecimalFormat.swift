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

    /// Bytes that hold 0 to 8 digits.
    private static func byteCount(ofDigits count: Int) -> Int { (count + 1) / 2 }

    var byteCount: Int {
        integerDigits / 9 * 4 + Self.byteCount(ofDigits: integerDigits % 9) + fractionDigits / 9 * 4
            + Self.byteCount(ofDigits: fractionDigits % 9)
    }

    /// Appends the number: no zeros in front but one before the point, all digits behind it.
    ///
    /// - Parameter bytes: ``byteCount`` of them.
    func write(_ bytes: UnsafeRawBufferPointer, into sink: inout ByteSink) {
        var offset = 0
        let isNegative = bytes[0] & 0x80 == 0
        func group(_ count: Int) -> UInt64 {
            var value: UInt64 = 0
            for index in offset..<offset + count {
                value = value << 8 | UInt64((index == 0 ? bytes[index] ^ 0x80 : bytes[index]) ^ (isNegative ? 0xff : 0))
            }
            offset += count
            return value
        }
        if isNegative { sink.append(UInt8(ascii: "-")) }
        var hasDigits = false
        func integer(_ value: UInt64, width: Int, _ sink: inout ByteSink) {
            if hasDigits {
                sink.append(decimal: value, width: width)
            } else if value > 0 {
                sink.append(decimal: value)
                hasDigits = true
            }
        }
        let leading = integerDigits % 9
        if leading > 0 { integer(group(Self.byteCount(ofDigits: leading)), width: leading, &sink) }
        for _ in 0..<integerDigits / 9 { integer(group(4), width: 9, &sink) }
        if !hasDigits { sink.append(UInt8(ascii: "0")) }
        guard fractionDigits > 0 else { return }
        sink.append(UInt8(ascii: "."))
        for _ in 0..<fractionDigits / 9 { sink.append(decimal: group(4), width: 9) }
        let trailing = fractionDigits % 9
        if trailing > 0 { sink.append(decimal: group(Self.byteCount(ofDigits: trailing)), width: trailing) }
    }
}
