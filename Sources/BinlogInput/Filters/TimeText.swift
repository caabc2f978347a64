import Foundation

/// Reads the times of `--since` and `--until`.
///
///     try TimeText(timeZone: "Europe/Berlin").microseconds("2026-11-21 08:00:00")
package struct TimeText {
    package struct ParseError: Error, CustomStringConvertible {
        package let description: String
    }

    private let zone: TimeZone
    private let now: Date

    /// - Parameter timeZone: of times that name none: a name of the time zone database, or `+02:00`.
    package init(timeZone: String, now: Date = Date()) throws(ParseError) {
        self.now = now
        if let zone = Self.offset(timeZone) ?? TimeZone(identifier: timeZone) {
            self.zone = zone
        } else {
            throw ParseError(description: "--time-zone '\(timeZone)' is not known; it reads like Europe/Berlin or +02:00")
        }
    }

    /// Microseconds since 1970 of RFC 3339, of a date with or without a time, or of so long ago: `-15m`, with s, m, h or d.
    package func microseconds(_ text: String) throws(ParseError) -> UInt64 {
        guard let seconds = ago(text) ?? absolute(text) else {
            throw ParseError(
                description: "'\(text)' is no time; it reads like 2026-11-21T08:00:00Z, '2026-11-21 08:00:00', or -15m")
        }
        return UInt64(max(0, (seconds * 1e6).rounded()))
    }

    private func ago(_ text: String) -> Double? {
        guard text.first == "-", let unit = text.last, let amount = Double(text.dropFirst().dropLast()), amount.isFinite, amount >= 0 else {
            return nil
        }
        let seconds: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        return seconds[unit].map { now.timeIntervalSince1970 - amount * $0 }
    }

    /// `YYYY-MM-DD`, then perhaps `T` or a space and `HH:MM[:SS[.ffffff]]`, then perhaps `Z` or an offset.
    private func absolute(_ text: String) -> Double? {
        let pattern = /(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?)?\s*(Z|z|[+-]\d{2}:?\d{2})?/
        guard let match = text.wholeMatch(of: pattern) else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        let named = match.8.map { $0.uppercased() == "Z" ? TimeZone(secondsFromGMT: 0) : Self.offset(String($0)) }
        guard let zone = named ?? self.zone else { return nil }
        calendar.timeZone = zone
        let parts = DateComponents(
            year: Int(match.1), month: Int(match.2), day: Int(match.3), hour: match.4.flatMap { Int($0) } ?? 0,
            minute: match.5.flatMap { Int($0) } ?? 0, second: match.6.flatMap { Int($0) } ?? 0)
        guard let date = calendar.date(from: parts), case let there = calendar.dateComponents([.month, .day], from: date),
            there.month == parts.month, there.day == parts.day, (parts.hour ?? 0) < 24, (parts.minute ?? 0) < 60, (parts.second ?? 0) <= 60
        else { return nil }
        return date.timeIntervalSince1970 + (match.7.flatMap { Double("0" + $0) } ?? 0)
    }

    /// Of `+02:00`, `-0530` or `+2:00`.
    private static func offset(_ text: String) -> TimeZone? {
        guard let match = text.wholeMatch(of: /([+-])(\d{1,2}):?(\d{2})/), let hours = Int(match.2), let minutes = Int(match.3),
            hours <= 14,
            minutes < 60
        else { return nil }
        return TimeZone(secondsFromGMT: (match.1 == "-" ? -1 : 1) * (hours * 3600 + minutes * 60))
    }
}
