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

    // MARK: - MariaDB

    /// Sequence numbers by domain, whichever server gave them out.
    private var sequences: [UInt32: GTIDRanges] = [:]
    private var seenMariaDB = MariaDBGTIDSet()
    private var hasBegunMariaDB = false

    /// Takes the position that a file begins behind; returns, by domain, what is before it and in none of the files before, if there were
    /// any.
    mutating func begin(behind position: MariaDBGTIDPosition) -> [String] {
        var missing: [String] = []
        for gtid in position.gtids where GTID.validNumbers.contains(gtid.sequence) {
            let last = sequences[gtid.domain]?.last?.upperBound ?? 0
            if hasBegunMariaDB, gtid.sequence > last { missing.append(Self.text(gtid.domain, [last + 1...gtid.sequence])) }
            _ = sequences[gtid.domain, default: GTIDRanges()].insert(1...gtid.sequence)
        }
        hasBegunMariaDB = true
        return missing
    }

    /// Takes a transaction; returns whether it is there for the first time.
    mutating func take(_ gtid: MariaDBGTID) -> Bool {
        hasBegunMariaDB = true
        if GTID.validNumbers.contains(gtid.sequence) {
            _ = sequences[gtid.domain, default: GTIDRanges()].insert(gtid.sequence...gtid.sequence)
        }
        return seenMariaDB.insert(gtid)
    }

    /// By domain the sequence numbers between its first and its last that are nowhere.
    var mariaDBGaps: [String] {
        sequences.sorted { $0.key < $1.key }.compactMap { domain, ranges in
            let gaps = zip(ranges, ranges.dropFirst()).map { $0.upperBound + 1...$1.lowerBound - 1 }
            return gaps.isEmpty ? nil : Self.text(domain, gaps)
        }
    }

    private static func text(_ domain: UInt32, _ ranges: [ClosedRange<UInt64>]) -> String {
        "domain \(domain): "
            + ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)" }.joined(separator: ", ")
    }
}
