/// One step of an operator's or the leader's wish.
public enum ConfigurationChange: Hashable, Sendable {
    case addVoter(MemberID)
    case addLearner(MemberID)
    case remove(MemberID)
}

/// Why a change cannot be made.
public enum ConfigurationChangeError: Error, Hashable, Sendable {
    /// Another change is under way.
    case isJoint
    /// There is no change to leave.
    case isNotJoint
    /// Nobody is left, or was there, to vote.
    case noVoters
    /// More than one voter differs: two such majorities need not meet, so that each could elect its own leader.
    case needsJoint
}

extension Configuration {
    /// Changes at most one voter, and any number of learners, in one step.
    public func changing(_ changes: [ConfigurationChange]) throws(ConfigurationChangeError) -> Configuration {
        guard !isJoint else { throw .isJoint }
        var next = self
        for change in changes { next.apply(change) }
        guard !next.voters.isEmpty else { throw .noVoters }
        guard voters.countOfDifferences(from: next.voters) <= 1 else { throw .needsJoint }
        return next
    }

    /// The first of two steps to any other set of voters; `leavingJoint()` is the second.
    public func enteringJoint(_ changes: [ConfigurationChange]) throws(ConfigurationChangeError) -> Configuration {
        guard !isJoint else { throw .isJoint }
        guard !voters.isEmpty else { throw .noVoters }
        var next = self
        next.outgoing = voters
        for change in changes { next.apply(change) }
        guard !next.voters.isEmpty else { throw .noVoters }
        return next
    }

    private mutating func apply(_ change: ConfigurationChange) {
        switch change {
        case .addVoter(let member):
            erase(member)
            voters = Majority(voters.members + [member])
        case .addLearner(let member):
            erase(member)
            // Who still votes in the outgoing half must not also be counted as a mere listener.
            if outgoing.contains(member) {
                learnersNext = Majority(learnersNext + [member]).members
            } else {
                learners = Majority(learners + [member]).members
            }
        case .remove(let member):
            erase(member)
        }
    }

    private mutating func erase(_ member: MemberID) {
        voters = Majority(voters.members.filter { $0 != member })
        learners.removeAll { $0 == member }
        learnersNext.removeAll { $0 == member }
    }
}
