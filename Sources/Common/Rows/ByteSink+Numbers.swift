/// "00" to "99", one behind the other, in the program's own constants.
@inline(__always)
var decimalDigitPairs: UnsafeRawPointer {
    let pairs: StaticString =
        """
        0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
        5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
        """
    return UnsafeRawPointer(pairs.utf8Start)
}

/// Writes two digits of `value`, which is below 100 or shown as 99.
@inline(__always)
func writePair(_ value: UInt64, at target: UnsafeMutableRawPointer) {
    target.copyMemory(from: decimalDigitPairs + Int(truncatingIfNeeded: min(value, 99)) &* 2, byteCount: 2)
}

extension ByteSink {
    /// Appends `value` in decimal digits, 20 at most.
    public mutating func append(decimal value: UInt64) {
        let target = reserve(20)
        let length = decimalDigitCount(value)
        writeDigits(value, endingAt: target + length)
        advance(length)
    }

    /// Appends `value` in decimal digits with a minus sign where it is negative.
    public mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: value.magnitude)
    }

    /// Appends `value` with zeros in front, `width` digits in all (1 to 20); higher digits than those are lost.
    mutating func append(decimal value: UInt64, width: Int) {
        let target = reserve(20)
        var rest = value
        var position = width
        let pairs = decimalDigitPairs
        while position >= 2 {
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 100)
            position -= 2
            (target + position).copyMemory(from: pairs + Int(remainder) &* 2, byteCount: 2)
            rest = quotient
        }
        if position == 1 { target.storeBytes(of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10), as: UInt8.self) }
        advance(width)
    }

    /// Appends two lower-case hexadecimal digits a byte.
    mutating func append(hex bytes: UnsafeRawBufferPointer) {
        let target = reserve(bytes.count * 2)
        var position = 0
        for byte in bytes {
            target.storeBytes(of: hexDigit(byte >> 4), toByteOffset: position, as: UInt8.self)
            target.storeBytes(of: hexDigit(byte & 15), toByteOffset: position &+ 1, as: UInt8.self)
            position &+= 2
        }
        advance(position)
    }

    /// Appends the low `count` bits, the highest first; `count` is at most 64.
    mutating func append(bits value: UInt64, count: Int) {
        let target = reserve(64)
        for index in 0..<count {
            let bit = UInt8(truncatingIfNeeded: value >> UInt64(count - 1 - index)) & 1
            target.storeBytes(of: UInt8(ascii: "0") &+ bit, toByteOffset: index, as: UInt8.self)
        }
        advance(count)
    }

    /// Appends base64 with padding (RFC 4648).
    ///
    /// - Parameter lineBreak: What stands behind every 76 digits but the last; nothing by default.
    mutating func append(base64 bytes: UnsafeRawBufferPointer, lineBreak: StaticString = "") {
        var index = 0
        var digits = 0
        while index < bytes.count {
            if digits == 76 {
                append(lineBreak)
                digits = 0
            }
            let left = bytes.count - index
            let first = UInt32(bytes[index])
            let second = left > 1 ? UInt32(bytes[index + 1]) : 0
            let third = left > 2 ? UInt32(bytes[index + 2]) : 0
            let group = first << 16 | second << 8 | third
            let target = reserve(4)
            target.storeBytes(of: base64Digit(group >> 18), as: UInt8.self)
            target.storeBytes(of: base64Digit(group >> 12 & 63), toByteOffset: 1, as: UInt8.self)
            target.storeBytes(of: left > 1 ? base64Digit(group >> 6 & 63) : UInt8(ascii: "="), toByteOffset: 2, as: UInt8.self)
            target.storeBytes(of: left > 2 ? base64Digit(group & 63) : UInt8(ascii: "="), toByteOffset: 3, as: UInt8.self)
            advance(4)
            digits += 4
            index += 3
        }
    }
}

@inline(__always)
func hexDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? UInt8(ascii: "0") &+ nibble : UInt8(ascii: "a") &- 10 &+ nibble }

private func base64Digit(_ value: UInt32) -> UInt8 {
    let value = UInt8(truncatingIfNeeded: value)
    switch value {
    case 0..<26: return UInt8(ascii: "A") + value
    case 26..<52: return UInt8(ascii: "a") + value - 26
    case 52..<62: return UInt8(ascii: "0") + value - 52
    case 62: return UInt8(ascii: "+")
    default: return UInt8(ascii: "/")
    }
}

/// How many decimal digits `value` has: 1 to 20.
@inline(__always)
func decimalDigitCount(_ value: UInt64) -> Int {
    if value < 10 { return 1 }
    if value < 100 { return 2 }
    if value < 10_000 { return value < 1000 ? 3 : 4 }
    if value < 100_000_000 {
        if value < 1_000_000 { return value < 100_000 ? 5 : 6 }
        return value < 10_000_000 ? 7 : 8
    }
    var count = 8
    var rest = value / 100_000_000
    while rest > 0 {
        rest /= 10
        count += 1
    }
    return count
}

/// 10^0 to 10^19; they live as long as the program.
nonisolated(unsafe) let powersOfTen: UnsafeMutablePointer<UInt64> = {
    let powers = UnsafeMutablePointer<UInt64>.allocate(capacity: 20)
    var power: UInt64 = 1
    for index in 0..<20 {
        powers[index] = power
        power = power &* 10
    }
    return powers
}()

@inline(__always)
func writeDigits(_ value: UInt64, endingAt end: UnsafeMutableRawPointer) {
    var rest = value
    var target = end
    let pairs = decimalDigitPairs
    while rest >= 100 {
        let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 100)
        target -= 2
        target.copyMemory(from: pairs + Int(remainder) &* 2, byteCount: 2)
        rest = quotient
    }
    if rest >= 10 {
        (target - 2).copyMemory(from: pairs + Int(rest) &* 2, byteCount: 2)
    } else {
        (target - 1).storeBytes(of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest), as: UInt8.self)
    }
}
