import Common

extension SQLFunction {
    /// The server's time zone is UTC, so all of these are.
    static let times: [String: SQLFunction] = {
        let now = SQLFunction(0...1) { evaluator, arguments throws(SQLError) in
            let moment = CivilTime(secondsSince1970: evaluator.facts.now.seconds)
            return .text("\(moment.date) \(moment.time)" + (try fraction(evaluator.facts.now.microseconds, arguments)))
        }
        let date = SQLFunction(0...0) { evaluator, _ throws(SQLError) in
            .text(CivilTime(secondsSince1970: evaluator.facts.now.seconds).date)
        }
        let time = SQLFunction(0...1) { evaluator, arguments throws(SQLError) in
            let moment = CivilTime(secondsSince1970: evaluator.facts.now.seconds)
            return .text(moment.time + (try fraction(evaluator.facts.now.microseconds, arguments)))
        }
        return [
            "now": now, "current_timestamp": now, "localtime": now, "localtimestamp": now, "sysdate": now, "utc_timestamp": now,
            "curdate": date, "current_date": date, "utc_date": date,
            "curtime": time, "current_time": time, "utc_time": time,
            "unix_timestamp": SQLFunction(0...1) { evaluator, arguments throws(SQLError) in
                guard arguments.isEmpty else { throw .unsupported("UNIX_TIMESTAMP() of a given time") }
                return SQLValue(evaluator.facts.now.seconds)
            },
        ]
    }()

    /// The digits behind the seconds, as many as the argument asks for.
    private static func fraction(_ microseconds: UInt32, _ arguments: [SQLValue]) throws(SQLError) -> String {
        guard let argument = arguments.first else { return "" }
        guard let digits = argument.unsignedInteger, digits <= 6 else {
            throw SQLError(1426, "42000", "Too-big precision specified for 'now'. Maximum is 6.")
        }
        let text = String(microseconds)
        let padded = String(repeating: "0", count: max(0, 6 - text.count)) + text
        return digits == 0 ? "" : "." + padded.prefix(Int(digits))
    }
}

/// A moment in UTC as calendar fields, printed as MySQL prints DATE and TIME.
struct CivilTime {
    let date: String
    let time: String

    init(secondsSince1970 seconds: UInt64) {
        let (days, rest) = min(seconds, Self.maxSeconds).quotientAndRemainder(dividingBy: 86_400)
        // Eras of 400 years, each beginning on 1 March, so that the leap day is a year's last.
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        time = "\(Self.padded(rest / 3600, 2)):\(Self.padded(rest / 60 % 60, 2)):\(Self.padded(rest % 60, 2))"
    }

    /// The end of the year 9999, beyond which DATETIME cannot go.
    private static let maxSeconds: UInt64 = 253_402_300_799

    private static func padded(_ number: UInt64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
