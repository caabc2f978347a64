/// "00" to "99", one behind the other, in the program's own constants.
@inline(__always)
private var decimalDigitPairs: UnsafeRawPointer {
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

private let eightDigitLimit: UInt64 = 100_000_000
private let asciiZeros: UInt64 = 0x3030_3030_3030_3030

/// The eight decimal digits of `value`, which is below 10^8, a byte each from 0 to 9, the first digit in the lowest byte.
///
/// All are found at once: the number is cut into two lanes of four digits, four of two, eight of one. A lane is divided by a
/// multiplication with the divisor's reciprocal, exact for what a lane can hold.
@inline(__always)
private func eightDigits(_ value: UInt64) -> UInt64 {
    let (upper, lower) = value.quotientAndRemainder(dividingBy: 10_000)
    let fours = upper | lower &<< 32
    let hundreds = (fours &* 10_486) &>> 20 & 0x0000_007f_0000_007f
    let twos = hundreds | (fours &- hundreds &* 100) &<< 16
    let tens = (twos &* 103) &>> 10 & 0x000f_000f_000f_000f
    return tens | (twos &- tens &* 10) &<< 8
}

/// Writes the digits of `value` and returns how many there are. Up to 24 bytes from `target` on are overwritten.
@inline(__always)
func writeDecimal(_ value: UInt64, at target: UnsafeMutableRawPointer) -> Int {
    value < eightDigitLimit ? writeShort(value, at: target) : writeLong(value, at: target)
}

@inline(__always)
private func writeShort(_ value: UInt64, at target: UnsafeMutableRawPointer) -> Int {
    let digits = eightDigits(value)
    let leadingZeros = min(digits.trailingZeroBitCount &>> 3, 7)
    let shown = (digits | asciiZeros) &>> UInt64(truncatingIfNeeded: leadingZeros &* 8)
    target.storeBytes(of: shown.littleEndian, as: UInt64.self)
    return 8 &- leadingZeros
}

private func writeLong(_ value: UInt64, at target: UnsafeMutableRawPointer) -> Int {
    let (upper, lower) = value.quotientAndRemainder(dividingBy: eightDigitLimit)
    let count = writeDecimal(upper, at: target)
    (target + count).storeBytes(of: (eightDigits(lower) | asciiZeros).littleEndian, as: UInt64.self)
    return count &+ 8
}

extension ByteSink {
    /// Appends `value` in decimal digits, 20 at most.
    @inline(__always)
    public mutating func append(decimal value: UInt64) { advance(writeDecimal(value, at: reserve(24))) }

    /// Appends `value` in decimal digits with a minus sign where it is negative.
    @inline(__always)
    public mutating func append(decimal value: Int64) {
        let target = reserve(25)
        target.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
        let signCount = value < 0 ? 1 : 0
        advance(writeDecimal(value.magnitude, at: target + signCount) &+ signCount)
    }

    /// Appends `value` with zeros in front, `width` digits in all (1 to 20); higher digits than those are lost.
    mutating func append(decimal value: UInt64, width: Int) {
        if width > 8 { append(decimal: value / eightDigitLimit, width: width - 8) }
        let count = min(width, 8)
        let digits = (eightDigits(value % eightDigitLimit) | asciiZeros) >> UInt64(8 * (8 - count))
        reserve(8).storeBytes(of: digits.littleEndian, as: UInt64.self)
        advance(count)
    }

    /// Appends two lower-case hexadecimal digits a byte.
    mutating func append(hex bytes: UnsafeRawBufferPointer) { inParts(bytes) { $0.append(hexPart: $1) } }

    private mutating func append(hexPart bytes: UnsafeRawBufferPointer) {
        let target = reserve(bytes.count * 2)
        var offset = 0
        while offset &+ 4 <= bytes.count {
            var lanes = UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            lanes = (lanes | lanes &<< 16) & 0x0000_ffff_0000_ffff
            lanes = (lanes | lanes &<< 8) & 0x00ff_00ff_00ff_00ff
            let nibbles = lanes &>> 4 & 0x000f_000f_000f_000f | (lanes & 0x000f_000f_000f_000f) &<< 8
            // 1 in every byte that is a letter.
            let letters = (nibbles &+ 0x0606_0606_0606_0606) &>> 4 & 0x0101_0101_0101_0101
            let shown = nibbles &+ asciiZeros &+ letters &* 39
            target.storeBytes(of: shown.littleEndian, toByteOffset: offset &* 2, as: UInt64.self)
            offset &+= 4
        }
        while offset < bytes.count {
            target.storeBytes(of: hexDigit(bytes[offset] >> 4), toByteOffset: offset &* 2, as: UInt8.self)
            target.storeBytes(of: hexDigit(bytes[offset] & 15), toByteOffset: offset &* 2 &+ 1, as: UInt8.self)
            offset &+= 1
        }
        advance(bytes.count * 2)
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
