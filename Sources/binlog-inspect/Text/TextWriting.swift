import Common

/// Text for the eye: numbers in columns, times, excerpts.
extension ByteSink {
    mutating func append(text: String) { append(utf8: text) }

    /// What others write into an array.
    mutating func append(_ write: (inout [UInt8]) -> Void) {
        var bytes: [UInt8] = []
        write(&bytes)
        append(contentsOf: bytes)
    }

    /// A decimal number, with spaces before it where it has fewer than `width` digits.
    mutating func append(decimal number: some BinaryInteger, width: Int) { appendDecimal(UInt64(number), width, UInt8(ascii: " ")) }

    mutating func append(decimal number: some BinaryInteger) { append(decimal: UInt64(number)) }

    /// A decimal number with zeros before it.
    mutating func append(zeroPadded number: some BinaryInteger, width: Int) { appendDecimal(UInt64(number), width, UInt8(ascii: "0")) }

    private mutating func appendDecimal(_ number: UInt64, _ width: Int, _ padding: UInt8) {
        var length = 1
        var bound: UInt64 = 10
        while length < width, number >= bound {
            length += 1
            bound *= 10
        }
        pad(width - length, with: padding)
        append(decimal: number)
    }

    private mutating func pad(_ count: Int, with padding: UInt8) {
        guard count > 0 else { return }
        _ = append(capacity: count) { space in
            space.initializeMemory(as: UInt8.self, repeating: padding).count
        }
    }

    /// `-` and digits for a negative number.
    mutating func append(signed number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(decimal: number.magnitude)
    }

    /// Spaces until the text that began at `start` is `width` bytes long.
    mutating func pad(from start: Int, to width: Int) { pad(width - (count - start), with: UInt8(ascii: " ")) }

    /// Two hexadecimal digits for each byte.
    mutating func append(hexadecimal span: RawSpan) {
        for index in 0..<span.byteCount {
            let byte = span.byte(at: index)
            for digit in [byte >> 4, byte & 15] { append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit) }
        }
    }

    private static let secondsPerDay: UInt64 = 86400

    /// `2026-11-21T02:55:40Z`, of seconds since 1970.
    mutating func append(time seconds: UInt64) {
        appendDateAndTime(seconds)
        append(UInt8(ascii: "Z"))
    }

    /// `2026-11-21T02:55:40.000123Z`, of microseconds since 1970.
    mutating func append(microsecondTime microseconds: UInt64) {
        appendDateAndTime(microseconds / 1_000_000)
        append(UInt8(ascii: "."))
        append(zeroPadded: microseconds % 1_000_000, width: 6)
        append(UInt8(ascii: "Z"))
    }

    private mutating func appendDateAndTime(_ seconds: UInt64) {
        let (year, month, day) = Self.civilDate(daysSince1970: seconds / Self.secondsPerDay)
        let second = seconds % Self.secondsPerDay
        if year > 9999 { append(decimal: year / 10_000) }
        _ = append(capacity: 19) { space in
            func put(_ value: UInt64, at offset: Int, behind mark: UInt8? = nil) {
                if let mark { space[offset - 1] = mark }
                space[offset] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / 10)
                space[offset + 1] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value % 10)
            }
            put(year / 100 % 100, at: 0)
            put(year % 100, at: 2)
            put(month, at: 5, behind: UInt8(ascii: "-"))
            put(day, at: 8, behind: UInt8(ascii: "-"))
            put(second / 3600, at: 11, behind: UInt8(ascii: "T"))
            put(second / 60 % 60, at: 14, behind: UInt8(ascii: ":"))
            put(second % 60, at: 17, behind: UInt8(ascii: ":"))
            return 19
        }
    }

    /// The Gregorian date, reckoned in years that begin in March, so that the leap day is the last of its year.
    private static func civilDate(daysSince1970 days: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
        let daysPerEra: UInt64 = 146_097  // 400 years
        let shifted = days + 719_468  // since 0000-03-01
        let era = shifted / daysPerEra
        let dayOfEra = shifted % daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// The first `limit` characters of a text on one line: white space runs together, what no terminal should see becomes `?`, and `…`
    /// stands for the rest.
    mutating func append(excerpt text: RawSpan, limit: Int = 80) {
        var written = 0
        var index = 0
        var space = false
        while index < text.byteCount {
            let byte = text.byte(at: index)
            if byte == 0x20 || (0x09...0x0d).contains(byte) {
                space = written > 0
                index += 1
                continue
            }
            if written + (space ? 1 : 0) >= limit { return append("…") }
            if space {
                append(UInt8(ascii: " "))
                written += 1
                space = false
            }
            let length = byte < 0x80 ? 1 : text.scalarLength(at: index)
            if byte < 0x20 || byte == 0x7f || length == 0 {
                append(UInt8(ascii: "?"))
            } else {
                append(text.extracting(index..<index + length))
            }
            index += Swift.max(length, 1)
            written += 1
        }
    }
}

extension RawSpan {
    /// Bytes of the character beyond ASCII at `index`; 0 where none stands there, or one of the control characters up to U+009F.
    fileprivate func scalarLength(at index: Int) -> Int {
        let first = byte(at: index)
        let length =
            switch first {
            case 0xc2...0xdf: 2
            case 0xe0...0xef: 3
            case 0xf0...0xf4: 4
            default: 0
            }
        guard length > 0, index + length <= byteCount else { return 0 }
        for following in index + 1..<index + length where byte(at: following) & 0xc0 != 0x80 { return 0 }
        let second = byte(at: index + 1)
        switch first {
        case 0xc2 where second < 0xa0: return 0
        case 0xe0 where second < 0xa0, 0xed where second > 0x9f, 0xf0 where second < 0x90, 0xf4 where second > 0x8f: return 0
        default: return length
        }
    }
}
