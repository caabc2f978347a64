/// The numbers that a GTID set holds of one source and tag: ranges in order, none empty, none touching the next.
///
/// Numbers are those of ``GTID/validNumbers``, so neither `lowerBound - 1` nor `upperBound + 1` can overflow.
public struct GTIDRanges: Hashable, Sendable {
    private(set) var storage: [ClosedRange<UInt64>] = []

    public init() {}

    /// Takes ranges in any order, overlapping or not, within ``GTID/validNumbers``. O(n) if they are in order, else O(n log n).
    init(merging ranges: [ClosedRange<UInt64>]) {
        var isOrdered = true
        var isNormal = true
        for (left, right) in zip(ranges, ranges.dropFirst()) {
            isOrdered = isOrdered && left.lowerBound <= right.lowerBound
            isNormal = isNormal && left.upperBound + 1 < right.lowerBound
        }
        if isNormal {
            storage = ranges
            return
        }
        storage.reserveCapacity(ranges.count)
        let ordered = isOrdered ? ranges : ranges.sorted { $0.lowerBound < $1.lowerBound }
        for range in ordered { appendMerging(range) }
    }

    mutating func reserveCapacity(_ count: Int) { storage.reserveCapacity(count) }

    /// How many numbers the ranges hold.
    public var numberCount: UInt64 {
        // Disjoint parts of 1...2^63-2 cannot sum to more than that.
        storage.reduce(0) { $0 + ($1.upperBound - $1.lowerBound + 1) }
    }

    /// Whether `number` is held. O(log n), O(1) in the last range and behind it.
    public func contains(_ number: UInt64) -> Bool {
        guard let last = storage.last else { return false }
        if number >= last.lowerBound { return number <= last.upperBound }
        return storage[index(endingAtOrAfter: number, in: 0..<storage.count)].lowerBound <= number
    }

    /// The first range within `bounds` that ends at `number` or later; the end of `bounds` if there is none. O(log n).
    func index(endingAtOrAfter number: UInt64, in bounds: Range<Int>) -> Int {
        var low = bounds.lowerBound
        var high = bounds.upperBound
        while low < high {
            let middle = (low + high) / 2
            if storage[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The first range from `start` on that ends at `number` or later; `count` if there is none.
    ///
    /// Steps double from `start`, so that walking through all ranges is linear and skipping many is logarithmic.
    func index(endingAtOrAfter number: UInt64, from start: Int) -> Int {
        var low = start
        var probe = start
        var step = 1
        while probe < storage.count, storage[probe].upperBound < number {
            low = probe + 1
            probe += step
            step *= 2
        }
        return index(endingAtOrAfter: number, in: low..<Swift.min(probe, storage.count))
    }

    /// Adds a range that does not begin before the last one does.
    mutating func appendMerging(_ range: ClosedRange<UInt64>) {
        guard let last = storage.last, range.lowerBound <= last.upperBound + 1 else {
            storage.append(range)
            return
        }
        assert(range.lowerBound >= last.lowerBound)
        if range.upperBound > last.upperBound {
            storage[storage.count - 1] = ClosedRange(uncheckedBounds: (last.lowerBound, range.upperBound))
        }
    }

    /// Adds a range anywhere. Amortised O(1) at the end; elsewhere O(log n) to find the place, and O(n) to make room if it touches no
    /// other range.
    ///
    /// - Returns: Whether a number was added that was not held.
    public mutating func insert(_ range: ClosedRange<UInt64>) -> Bool {
        guard let last = storage.last else {
            storage.append(range)
            return true
        }
        if range.lowerBound >= last.lowerBound {
            appendMerging(range)
            return range.upperBound > last.upperBound
        }
        let first = index(endingAtOrAfter: range.lowerBound - 1, in: 0..<storage.count)
        var end = first
        while end < storage.count, storage[end].lowerBound <= range.upperBound + 1 { end += 1 }
        if first == end {
            storage.insert(range, at: first)
            return true
        }
        let lower = Swift.min(range.lowerBound, storage[first].lowerBound)
        let merged = lower...Swift.max(range.upperBound, storage[end - 1].upperBound)
        if merged == storage[first] { return false }
        storage[first] = merged
        storage.removeSubrange(first + 1..<end)
        return true
    }
}

extension GTIDRanges: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { storage.count }
    public subscript(position: Int) -> ClosedRange<UInt64> { storage[position] }
}
