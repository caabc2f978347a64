/// The shortest decimal digits that a floating-point number is read back from, found without memory from the heap.
///
/// The method is Schubfach (Raffaello Giulietti, "The Schubfach way to render doubles", 2021): scale the number and the two
/// borders of its rounding interval by a power of ten, each with one 64 × 128 bit multiplication, and take the shortest number between.
/// Its table of 617 powers of ten is computed at first use.
struct ShortestDecimal {
    /// The digits as an integer, without trailing zeros where ``init(_:)`` has removed them.
    var digits: UInt64
    /// The number is ``digits`` × 10^``exponent``.
    var exponent: Int

    /// - Parameter value: Finite and not negative.
    init(_ value: Double) {
        self.init(bits: value.bitPattern & (1 << 63 - 1), significandBits: 52, bias: 1075)
    }

    /// - Parameter value: Finite and not negative.
    init(_ value: Float) {
        self.init(bits: UInt64(value.bitPattern & (1 << 31 - 1)), significandBits: 23, bias: 150)
    }

    private init(bits: UInt64, significandBits: UInt64, bias: Int) {
        let fraction = bits & (1 << significandBits - 1)
        let biased = Int(bits >> significandBits)
        let significand = biased == 0 ? fraction : fraction | 1 << significandBits
        let binaryExponent = (biased == 0 ? 1 : biased) - bias
        (digits, exponent) = (0, 0)
        if significand == 0 { return }
        if binaryExponent <= 0, binaryExponent >= -Int(significandBits), significand.trailingZeroBitCount >= -binaryExponent {
            digits = significand >> UInt64(-binaryExponent)
        } else {
            let closerBelow = fraction == 0 && biased > 1
            (digits, exponent) = Self.shortest(significand, binaryExponent, closerBelow: closerBelow, isSingle: significandBits == 23)
        }
        while digits % 10 == 0 {
            digits /= 10
            exponent += 1
        }
    }

    private static func shortest(
        _ significand: UInt64, _ binaryExponent: Int, closerBelow: Bool, isSingle: Bool
    ) -> (digits: UInt64, exponent: Int) {
        let isOdd = significand & 1
        // floor(log10(2^q)), or of 3/4 of it where the lower neighbour is nearer.
        let k = (binaryExponent * 1_262_611 - (closerBelow ? 524_031 : 0)) >> 22
        let power = PowersOfTen.table[-k - PowersOfTen.lowest]
        // floor(log2(10^-k)) + 1 + q
        let shift = UInt64(binaryExponent + (-k * 1_741_647) >> 19 + 1)
        let scale: (UInt64) -> UInt64 = { isSingle ? roundToOdd(single: power, $0 << shift) : roundToOdd(power, $0 << shift) }
        let lower = scale(4 * significand - (closerBelow ? 1 : 2)) + isOdd
        let middle = scale(4 * significand)
        let upper = scale(4 * significand + 2) - isOdd
        let candidate = middle / 4
        if candidate >= 10 {
            let shorter = candidate / 10
            let isDownInside = lower <= 40 * shorter
            let isUpInside = 40 * shorter + 40 <= upper
            if isDownInside != isUpInside { return (shorter + (isUpInside ? 1 : 0), k + 1) }
        }
        let isDownInside = lower <= 4 * candidate
        let isUpInside = 4 * candidate + 4 <= upper
        if isDownInside != isUpInside { return (candidate + (isUpInside ? 1 : 0), k) }
        let half = 4 * candidate + 2
        let roundsUp = middle > half || (middle == half && candidate & 1 == 1)
        return (candidate + (roundsUp ? 1 : 0), k)
    }

    /// The integer part of power × value / 2^128, its last bit set where anything was cut off.
    private static func roundToOdd(_ power: PowersOfTen.Entry, _ value: UInt64) -> UInt64 {
        let low = power.low.multipliedFullWidth(by: value)
        let high = power.high.multipliedFullWidth(by: value)
        let (middle, overflow) = high.low.addingReportingOverflow(low.high)
        return (high.high &+ (overflow ? 1 : 0)) | (middle > 1 ? 1 : 0)
    }

    /// The same with 64 bits of the power, rounded up, over 2^64 × 2^32: enough for a single.
    private static func roundToOdd(single power: PowersOfTen.Entry, _ value: UInt64) -> UInt64 {
        let product = (power.high + (power.low == 0 ? 0 : 1)).multipliedFullWidth(by: value)
        return product.high | (product.low >> 32 > 1 ? 1 : 0)
    }
}

/// 10^k for k from -292 to 324 as 128-bit numbers with the highest bit set, rounded up.
private enum PowersOfTen {
    struct Entry {
        var high: UInt64
        var low: UInt64
    }

    static let lowest = -292
    static let highest = 324

    /// They live as long as the program.
    nonisolated(unsafe) static let table: UnsafeMutablePointer<Entry> = {
        let table = UnsafeMutablePointer<Entry>.allocate(capacity: highest - lowest + 1)
        // 10^k is 5^k × 2^k: only 5^k matters for the bits behind the highest one.
        var power: [UInt32] = [1]
        for k in 0...highest {
            table[k - lowest] = leading(power)
            multiply(&power, by: 5)
        }
        // 2^1100 / 5^k has more than 128 bits for every k to 292.
        var quotient = [UInt32](repeating: 0, count: 35)
        quotient[34] = 1
        for k in 1 ... -lowest {
            divide(&quotient, by: 5)
            var entry = leading(quotient)
            // A power of a fifth never ends, so it is always rounded up; the division may have hidden that.
            if isExact(quotient) { entry.low += 1 }
            table[-k - lowest] = entry
        }
        return table
    }()

    private static func multiply(_ number: inout [UInt32], by factor: UInt64) {
        var carry: UInt64 = 0
        for index in number.indices {
            carry += UInt64(number[index]) * factor
            number[index] = UInt32(truncatingIfNeeded: carry)
            carry >>= 32
        }
        if carry > 0 { number.append(UInt32(carry)) }
    }

    private static func divide(_ number: inout [UInt32], by divisor: UInt64) {
        var remainder: UInt64 = 0
        for index in number.indices.reversed() {
            remainder = remainder << 32 | UInt64(number[index])
            number[index] = UInt32(remainder / divisor)
            remainder %= divisor
        }
        while number.last == 0 { number.removeLast() }
    }

    /// The 128 leading bits, rounded up.
    private static func leading(_ number: [UInt32]) -> Entry {
        let bitCount = number.count * 32 - number[number.count - 1].leadingZeroBitCount
        var value: UInt128 = 0
        for index in 0..<128 where bit(number, bitCount - 1 - index) { value |= 1 << UInt128(127 - index) }
        if !isExact(number) { value += 1 }
        return Entry(high: UInt64(truncatingIfNeeded: value >> 64), low: UInt64(truncatingIfNeeded: value))
    }

    /// Whether no bit is set behind the 128 leading ones.
    private static func isExact(_ number: [UInt32]) -> Bool {
        let bitCount = number.count * 32 - number[number.count - 1].leadingZeroBitCount
        return bitCount <= 128 || !(0..<bitCount - 128).contains { bit(number, $0) }
    }

    private static func bit(_ number: [UInt32], _ index: Int) -> Bool {
        index >= 0 && number[index / 32] >> UInt32(index % 32) & 1 == 1
    }
}
