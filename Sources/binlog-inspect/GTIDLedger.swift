import Common

/// Keeps account of the transactions in a row of files, for what `--verify` tells about gaps.
struct GTIDLedger {
    /// What the files say was executed before them, and what is in them.
    private(set) var seen = GTIDSet()
    private var hasBegun = false

    /// Takes the set that a file begins behind; returns what is in it and in none of the files before, if there were any.
    mutating func begin(behind previous: GTIDSet) -> GTIDSet {
        let missing = hasBegun ? previous.subtracting(seen) : GTIDSet()
        hasBegun = true
        seen.formUnion(previous)
        return missing
    }

    /// Takes a transaction; returns whether it is there for the first time.
    mutating func take(_ gtid: GTID) -> Bool {
        hasBegun = true
        return seen.insert(gtid)
    }

    /// The numbers between the first and the last of each source that are nowhere.
    var gaps: GTIDSet {
        var gaps = GTIDSet()
        for entry in seen.entries {
            var last: UInt64?
            for range in entry.ranges {
                if let last { gaps.insert(source: entry.source, tag: entry.tag, range: last + 1...range.lowerBound - 1) }
                last = range.upperBound
            }
        }
        return gaps
    }
}
