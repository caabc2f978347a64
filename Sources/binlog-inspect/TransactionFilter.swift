import Common

/// Which transactions are wanted: `--gtid`, `--exclude-gtid`, `--since` and `--until`.
struct TransactionFilter {
    var included: GTIDSet?
    var excluded: GTIDSet?
    /// Microseconds since 1970.
    var since: UInt64?
    /// Microseconds since 1970; what was committed just then is not wanted.
    var until: UInt64?

    /// Whether a transaction is wanted; nil stands for one without a GTID.
    func wants(_ gtid: GTID?) -> Bool {
        guard let gtid else { return included == nil }
        return included?.contains(gtid) ?? true && !(excluded?.contains(gtid) ?? false)
    }

    /// Whether a transaction is wanted that was committed so many microseconds after 1970 began.
    func wants(committedAt time: UInt64) -> Bool { since.map { $0 <= time } ?? true && until.map { time < $0 } ?? true }

    /// Whether events that belong to no transaction are wanted.
    var wantsOthers: Bool { included == nil && since == nil && until == nil }

    /// Whether none of the wanted transactions can stand in a file that begins behind `previous`.
    func isSatisfied(before previous: GTIDSet) -> Bool { included?.isSubset(of: previous) ?? false }
}
