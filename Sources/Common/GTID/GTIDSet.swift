/// A set of GTIDs: what a server has executed, purged, or asks for.
///
///     var executed = try GTIDSet(parsing: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:9")
///     executed.insert(try GTID(parsing: "3e11fa47-71ca-11e1-9e33-c80aa9429562:6"))
///     print(executed)  // 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-6:9
///
/// A value type over sorted arrays. Inserting the next number of the source that was inserted last takes constant time and no memory;
/// finding another source is a binary search among the sources, finding a number one among the ranges of its source. A copy shares
/// storage until one of the two changes, and then only the list of sources and the ranges of the changed source are copied.
public struct GTIDSet: Sendable {
    /// All numbers of one source and tag.
    public struct Entry: Hashable, Sendable {
        public let tsid: TSID
        /// Never empty.
        public internal(set) var ranges: GTIDRanges

        public var source: SourceID { tsid.source }
        public var tag: GTIDTag { tsid.tag }
    }

    /// Sources with their ranges, ordered by source and tag.
    public internal(set) var entries: [Entry] = []

    /// Where the last insertion was; no part of the value.
    private var lastIndex = 0

    /// The empty set.
    public init() {}

    init(entries: [Entry]) {
        self.entries = entries
    }

    public var isEmpty: Bool { entries.isEmpty }

    /// How many GTIDs are in the set; `UInt64.max` if there are more.
    public var count: UInt64 {
        var sum: UInt64 = 0
        for entry in entries {
            let (next, overflow) = sum.addingReportingOverflow(entry.ranges.numberCount)
            if overflow { return .max }
            sum = next
        }
        return sum
    }

    /// Whether any GTID has a tag. A server older than 8.3 does not understand such a set.
    public var hasTags: Bool { entries.contains { !$0.tag.isEmpty } }

    /// The GTIDs without a tag: what a replica asks of a server older than 8.3.
    public var withoutTags: GTIDSet { GTIDSet(entries: entries.filter { $0.tag.isEmpty }) }

    public func contains(_ gtid: GTID) -> Bool {
        guard let index = index(of: gtid.tsid) else { return false }
        return entries[index].ranges.contains(gtid.number)
    }

    /// The ranges of one source and tag, nil if there are none.
    public func ranges(source: SourceID, tag: GTIDTag = .none) -> GTIDRanges? {
        index(of: TSID(source: source, tag: tag)).map { entries[$0].ranges }
    }

    /// The highest number of one source and tag, nil if there is none.
    public func lastNumber(source: SourceID, tag: GTIDTag = .none) -> UInt64? {
        ranges(source: source, tag: tag)?.last?.upperBound
    }

    /// Adds one GTID. Amortised O(1) if it follows the last of its source, and that source was inserted last.
    ///
    /// - Returns: Whether it was not in the set.
    @discardableResult
    public mutating func insert(_ gtid: GTID) -> Bool {
        insert(ClosedRange(uncheckedBounds: (gtid.number, gtid.number)), into: gtid.tsid)
    }

    /// Adds all GTIDs of `range`, which must lie within ``GTID/validNumbers``.
    ///
    /// - Returns: Whether any of them was not in the set.
    @discardableResult
    public mutating func insert(source: SourceID, tag: GTIDTag = .none, range: ClosedRange<UInt64>) -> Bool {
        precondition(GTID.validNumbers.contains(range.lowerBound) && GTID.validNumbers.contains(range.upperBound))
        return insert(range, into: TSID(source: source, tag: tag))
    }

    private mutating func insert(_ range: ClosedRange<UInt64>, into tsid: TSID) -> Bool {
        if lastIndex >= entries.count || entries[lastIndex].tsid != tsid {
            lastIndex = firstIndex(notBefore: tsid, from: 0)
            if lastIndex == entries.count || entries[lastIndex].tsid != tsid {
                entries.insert(Entry(tsid: tsid, ranges: GTIDRanges(merging: [range])), at: lastIndex)
                return true
            }
        }
        return entries[lastIndex].ranges.insert(range)
    }

    private func index(of tsid: TSID) -> Int? {
        if lastIndex < entries.count, entries[lastIndex].tsid == tsid { return lastIndex }
        let index = firstIndex(notBefore: tsid, from: 0)
        return index < entries.count && entries[index].tsid == tsid ? index : nil
    }

    /// The first entry from `start` on that is `tsid`'s or comes behind it. O(log n).
    func firstIndex(notBefore tsid: TSID, from start: Int) -> Int {
        var low = start
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].tsid < tsid { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension GTIDSet: Hashable {
    public static func == (left: GTIDSet, right: GTIDSet) -> Bool { left.entries == right.entries }

    public func hash(into hasher: inout Hasher) { hasher.combine(entries) }
}
