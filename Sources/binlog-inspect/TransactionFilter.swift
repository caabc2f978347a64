import Common

/// Which transactions are wanted: `--gtid` and `--exclude-gtid`.
struct TransactionFilter {
    var included: GTIDSet?
    var excluded: GTIDSet?

    /// Whether a transaction is wanted; nil stands for one without a GTID.
    func wants(_ gtid: GTID?) -> Bool {
        guard let gtid else { return included == nil }
        return included?.contains(gtid) ?? true && !(excluded?.contains(gtid) ?? false)
    }

    /// Whether events that belong to no transaction are wanted.
    var wantsOthers: Bool { included == nil }

    /// Whether none of the wanted transactions can stand in a file that begins behind `previous`.
    func isSatisfied(before previous: GTIDSet) -> Bool { included?.isSubset(of: previous) ?? false }
}
