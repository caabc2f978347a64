/// Tells when a peer keeps up with a log that grows meanwhile (Raft thesis, 4.2.1).
///
/// A round ends when the peer holds what the log held when the round began. Where a round took no longer than an election timeout, so will
/// the wait for the peer be when it votes; a peer that is only asked whether it holds everything may be one entry short each time.
struct CatchUpRounds: Hashable, Sendable {
    /// The log's end when the round began.
    private var end: LogIndex = 0
    private var ticks = 0
    private var lastTicks: Int?

    mutating func tick() { ticks += 1 }

    /// The peer holds the log up to `index`, and the log ends at `lastIndex`.
    mutating func reached(_ index: LogIndex, lastIndex: LogIndex) {
        guard index >= end else { return }
        // The first round has no beginning: what the log held then is not known.
        if end > 0 { lastTicks = ticks }
        end = max(lastIndex, 1)
        ticks = 0
    }

    /// Whether the last round, and the one that is not over yet, took no longer than `limit` ticks.
    func isQuick(within limit: Int) -> Bool { ticks <= limit && lastTicks.map { $0 <= limit } ?? false }
}
