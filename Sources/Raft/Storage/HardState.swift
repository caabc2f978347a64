/// What a member must not forget: the highest term it has seen and its vote in it.
///
/// A vote that is sent before it is durable can be cast twice in one term by a crash in between, and elect two leaders.
public struct HardState: Hashable, Sendable {
    public var term: Term
    public var vote: MemberID?

    public init(term: Term = 0, vote: MemberID? = nil) {
        self.term = term
        self.vote = vote
    }
}
