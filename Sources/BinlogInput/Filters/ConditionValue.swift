import Common

/// What a `--where` compares a column with, as every kind of column needs it.
///
/// `0x2a`, `x'2a'`, `b'101010'` and `0b101010` without quotes around them are bytes to a binary column and a number to others.
struct ConditionValue: Hashable, Sendable {
    /// In UTF-8, without quotes.
    private let text: [UInt8]
    private let bytes: [UInt8]
    private let integer: Int128?
    private let number: ExactNumber?
    private let single: Float?
    private let double: Double?
    private let dateTime: Int64?
    private let time: Int64?

    /// - Parameter text: as the user wrote it. In quotes, two of them stand for one, and nothing else is more than itself.
    init(_ text: some StringProtocol) {
        let written = String(text.drop { $0 == " " })
        if let quote = written.first, quote == "'" || quote == "\"", written.count >= 2, written.last == quote {
            let inside = String(written.dropFirst().dropLast())
            self.init(plain: inside.replacing("\(quote)\(quote)", with: "\(quote)"), literal: nil)
        } else {
            let end = written.lastIndex { $0 != " " }
            let value = end.map { String(written[...$0]) } ?? ""
            self.init(plain: value, literal: Self.literal(value))
        }
    }

    private init(plain text: String, literal: [UInt8]?) {
        self.text = Array(text.utf8)
        bytes = literal ?? self.text
        if let literal {
            let significant = literal.drop { $0 == 0 }
            integer = significant.count > 8 ? nil : significant.reduce(0) { $0 << 8 | Int128($1) }
            number = integer.flatMap { ExactNumber(Array("\($0)".utf8)) }
            double = integer.map(Double.init)
            single = integer.map(Float.init)
        } else {
            integer = Int128(text)
            number = ExactNumber(self.text)
            double = number == nil ? nil : Double(text)
            single = number == nil ? nil : Float(text)
        }
        dateTime = self.text.withUnsafeBytes { TemporalText.dateTime($0) }
        time = self.text.withUnsafeBytes { TemporalText.time($0) }
    }

    /// The bytes of a literal in hexadecimal or binary digits; nil for other text.
    private static func literal(_ text: String) -> [UInt8]? {
        let lowercase = text.lowercased()
        for (prefix, suffix, bits) in [("0x", "", 4), ("x'", "'", 4), ("0b", "", 1), ("b'", "'", 1)] {
            guard lowercase.hasPrefix(prefix), lowercase.hasSuffix(suffix), lowercase.utf8.count >= prefix.utf8.count + suffix.utf8.count
            else { continue }
            let digits = lowercase.dropFirst(prefix.count).dropLast(suffix.count).map { $0.isASCII ? $0.hexDigitValue : nil }
            guard !digits.isEmpty || !suffix.isEmpty, digits.allSatisfy({ $0.map { $0 < 1 << bits } ?? false }) else { return nil }
            // Digits that do not fill a byte stand at its low end.
            let perByte = 8 / bits
            let padded = Array(repeating: 0, count: (perByte - digits.count % perByte) % perByte) + digits.compactMap(\.self)
            return stride(from: 0, to: padded.count, by: perByte).map { start in
                padded[start..<start + perByte].reduce(0) { $0 << UInt8(bits) | UInt8($1) }
            }
        }
        return nil
    }

    /// Negative where a column's value comes before this one, zero where it is the same, positive where it comes behind it; nil where
    /// one is a number and the other is none.
    ///
    /// - Parameters:
    ///   - value: not NULL.
    ///   - scratch: where its text is made.
    func order(of value: borrowing RowValue, writer: inout ValueWriter, scratch: inout ByteSink) -> Int? {
        switch value.kind {
        case .integer(_, let isUnsigned):
            guard let bits = value.integer else { return nil }
            guard let integer else { break }
            return Self.order(isUnsigned ? Int128(bits) : Int128(Int64(bitPattern: bits)), integer)
        case .float: return Self.order(value.floatingPoint.map { Float($0) }, single)
        case .double: return Self.order(value.floatingPoint, double)
        case .text where value.charset == .utf8mb4 || value.charset == .utf8mb3 || value.charset == .ascii:
            return value.bytes.withUnsafeBytes { Self.order($0, text) }
        default: break
        }
        scratch.removeAll()
        let content = writer.write(plain: value, into: &scratch)
        switch (content, value.kind) {
        case (.number, _): return number?.order(of: scratch.unsafeBytes)
        case (.bytes, _): return Self.order(scratch.unsafeBytes, bytes)
        case (.text, .time), (.text, .oldTime), (.text, .mariaTime):
            return Self.order(TemporalText.time(scratch.unsafeBytes), time) ?? Self.order(scratch.unsafeBytes, text)
        case (.text, .date), (.text, .dateTime), (.text, .timestamp), (.text, .oldDateTime), (.text, .oldTimestamp),
            (.text, .mariaDateTime),
            (.text, .mariaTimestamp):
            return Self.order(TemporalText.dateTime(scratch.unsafeBytes), dateTime) ?? Self.order(scratch.unsafeBytes, text)
        case (.text, _): return Self.order(scratch.unsafeBytes, text)
        }
    }

    private static func order<Value: Comparable>(_ first: Value?, _ second: Value?) -> Int? {
        guard let first, let second else { return nil }
        return first == second ? 0 : first < second ? -1 : first > second ? 1 : nil
    }

    /// By the bytes, which for UTF-8 is by code points.
    private static func order(_ first: UnsafeRawBufferPointer, _ second: [UInt8]) -> Int {
        first.elementsEqual(second) ? 0 : first.lexicographicallyPrecedes(second) ? -1 : 1
    }
}
