/// What the ballots so far say.
public enum VoteResult: Hashable, Sendable {
    case pending, lost, won
}

/// A set of voters that decides by majority.
///
/// The empty set agrees to everything: that makes it neutral as the second half of a joint configuration. It never stands alone
/// (`Configuration.isValid`).
public struct Majority: Hashable, Sendable {
    /// Ascending, without duplicates.
    public let members: [MemberID]

    public init(_ members: some Sequence<MemberID>) {
        var sorted = members.sorted()
        var kept = 0
        for member in sorted where kept == 0 || sorted[kept - 1] != member {
            sorted[kept] = member
            kept += 1
        }
        sorted.removeLast(sorted.count - kept)
        self.members = sorted
    }

    public var isEmpty: Bool { members.isEmpty }
    public var quorum: Int { members.count / 2 + 1 }

    public func contains(_ member: MemberID) -> Bool { members.contains(member) }

    /// The highest index that a majority has reached; the maximum of `LogIndex` for the empty set.
    ///
    /// - Parameter reached: how far a member is; nil if nothing is known.
    public func committedIndex(_ reached: (MemberID) -> LogIndex?) -> LogIndex {
        guard !isEmpty else { return .max }
        // Quadratic in a handful of members, and free of allocation: this runs with every acknowledgement.
        var best: LogIndex = 0
        for member in members {
            guard let candidate = reached(member), candidate > best else { continue }
            var count = 0
            for other in members { if let index = reached(other), index >= candidate { count += 1 } }
            if count >= quorum { best = candidate }
        }
        return best
    }

    /// - Parameter ballot: how a member voted; nil if it has not answered.
    public func voteResult(_ ballot: (MemberID) -> Bool?) -> VoteResult {
        guard !isEmpty else { return .won }
        var granted = 0
        var unanswered = 0
        for member in members {
            switch ballot(member) {
            case true?: granted += 1
            case nil: unanswered += 1
            case false?: break
            }
        }
        if granted >= quorum { return .won }
        return granted + unanswered >= quorum ? .pending : .lost
    }
}
