import Common

/// Which transactions are wanted: `--gtid`, `--exclude-gtid`, `--since` and `--until`.
package struct TransactionFilter {
    package var included: GTIDSet?
    package var excluded: GTIDSet?
    /// Microseconds since 1970.
    package var since: UInt64?
    /// Microseconds since 1970; what was committed just then is not wanted.
    package var until: UInt64?

    package init(included: GTIDSet? = nil, excluded: GTIDSet? = nil, since: UInt64? = nil, until: UInt64? = nil) {
        self.included = included
        self.excluded = excluded
        self.since = since
        self.until = until
    }

    /// Whether a transaction is wanted; nil stands for one without a GTID.
    package func wants(_ gtid: GTID?) -> Bool {
        guard let gtid else { return included == nil }
        return included?.contains(gtid) ?? true && !(excluded?.contains(gtid) ?? false)
    }

    /// Whether a transaction is wanted that was committed so many microseconds after 1970 began.
    package func wants(committedAt time: UInt64) -> Bool { since.map { $0 <= time } ?? true && until.map { time < $0 } ?? true }

    /// Whether events that belong to no transaction are wanted.
    package var wantsOthers: Bool { included == nil && since == nil && until == nil }

    /// Whether none of the wanted transactions can stand in a file that begins behind `previous`.
    package func isSatisfied(before previous: GTIDSet) -> Bool { included?.isSubset(of: previous) ?? false }
}
