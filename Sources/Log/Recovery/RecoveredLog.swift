import Common

/// What the data directory held when the log was opened.
public struct RecoveredLog: Sendable {
    public var identity: MemberIdentity
    public var hardState: HardState
    /// The state behind the last entry, uncommitted entries included; nil for an empty log.
    public var state: LogState?
    /// The state behind an entry that is committed: no uncommitted transaction is in its executed set, so that it may be shown.
    ///
    /// It is the state at ``commitIndex`` where that lies in the last segment; otherwise the one behind the newest committed segment
    /// entry, and the entries from there to the commit index must be folded in. Its `index` says which. Nil where nothing is known to be
    /// committed.
    public var committedState: LogState?
    /// Index of the segment entry that the log begins with; 1 for an empty log.
    public var firstIndex: UInt64
    /// Index of the last entry, which is durable as all before it; 0 for an empty log.
    public var lastIndex: UInt64
    /// Terms of all entries, ascending, and of the entry before the first if the log does not begin with entry 1.
    public var termRuns: [TermRun]
    /// The highest commit index that a valid record or the hard state names, at most ``lastIndex``.
    public var commitIndex: UInt64
    /// What was cut off the log's end because a crash had left it incomplete, for the node's own log; nil for nothing.
    public var cutOff: String?
}
