/// What a node must never forget, kept beside the log: written before any answer that follows from it.
public struct HardState: Hashable, Sendable {
    public var term: UInt64
    /// Id of the member that got this node's vote in the term; 0 for none.
    public var vote: UInt64
    /// Every entry up to this index is durable on this node. The log sets it.
    public var durable: UInt64
    /// Highest index that this node knew committed.
    public var commit: UInt64

    public init(term: UInt64 = 0, vote: UInt64 = 0, durable: UInt64 = 0, commit: UInt64 = 0) {
        self.term = term
        self.vote = vote
        self.durable = durable
        self.commit = commit
    }

    /// Whether `other` says the same about elections.
    func hasSameVote(as other: HardState) -> Bool { term == other.term && vote == other.vote }
}
