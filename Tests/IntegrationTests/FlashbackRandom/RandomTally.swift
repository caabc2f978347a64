/// How random cases ended.
struct RandomTally {
    /// A way that changes are undone.
    enum Way: String, CaseIterable, Comparable {
        case binlog, redone = "binlog, undone again", sql

        static func < (one: Way, other: Way) -> Bool { one.rawValue < other.rawValue }
    }

    var cases = 0
    /// Cases whose workload changed what is in their tables.
    var changed = 0
    private var exact: [Way: Int] = [:]
    private var refused: [Way: [RandomHazard: Int]] = [:]
    private var warned: [RandomHazard: Int] = [:]

    mutating func noteExact(_ way: Way) { exact[way, default: 0] += 1 }
    /// - Parameter hazard: what the first reason was.
    mutating func noteRefused(_ way: Way, _ hazard: RandomHazard) { refused[way, default: [:]][hazard, default: 0] += 1 }
    mutating func noteWarned(_ hazard: RandomHazard) { warned[hazard, default: 0] += 1 }

    func exactCount(_ way: Way) -> Int { exact[way] ?? 0 }
    func refusedCount(_ way: Way) -> Int { (refused[way] ?? [:]).values.reduce(0, +) }

    static func += (tally: inout RandomTally, other: RandomTally) {
        tally.cases += other.cases
        tally.changed += other.changed
        tally.exact.merge(other.exact, uniquingKeysWith: +)
        tally.warned.merge(other.warned, uniquingKeysWith: +)
        tally.refused.merge(other.refused) { $0.merging($1, uniquingKeysWith: +) }
    }

    var text: String {
        var lines = [
            "\(cases) cases, \(exactCount(.binlog)) undone exactly and \(refusedCount(.binlog)) refused; "
                + "in \(changed) the rows were others after than before"
        ]
        for way in Way.allCases {
            let reasons = (refused[way] ?? [:]).sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) × \($0.key.rawValue)…" }
            let refusals = reasons.isEmpty ? "" : ", refused: \(reasons.joined(separator: "; "))"
            lines.append("  \(way.rawValue): \(exactCount(way)) exactly\(refusals)")
        }
        let warnings = warned.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) × \($0.key.rawValue)" }
        if !warnings.isEmpty { lines.append("  sql, not applied, warned at its head: \(warnings.joined(separator: "; "))") }
        return lines.joined(separator: "\n")
    }
}
