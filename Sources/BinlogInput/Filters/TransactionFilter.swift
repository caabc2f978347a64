import Common

/// Which transactions are wanted: `--gtid`, `--exclude-gtid`, `--since` and `--until`.
package struct TransactionFilter {
    package var included: GTIDSet?
    package var excluded: GTIDSet?
    package var includedMariaDB: MariaDBGTIDSet?
    package var excludedMariaDB: MariaDBGTIDSet?
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

    /// Only the transactions of one selection, where there is one, and not those of the other.
    package init(included: GTIDSelection?, excluded: GTIDSelection?, since: UInt64? = nil, until: UInt64? = nil) {
        self.init(included: included?.mysql, excluded: excluded?.mysql, since: since, until: until)
        includedMariaDB = included?.mariaDB
        excludedMariaDB = excluded?.mariaDB
    }

    private var includesAll: Bool { included == nil && includedMariaDB == nil }

    /// Whether a transaction is wanted, by its GTID of MySQL's or of MariaDB's; nil twice stands for one without a GTID.
    package func wants(_ gtid: GTID?, mariaDB mariaDBGTID: MariaDBGTID? = nil) -> Bool {
        if let gtid { return (includesAll || included?.contains(gtid) == true) && excluded?.contains(gtid) != true }
        guard let mariaDBGTID else { return includesAll }
        return (includesAll || includedMariaDB?.contains(mariaDBGTID) == true) && excludedMariaDB?.contains(mariaDBGTID) != true
    }

    /// What is to be told where the options name GTIDs of the other kind of server than the one that wrote the file; nil where they do not.
    package func misfit(isMariaDB: Bool) -> String? {
        let (own, other) =
            isMariaDB ? ("MariaDB, whose GTIDs read like 0-1-42", "MySQL's") : ("MySQL, whose GTIDs begin with a UUID", "MariaDB's")
        if Self.isForeign(included, includedMariaDB, toMariaDB: isMariaDB) {
            return "written by \(own): --gtid names only \(other), so nothing in it can match"
        }
        if Self.isForeign(excluded, excludedMariaDB, toMariaDB: isMariaDB) {
            return "written by \(own): --exclude-gtid names only \(other), so it leaves nothing out"
        }
        return nil
    }

    /// Whether transactions are named, and none of the servers of this kind.
    private static func isForeign(_ mysql: GTIDSet?, _ mariaDB: MariaDBGTIDSet?, toMariaDB isMariaDB: Bool) -> Bool {
        let (own, other) = (mysql?.isEmpty ?? true, mariaDB?.isEmpty ?? true)
        return isMariaDB ? other && !own : own && !other
    }

    /// Whether a transaction is wanted that was committed so many microseconds after 1970 began.
    package func wants(committedAt time: UInt64) -> Bool { since.map { $0 <= time } ?? true && until.map { time < $0 } ?? true }

    /// Whether events that belong to no transaction are wanted.
    package var wantsOthers: Bool { includesAll && since == nil && until == nil }

    /// Whether none of the wanted transactions can stand in a file that begins behind `previous`.
    package func isSatisfied(before previous: GTIDSet) -> Bool { included?.isSubset(of: previous) ?? false }
}
