/// Who votes, who listens, and, while membership changes, who voted before.
///
/// A member follows the latest configuration in its log *from the moment it is appended*, committed or not, and returns to the one before
/// if it is cut off. That is Raft's own rule, and the one that fits a log whose segment entries fold everything before them, uncommitted
/// entries included. It is safe because two configurations that can be in use at once always share a voter in every pair of quorums:
/// neighbours differ by one voter, or the later one is joint and needs a majority of both; and a leader adds a configuration only after
/// the one before it and an entry of its own term are committed, so that no third one is in use anywhere. (Waiting until the entry is
/// applied, the other known rule, needs a veto on campaigns with an unapplied change instead.)
public struct Configuration: Hashable, Sendable {
    public var voters: Majority
    /// The voters before the change that is under way; empty outside of one.
    public var outgoing: Majority
    /// Receive the log, count in no quorum. Ascending.
    public var learners: [MemberID]
    /// Voters of `outgoing` that stay as learners when the change is done. Ascending.
    public var learnersNext: [MemberID]

    public init(
        voters: some Sequence<MemberID> = [], outgoing: some Sequence<MemberID> = [], learners: some Sequence<MemberID> = [],
        learnersNext: some Sequence<MemberID> = []
    ) {
        self.voters = Majority(voters)
        self.outgoing = Majority(outgoing)
        self.learners = Majority(learners).members
        self.learnersNext = Majority(learnersNext).members
    }

    public var isJoint: Bool { !outgoing.isEmpty }

    public func isVoter(_ member: MemberID) -> Bool { voters.contains(member) || outgoing.contains(member) }

    /// Everyone who receives the log. Ascending.
    public var members: [MemberID] { Majority(voters.members + outgoing.members + learners).members }

    /// Has voters, and nobody both votes and only listens.
    public var isValid: Bool {
        !voters.isEmpty && !learners.contains(where: isVoter)
            && learnersNext.allSatisfy { outgoing.contains($0) && !voters.contains($0) }
    }

    /// The highest index that every quorum's majority has reached.
    public func committedIndex(_ reached: (MemberID) -> LogIndex?) -> LogIndex {
        min(voters.committedIndex(reached), outgoing.committedIndex(reached))
    }

    /// Both majorities must grant; either can refuse.
    public func voteResult(_ ballot: (MemberID) -> Bool?) -> VoteResult {
        switch (voters.voteResult(ballot), outgoing.voteResult(ballot)) {
        case (.won, .won): .won
        case (.lost, _), (_, .lost): .lost
        default: .pending
        }
    }

    /// Whether a leader may put `next` into the log after this one.
    public func mayBeFollowed(by next: Configuration) -> Bool {
        guard next.isValid else { return false }
        if isJoint { return next == leavingJoint() }
        if next.isJoint { return next.outgoing == voters }
        return voters.countOfDifferences(from: next.voters) <= 1
    }

    /// The configuration after the change that is under way.
    public func leavingJoint() -> Configuration {
        Configuration(voters: voters.members, learners: learners + learnersNext)
    }
}

extension Majority {
    func countOfDifferences(from other: Majority) -> Int {
        members.count { !other.contains($0) } + other.members.count { !contains($0) }
    }
}
