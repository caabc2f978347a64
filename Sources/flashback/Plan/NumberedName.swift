/// A file's name that ends in a number, as a binlog's do: `/data/binlog.000012`.
struct NumberedName {
    private(set) var stem: Substring
    private(set) var number: UInt64
    private let digitCount: Int

    /// Nil where nothing but digits stands behind the last dot, or more of them than fit.
    init?(_ path: String) {
        guard let dot = path.lastIndex(of: "."), case let digits = path[path.index(after: dot)...], digits.allSatisfy(\.isASCIIDigit),
            let number = UInt64(digits)
        else { return nil }
        stem = path[..<dot]
        self.number = number
        digitCount = digits.count
    }

    /// The name of the file that follows, in as many digits or one more; nil behind the last number.
    var next: String? {
        guard number < .max else { return nil }
        let digits = String(number + 1)
        return "\(stem)." + String(repeating: "0", count: max(0, digitCount - digits.count)) + digits
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isWholeNumber }
}
