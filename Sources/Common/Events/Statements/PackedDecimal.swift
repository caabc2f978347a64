/// A DECIMAL in the servers' packed form, read as text and never as a double.
///
/// Nine digits take four bytes, big-endian; what is left over at either end takes fewer. The sign is the inverse of the first bit, and
/// all bits of a negative number are inverted. Source: `decimal2bin` in MySQL's `strings/decimal.cc`.
public struct PackedDecimal: ~Escapable {
    /// Most digits in all.
    public static let maxPrecision = 65
    /// Most digits behind the point.
    public static let maxScale = 30

    private static let digitsPerWord = 9
    private static let bytesPerWord = 4
    /// Bytes that 0 to 9 digits take.
    private static let byteCounts = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4]

    /// Digits in all; within ``maxPrecision``.
    public let precision: Int
    /// Digits behind the point; within ``maxScale`` and `precision`.
    public let scale: Int
    private let bytes: RawSpan

    /// Takes the number's bytes from `reader`.
    ///
    /// - Throws: `invalid` where the digits are more than a DECIMAL can have.
    @_lifetime(copy reader)
    init(from reader: inout ByteReader, precision: Int, scale: Int) throws(CodecError) {
        guard 1...Self.maxPrecision ~= precision, 0...min(Self.maxScale, precision) ~= scale else {
            throw CodecError(.invalid, at: reader.offset, "DECIMAL(\(precision),\(scale)) does not exist")
        }
        self.precision = precision
        self.scale = scale
        bytes = try reader.bytes(Self.byteCount(digits: precision - scale) + Self.byteCount(digits: scale))
    }

    private static func byteCount(digits: Int) -> Int {
        digits / digitsPerWord * bytesPerWord + byteCounts[digits % digitsPerWord]
    }

    /// Appends the number: `-12345.678`, with as many digits behind the point as ``scale`` says and no needless zero before it.
    ///
    /// - Throws: `invalid` where a group of digits holds more than its digits can say.
    public func appendText(to text: inout [UInt8]) throws(CodecError) {
        let isNegative = bytes.byte(at: 0) & 0x80 == 0
        if isNegative { text.append(UInt8(ascii: "-")) }
        var offset = 0
        let first = text.count
        let whole = precision - scale
        try appendGroup(whole % Self.digitsPerWord, isNegative, &offset, to: &text)
        for _ in 0..<whole / Self.digitsPerWord { try appendGroup(Self.digitsPerWord, isNegative, &offset, to: &text) }
        let zeros = text[first...].prefix { $0 == UInt8(ascii: "0") }.count
        text.removeSubrange(first..<first + min(zeros, max(text.count - first - 1, 0)))
        if text.count == first { text.append(UInt8(ascii: "0")) }
        guard scale > 0 else { return }
        text.append(UInt8(ascii: "."))
        for _ in 0..<scale / Self.digitsPerWord { try appendGroup(Self.digitsPerWord, isNegative, &offset, to: &text) }
        try appendGroup(scale % Self.digitsPerWord, isNegative, &offset, to: &text)
    }

    private func appendGroup(_ digits: Int, _ isNegative: Bool, _ offset: inout Int, to text: inout [UInt8]) throws(CodecError) {
        var value: UInt32 = 0
        for _ in 0..<Self.byteCounts[digits] {
            var byte = bytes.byte(at: offset)
            if offset == 0 { byte ^= 0x80 }
            if isNegative { byte = ~byte }
            value = value << 8 | UInt32(byte)
            offset += 1
        }
        var scale: UInt32 = 1
        for _ in 0..<digits { scale *= 10 }
        guard value < scale || digits == 0 else { throw CodecError(.invalid, at: offset, "\(value) has more than \(digits) digits") }
        for _ in 0..<digits {
            scale /= 10
            text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / scale % 10))
        }
    }
}
