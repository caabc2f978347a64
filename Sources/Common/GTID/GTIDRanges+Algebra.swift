/// Linear merges; each skips what one side lacks in logarithmic time.
extension GTIDRanges {
    /// Up to this many ranges are inserted one by one: merging would copy all the ranges that stay.
    private static let maxSingleInserts = 4

    mutating func formUnion(_ other: GTIDRanges) {
        // What adds nothing must not copy shared storage.
        if other.isSubset(of: self) { return }
        if isEmpty {
            self = other
            return
        }
        if other.count <= Self.maxSingleInserts {
            for range in other { _ = insert(range) }
            return
        }
        var merged = GTIDRanges()
        merged.reserveCapacity(count + other.count)
        var left = 0
        var right = 0
        while left < count || right < other.count {
            if right == other.count || (left < count && self[left].lowerBound <= other[right].lowerBound) {
                merged.appendMerging(self[left])
                left += 1
            } else {
                merged.appendMerging(other[right])
                right += 1
            }
        }
        self = merged
    }

    func subtracting(_ other: GTIDRanges) -> GTIDRanges {
        var difference = GTIDRanges()
        var right = 0
        for range in self {
            var lower = range.lowerBound
            right = other.index(endingAtOrAfter: lower, from: right)
            while right < other.count, other[right].lowerBound <= range.upperBound {
                if other[right].lowerBound > lower { difference.appendMerging(lower...other[right].lowerBound - 1) }
                lower = other[right].upperBound + 1
                // A range that reaches beyond this one also cuts the next.
                if lower > range.upperBound { break }
                right += 1
            }
            if lower <= range.upperBound { difference.appendMerging(lower...range.upperBound) }
        }
        return difference
    }

    func intersection(_ other: GTIDRanges) -> GTIDRanges {
        var common = GTIDRanges()
        var left = 0
        var right = 0
        while left < count, right < other.count {
            let lower = Swift.max(self[left].lowerBound, other[right].lowerBound)
            let upper = Swift.min(self[left].upperBound, other[right].upperBound)
            if lower <= upper { common.appendMerging(lower...upper) }
            if self[left].upperBound < other[right].upperBound {
                left = index(endingAtOrAfter: other[right].lowerBound, from: left + 1)
            } else {
                right = other.index(endingAtOrAfter: self[left].lowerBound, from: right + 1)
            }
        }
        return common
    }

    func isSubset(of other: GTIDRanges) -> Bool {
        var right = 0
        for range in self {
            right = other.index(endingAtOrAfter: range.lowerBound, from: right)
            guard right < other.count, other[right].lowerBound <= range.lowerBound, range.upperBound <= other[right].upperBound else {
                return false
            }
        }
        return true
    }
}
