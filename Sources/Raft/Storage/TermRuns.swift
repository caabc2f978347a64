/// Which term wrote which entry, as runs: terms change with elections, not with entries, so that a log of millions has a table of a few.
///
///     let runs = [TermRuns.Run(first: 41, term: 2), TermRuns.Run(first: 50, term: 3)]
///     let log = TermRuns(previous: LogPosition(index: 40, term: 2), runs: runs, lastIndex: 60)
///     log.term(at: 49)   // 2
///     log.term(at: 40)   // 2: the entry before the first is remembered, for the check of an append that begins at the first
///     log.term(at: 39)   // nil: purged
///
/// A malformed table comes from a bug of ours and traps.
public struct TermRuns: Hashable, Sendable {
    /// Entries of one term that stand together, from `first` to the next run's first.
    public struct Run: Hashable, Sendable {
        public var first: LogIndex
        public var term: Term

        public init(first: LogIndex, term: Term) {
            self.first = first
            self.term = term
        }
    }

    /// The entry before the first one held.
    public private(set) var previous: LogPosition
    /// Ascending by index and by term.
    public private(set) var runs: [Run]
    public private(set) var lastIndex: LogIndex

    /// - Parameters:
    ///   - previous: the entry before the first one held; `.origin` for a log from its beginning.
    ///   - runs: empty if and only if the log holds no entry; otherwise the first begins at `previous.index + 1`.
    ///   - lastIndex: the last entry held.
    public init(previous: LogPosition = .origin, runs: [Run] = [], lastIndex: LogIndex? = nil) {
        let lastIndex = lastIndex ?? previous.index
        precondition(
            runs.isEmpty ? lastIndex == previous.index : runs[0].first == previous.index + 1 && lastIndex >= runs[runs.count - 1].first)
        var before = LogPosition(index: previous.index, term: previous.term)
        for run in runs {
            precondition(run.first > before.index && run.term >= before.term && run.term > 0, "term runs are out of order")
            before = LogPosition(index: run.first, term: run.term)
        }
        self.previous = previous
        self.runs = runs
        self.lastIndex = lastIndex
    }

    public var firstIndex: LogIndex { previous.index + 1 }

    public var last: LogPosition { LogPosition(index: lastIndex, term: runs.last?.term ?? previous.term) }

    /// The term of the entry at `index`; nil if it is purged or not yet there.
    public func term(at index: LogIndex) -> Term? {
        guard index >= previous.index, index <= lastIndex else { return nil }
        guard index > previous.index else { return previous.term }
        return runs[runIndex(of: index)].term
    }

    /// - Precondition: the index is held.
    private func runIndex(of index: LogIndex) -> Int {
        if runs[runs.count - 1].first <= index { return runs.count - 1 }
        var low = 0
        var high = runs.count - 1
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if runs[middle].first <= index { low = middle } else { high = middle }
        }
        return low
    }

    /// Adds `count` entries of `term` at the end.
    public mutating func append(term: Term, count: Int) {
        guard count > 0 else { return }
        precondition(term >= last.term && term > 0, "terms never fall along a log")
        if runs.last?.term != term { runs.append(Run(first: lastIndex + 1, term: term)) }
        lastIndex += LogIndex(count)
    }

    /// Removes the entries from `index` on.
    public mutating func truncate(from index: LogIndex) {
        precondition(index > previous.index, "a purged entry was committed and cannot be cut off")
        guard index <= lastIndex else { return }
        while let run = runs.last, run.first >= index { runs.removeLast() }
        lastIndex = index - 1
    }

    /// Forgets the entries up to and including `index`, which were purged.
    public mutating func trim(through index: LogIndex) {
        guard index > previous.index else { return }
        guard let term = term(at: index) else { preconditionFailure("purge beyond the end of the log") }
        previous = LogPosition(index: index, term: term)
        guard index < lastIndex else {
            runs.removeAll()
            return
        }
        let kept = runIndex(of: index + 1)
        runs.removeFirst(kept)
        runs[0].first = max(runs[0].first, index + 1)
    }

    /// The last index up to `limit` whose term is at most `term`: where a log that ends its `term` there may still agree with this one.
    ///
    /// With it a rejected append skips a whole term a round trip, where stepping back entry by entry would take one for each.
    func lastIndex(upTo limit: LogIndex, withTermAtMost term: Term) -> LogIndex {
        let limit = min(limit, lastIndex)
        guard limit > previous.index else { return limit }
        var position = runIndex(of: limit)
        var end = limit
        while runs[position].term > term {
            end = runs[position].first - 1
            if position == 0 { break }
            position -= 1
        }
        return end
    }
}
