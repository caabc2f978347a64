import Common
import HTTPTypes

/// What an operator may do to the membership, and what is refused and why: pure functions of what is known.
enum MemberChange {
    /// - Parameters:
    ///   - hello: what the node at the address answered.
    ///   - peer: that address.
    /// - Returns: nil where the node is a member already.
    static func adding(
        _ name: String, _ hello: PeerHello, at peer: String, to membership: Membership
    ) throws(AdminError) -> Membership? {
        guard hello.name == name else {
            throw AdminError(
                .conflict, code: "other_name", message: "the node at \(peer) calls itself '\(hello.name)', not '\(name)'",
                hint: "Add it as \(hello.name), or start it with --name \(name).")
        }
        if let member = membership.members.first(where: { $0.name == name }) {
            if member.incarnation == hello.incarnation { return nil }
            throw AdminError(
                .conflict, code: "name_taken", message: "'\(name)' is a member already, with another data directory",
                hint: "Remove it first: kingbus-ctl members remove \(name). Then add it again.")
        }
        guard hello.clusterID == nil else {
            throw AdminError(
                .conflict, code: "not_empty", message: "'\(name)' at \(peer) belongs to a cluster already",
                hint: "Stop it, empty its data directory, and start it again.")
        }
        var next = membership
        next.members.append(
            Member(
                name: name, incarnation: hello.incarnation, role: .learner, peerAddress: peer, mysqlAddress: hello.mysql,
                adminAddress: hello.admin))
        return next
    }

    /// - Parameter isReachable: whether the leader hears from a member; of itself that is true.
    static func removing(
        _ name: String, from membership: Membership, isReachable: (Member) -> Bool
    ) throws(AdminError) -> Membership {
        let member = try find(name, in: membership)
        var next = membership
        next.members.removeAll { $0.name == name }
        guard member.role == .voter else { return next }
        let voters = next.members.filter { $0.role == .voter }
        guard !voters.isEmpty else {
            throw AdminError(
                .conflict, code: "last_voter", message: "'\(name)' is the last voter: without it there is no cluster",
                hint: "Add another member first, and wait until it votes.")
        }
        let missing = voters.filter { !isReachable($0) }
        guard !isReachable(member) || 2 * (voters.count - missing.count) > voters.count else {
            let names = missing.map(\.name).joined(separator: ", ")
            throw AdminError(
                .conflict, code: "no_majority",
                message: "without '\(name)' no majority of the voters that are left would be reachable: \(names) cannot be reached",
                hint: "Start \(names), or remove those first.")
        }
        return next
    }

    /// - Parameter hasCaughtUp: whether a member's log holds all that is committed.
    /// - Returns: nil where it votes already.
    static func promoting(
        _ name: String, in membership: Membership, hasCaughtUp: (Member) -> Bool
    ) throws(AdminError) -> Membership? {
        let member = try find(name, in: membership)
        if member.role == .voter { return nil }
        guard hasCaughtUp(member) else {
            throw AdminError(
                .conflict, code: "not_caught_up", message: "'\(name)' does not hold all that is committed yet",
                hint: "It votes by itself as soon as it does; kingbus-ctl members list shows how far it is.")
        }
        var next = membership
        next.setRole(.voter, of: member)
        return next
    }

    /// Who is to lead next.
    ///
    /// - Parameters:
    ///   - name: nil where any voter will do.
    ///   - leader: who leads now; it may be named.
    /// - Returns: nil where any voter will do.
    static func successor(
        _ name: String?, in membership: Membership, leader: String, isReachable: (Member) -> Bool
    ) throws(AdminError) -> Member? {
        guard let name else {
            guard membership.members.contains(where: { $0.role == .voter && $0.name != leader }) else { throw noSuccessor }
            return nil
        }
        let member = try find(name, in: membership)
        guard member.role == .voter else {
            throw AdminError(
                .conflict, code: "not_a_voter", message: "'\(name)' does not vote, so it cannot lead",
                hint: "It votes by itself once it has caught up.")
        }
        guard name == leader || isReachable(member) else {
            throw AdminError(
                .conflict, code: "member_unreachable", message: "'\(name)' is not reachable, so it cannot lead",
                hint: "Check that kingbus-node runs there.")
        }
        return member
    }

    static let noSuccessor = AdminError(
        .conflict, code: "not_a_voter", message: "there is no other voter that could lead", hint: "Add a node: kingbus-ctl members add.")

    private static func find(_ name: String, in membership: Membership) throws(AdminError) -> Member {
        if let member = membership.members.first(where: { $0.name == name }) { return member }
        throw AdminError(
            .notFound, code: "unknown_member", message: "the cluster has no member '\(name)'",
            hint: "Its members are \(membership.members.map(\.name).joined(separator: ", ")).")
    }
}
