import NIOCore

/// When a leader next looks for one that should lead instead.
struct LeaderPreference: Sendable {
    /// What made another lead, a stalled disk perhaps, is over by then; and where the other could not be elected, proposals are not refused
    /// again at once.
    private static let patience = TimeAmount.seconds(10)

    private var term: UInt64 = 0
    private var next = NIODeadline.distantFuture

    /// Whether it is time; each answer of yes begins a new wait.
    mutating func isDue(inTerm current: UInt64, at now: NIODeadline) -> Bool {
        if current == term, now < next { return false }
        defer { next = now + Self.patience }
        if current == term { return true }
        term = current
        return false
    }
}
