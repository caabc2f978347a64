/// Reads dates and times as servers print them, so that they can be compared as points and spans of time.
enum TemporalText {
    /// `YYYY-MM-DD`, perhaps with a space or `T` and `hh:mm[:ss[.ffffff]]`: a number that grows with time. A date alone is its midnight.
    static func dateTime(_ text: UnsafeRawBufferPointer) -> Int64? {
        var rest = text[...]
        // More digits would be more microseconds than there are numbers; servers print five of damaged values.
        guard let year = number(&rest, digits: 4...5), take("-", &rest), let month = number(&rest, digits: 1...2), take("-", &rest),
            let day = number(&rest, digits: 1...2), month < 16, day < 32
        else { return nil }
        let days = (year * 16 + month) * 32 + day
        if rest.isEmpty { return days * microsecondsPerDay }
        guard take(" ", &rest) || take("T", &rest), let clock = clock(rest, hourDigits: 1...2), clock < microsecondsPerDay else {
            return nil
        }
        return days * microsecondsPerDay + clock
    }

    /// `[-]hh:mm[:ss[.ffffff]]` in microseconds.
    static func time(_ text: UnsafeRawBufferPointer) -> Int64? {
        var rest = text[...]
        let isNegative = take("-", &rest)
        return clock(rest, hourDigits: 1...4).map { isNegative ? -$0 : $0 }
    }

    private static let microsecondsPerDay: Int64 = 86_400_000_000

    private static func clock(_ text: Slice<UnsafeRawBufferPointer>, hourDigits: ClosedRange<Int>) -> Int64? {
        var rest = text
        guard let hour = number(&rest, digits: hourDigits), take(":", &rest), let minute = number(&rest, digits: 1...2), minute < 60 else {
            return nil
        }
        var seconds = (hour * 60 + minute) * 60
        if rest.isEmpty { return seconds * 1_000_000 }
        guard take(":", &rest), let second = number(&rest, digits: 1...2), second < 60 else { return nil }
        seconds += second
        if rest.isEmpty { return seconds * 1_000_000 }
        guard take(".", &rest), case let count = rest.count, let fraction = number(&rest, digits: 1...6), rest.isEmpty else { return nil }
        return seconds * 1_000_000 + (count..<6).reduce(fraction) { value, _ in value * 10 }
    }

    private static func take(_ mark: Unicode.Scalar, _ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
        guard rest.first == UInt8(ascii: mark) else { return false }
        rest.removeFirst()
        return true
    }

    private static func number(_ rest: inout Slice<UnsafeRawBufferPointer>, digits: ClosedRange<Int>) -> Int64? {
        var value: Int64 = 0
        var count = 0
        while let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), count < digits.upperBound {
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            count += 1
            rest.removeFirst()
        }
        return count < digits.lowerBound ? nil : value
    }
}
