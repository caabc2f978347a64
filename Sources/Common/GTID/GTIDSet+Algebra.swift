extension GTIDSet {
    /// Adds what is in `other`. Linear in the ranges of the sources that `other` has; nothing is copied for what is held already.
    public mutating func formUnion(_ other: GTIDSet) {
        addMissingEntries(of: other)
        var index = 0
        for entry in other.entries {
            index = firstIndex(notBefore: entry.tsid, from: index)
            entries[index].ranges.formUnion(entry.ranges)
        }
    }

    public func union(_ other: GTIDSet) -> GTIDSet {
        var union = self
        union.formUnion(other)
        return union
    }

    /// Removes what is in `other`: `GTID_SUBTRACT(self, other)`.
    public mutating func subtract(_ other: GTIDSet) {
        self = subtracting(other)
    }

    /// What is here and not in `other`: `GTID_SUBTRACT(self, other)`.
    public func subtracting(_ other: GTIDSet) -> GTIDSet {
        var difference: [Entry] = []
        difference.reserveCapacity(entries.count)
        var right = 0
        for entry in entries {
            right = other.firstIndex(notBefore: entry.tsid, from: right)
            guard right < other.entries.count, other.entries[right].tsid == entry.tsid else {
                difference.append(entry)
                continue
            }
            let ranges = entry.ranges.subtracting(other.entries[right].ranges)
            if !ranges.isEmpty { difference.append(Entry(tsid: entry.tsid, ranges: ranges)) }
        }
        return GTIDSet(entries: difference)
    }

    public func intersection(_ other: GTIDSet) -> GTIDSet {
        var common: [Entry] = []
        var right = 0
        for entry in entries {
            right = other.firstIndex(notBefore: entry.tsid, from: right)
            guard right < other.entries.count, other.entries[right].tsid == entry.tsid else { continue }
            let ranges = entry.ranges.intersection(other.entries[right].ranges)
            if !ranges.isEmpty { common.append(Entry(tsid: entry.tsid, ranges: ranges)) }
        }
        return GTIDSet(entries: common)
    }

    /// Whether all that is here is also in `other`: `GTID_SUBSET(self, other)`.
    public func isSubset(of other: GTIDSet) -> Bool {
        var right = 0
        for entry in entries {
            right = other.firstIndex(notBefore: entry.tsid, from: right)
            guard right < other.entries.count, other.entries[right].tsid == entry.tsid,
                entry.ranges.isSubset(of: other.entries[right].ranges)
            else { return false }
        }
        return true
    }

    /// Takes over the entries of sources that are not here; the others stay as they are.
    private mutating func addMissingEntries(of other: GTIDSet) {
        var merged: [Entry] = []
        var copied = 0
        for entry in other.entries {
            let index = firstIndex(notBefore: entry.tsid, from: copied)
            if index < entries.count, entries[index].tsid == entry.tsid { continue }
            if merged.isEmpty { merged.reserveCapacity(entries.count + other.entries.count) }
            merged += entries[copied..<index]
            merged.append(entry)
            copied = index
        }
        if merged.isEmpty { return }
        merged += entries[copied...]
        entries = merged
    }
}
