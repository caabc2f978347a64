/// Collects ranges in whatever order a text or an encoding has them, and makes the set at the end.
///
/// In order it takes linear time, out of order that of sorting: inserting one by one would be quadratic for an input that counts backwards.
struct GTIDSetBuilder {
    /// Ranges of one source that were added in a row.
    private struct Run {
        let tsid: TSID
        /// Places in `ranges`.
        var slice: Range<Int>
    }

    private var runs: [Run] = []
    private var ranges: [ClosedRange<UInt64>] = []

    /// Adds a range within ``GTID/validNumbers``.
    mutating func append(_ range: ClosedRange<UInt64>, to tsid: TSID) {
        if runs.last?.tsid != tsid { runs.append(Run(tsid: tsid, slice: ranges.count..<ranges.count)) }
        ranges.append(range)
        runs[runs.count - 1].slice = runs[runs.count - 1].slice.lowerBound..<ranges.count
    }

    consuming func build() -> GTIDSet {
        if !zip(runs, runs.dropFirst()).allSatisfy({ $0.tsid < $1.tsid }) {
            // By place within a source, so that ranges that came in order stay in order.
            runs.sort { $0.tsid != $1.tsid ? $0.tsid < $1.tsid : $0.slice.lowerBound < $1.slice.lowerBound }
        }
        var entries: [GTIDSet.Entry] = []
        var index = 0
        while index < runs.count {
            let tsid = runs[index].tsid
            var own = Array(ranges[runs[index].slice])
            index += 1
            while index < runs.count, runs[index].tsid == tsid {
                own += ranges[runs[index].slice]
                index += 1
            }
            entries.append(GTIDSet.Entry(tsid: tsid, ranges: GTIDRanges(merging: own)))
        }
        return GTIDSet(entries: entries)
    }
}
