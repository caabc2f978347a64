/// A member of the cluster: a name that people use, and the incarnation of its data directory.
///
/// A data directory that was lost comes back under another incarnation, because it forgot its vote and its log.
public struct Member: Hashable, Sendable {
    public enum Role: UInt8, Hashable, Sendable {
        case voter = 1
        case learner = 2
        /// Votes in the set of voters that a change leads to, and not in the one before it.
        case incomingVoter = 3
        /// Votes in the set before the change, and is no member any more once it is done.
        case outgoingVoter = 4
        /// Votes in the set before the change, and is a learner once it is done.
        case outgoingLearner = 5
    }

    public var name: String
    /// Random, made with the member's data directory; never 0.
    public var incarnation: UInt64
    public var role: Role
    /// Addresses as `host:port`, as other nodes and users reach them.
    public var peerAddress: String
    public var mysqlAddress: String
    public var adminAddress: String

    public init(name: String, incarnation: UInt64, role: Role, peerAddress: String, mysqlAddress: String, adminAddress: String) {
        self.name = name
        self.incarnation = incarnation
        self.role = role
        self.peerAddress = peerAddress
        self.mysqlAddress = mysqlAddress
        self.adminAddress = adminAddress
    }

    /// The same data directory under the same name.
    public func isSame(as other: Member) -> Bool { name == other.name && incarnation == other.incarnation }
}

/// The members of the cluster, in the order in which they joined.
///
/// A change of more than one voter takes two entries: the first is joint, a majority of the voters before it and one of those behind it
/// must agree to all that happens; the second ends it.
public struct Membership: Hashable, Sendable {
    public var members: [Member]

    public init(members: [Member] = []) {
        self.members = members
    }

    /// A change of several voters is under way.
    public var isJoint: Bool {
        members.contains { $0.role == .incomingVoter || $0.role == .outgoingVoter || $0.role == .outgoingLearner }
    }

    /// The first of the two steps to `next`; ``leavingJoint()`` of it is the second. Neither may be joint.
    public func enteringJoint(to next: Membership) -> Membership {
        precondition(!isJoint && !next.isJoint, "a change is entered from a state of rest, and leads to one")
        var joint: [Member] = []
        for member in members {
            let later = next.members.first { $0.isSame(as: member) }
            var step = later ?? member
            switch (member.role, later?.role) {
            case (.voter, .voter?), (.learner, .learner?): break
            case (.voter, nil): step.role = .outgoingVoter
            case (.voter, _?): step.role = .outgoingLearner
            case (_, nil): continue
            case (_, _?): step.role = .incomingVoter
            }
            joint.append(step)
        }
        for member in next.members where !members.contains(where: { $0.isSame(as: member) }) {
            var step = member
            if member.role == .voter { step.role = .incomingVoter }
            joint.append(step)
        }
        return Membership(members: joint)
    }

    /// The members once the change that is under way is done.
    public func leavingJoint() -> Membership {
        Membership(
            members: members.compactMap { member in
                var member = member
                switch member.role {
                case .outgoingVoter: return nil
                case .incomingVoter: member.role = .voter
                case .outgoingLearner: member.role = .learner
                case .voter, .learner: break
                }
                return member
            })
    }
}
