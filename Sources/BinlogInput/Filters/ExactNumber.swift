/// A decimal number of any length, for comparisons that are exact to the last digit.
struct ExactNumber: Hashable, Sendable {
    private let isNegative: Bool
    /// The digits, each as its own value, without zeros at either end; empty for zero.
    private let digits: [UInt8]
    /// The power of ten by which `0.digits` is multiplied.
    private let exponent: Int

    /// Reads digits, perhaps with a sign, a point and an exponent (`-12.50`, `1e6`); nil for other text.
    init?(_ text: [UInt8]) {
        var rest = text[...]
        let sign = rest.first
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
        var power = 0
        if let mark = rest.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
            guard let number = Int32(String(decoding: rest[(mark + 1)...], as: UTF8.self)) else { return nil }
            power = Int(number)
            rest = rest[..<mark]
        }
        let parts = rest.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let all = parts.joined()
        guard !all.isEmpty, all.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        let leadingZeros = all.prefix { $0 == UInt8(ascii: "0") }.count
        let significant = all.dropFirst(leadingZeros).reversed().drop { $0 == UInt8(ascii: "0") }.reversed()
        digits = significant.map { $0 - UInt8(ascii: "0") }
        exponent = digits.isEmpty ? 0 : parts[0].count - leadingZeros + power
        isNegative = sign == UInt8(ascii: "-") && !digits.isEmpty
    }

    /// Negative where `text` is a smaller number, zero where it is the same one, positive where it is a larger one.
    ///
    /// - Parameter text: digits, perhaps with a sign and a point; nil is returned for other text.
    func order(of text: UnsafeRawBufferPointer) -> Int? {
        let start = text.first == UInt8(ascii: "-") ? 1 : 0
        var point = text.count
        var first: Int?
        for index in start..<text.count {
            switch text[index] {
            case UInt8(ascii: ".") where point == text.count: point = index
            case UInt8(ascii: "0"): break
            case UInt8(ascii: "1")...UInt8(ascii: "9"): if first == nil { first = index }
            default: return nil
            }
        }
        guard text.count > start else { return nil }
        guard let first else { return digits.isEmpty ? 0 : isNegative ? 1 : -1 }
        let isOtherNegative = start == 1
        if digits.isEmpty || isNegative != isOtherNegative { return isOtherNegative ? -1 : 1 }
        let otherExponent = first < point ? point - first : point + 1 - first
        let order = otherExponent == exponent ? self.order(ofDigits: text, from: first) : otherExponent < exponent ? -1 : 1
        return isNegative ? -order : order
    }

    private func order(ofDigits text: UnsafeRawBufferPointer, from first: Int) -> Int {
        var index = 0
        for byte in text[first...] where byte != UInt8(ascii: ".") {
            let digit = byte - UInt8(ascii: "0")
            let own = index < digits.count ? digits[index] : 0
            if digit != own { return digit < own ? -1 : 1 }
            index += 1
        }
        return index < digits.count ? -1 : 0
    }
}
