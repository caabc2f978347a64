import Common
import NIOCore
import Raft

/// The cluster as one node sees it: what it knows of itself, and what the others told it.
struct ClusterView: Sendable {
    /// What this node would tell the others now.
    var own: ClusterReport
    var membership: Membership
    /// Nil where none is known.
    var leader: String?
    var heard: [MemberID: ClusterReports.Heard]
    /// Members that refuse this node's connections, and why.
    var refusals: [(name: String, code: String, message: String)]
    var now: NIODeadline

    // MARK: - Members

    var members: [MemberStatus] {
        let matches = leaderReport?.matches ?? [:]
        return membership.members.map { member in
            let report = report(of: member)
            return MemberStatus(
                name: member.name, role: role(of: member), reachable: isReachable(member), matchIndex: matches[member.name],
                appliedIndex: report?.appliedIndex, peer: report?.peer ?? member.peerAddress, mysql: report?.mysql ?? member.mysqlAddress,
                admin: report?.admin ?? member.adminAddress, diskFreeBytes: report?.diskFreeBytes)
        }
    }

    func isReachable(_ member: Member) -> Bool { isSelf(member) || heard[memberID(member)]?.isFresh(now) ?? false }

    private func isSelf(_ member: Member) -> Bool { member.name == own.name && member.incarnation == own.incarnation }

    /// Old ones too: where a node is, and how far it was, is still worth knowing.
    private func report(of member: Member) -> ClusterReport? { isSelf(member) ? own : heard[memberID(member)]?.report }

    private func role(of member: Member) -> MemberStatus.Role {
        if member.name == leader { return .leader }
        if member.role == .learner { return .learner }
        let isCandidate = isReachable(member) && report(of: member)?.role == .candidate
        return isCandidate ? .candidate : .follower
    }

    // MARK: - What the leader knows

    /// Nil where there is no leader, or it has not told yet that it is one.
    private var leaderReport: ClusterReport? {
        guard let leader, let member = membership.members.first(where: { $0.name == leader }), isReachable(member),
            let report = report(of: member), report.role == .leader
        else { return nil }
        return report
    }

    /// How the leader's pull from the upstream is doing.
    var upstream: UpstreamStatusAnswer {
        if let leaderReport { return leaderReport.upstream }
        return UpstreamStatusAnswer(
            state: leader == nil ? .stopped : .connecting, host: nil, port: nil,
            reason: leader.map { "nothing was heard from the leader \($0) yet" } ?? "there is no leader", semiSync: false,
            missingGTIDSet: "", errantGTIDSet: "", lagBytes: nil, lagSeconds: nil)
    }

    /// Those of all nodes, in the order of the members.
    var replicas: [ReplicaStatus] {
        membership.members.filter(isReachable).flatMap { report(of: $0)?.replicas ?? [] }
    }

    // MARK: - Who should lead

    /// The voter with the highest priority, if that is higher than this node's own: it should lead in this leader's place.
    var preferredLeader: Member? {
        let better = membership.members.filter { member in
            guard member.role == .voter, !isSelf(member), isReachable(member) else { return false }
            return (report(of: member)?.priority ?? 0) > own.priority
        }
        return better.max { (report(of: $0)?.priority ?? 0) < (report(of: $1)?.priority ?? 0) }
    }

    // MARK: - Alerts

    var alerts: [AlertAnswer] { leaderAlerts + membership.members.flatMap(alerts(of:)) + refusalAlerts }

    private var leaderAlerts: [AlertAnswer] {
        guard leader == nil else { return [] }
        let voters = membership.members.filter { $0.role != .learner }
        let missing = voters.filter { !isReachable($0) }
        let hint =
            2 * (voters.count - missing.count) > voters.count
            ? "A leader is elected by itself within seconds."
            : "A majority of the \(voters.count) voters must be up: start \(missing.map(\.name).joined(separator: ", "))."
        return [AlertAnswer(code: "no_leader", message: "there is no leader", hint: hint)]
    }

    private func alerts(of member: Member) -> [AlertAnswer] {
        if isSelf(member) { return own.alerts }
        guard isReachable(member) else {
            let silence = heard[memberID(member)].map { " for \((now - $0.at).nanoseconds / 1_000_000_000) s" } ?? " yet"
            return [
                AlertAnswer(
                    code: "member_unreachable", message: "member \(member.name) is not reachable: nothing was heard from it\(silence)",
                    hint: "Check that kingbus-node runs there, and that \(member.peerAddress) can be reached from \(own.name).")
            ]
        }
        let alerts = report(of: member)?.alerts ?? []
        return alerts.map { AlertAnswer(code: $0.code, message: "\(member.name): \($0.message)", hint: $0.hint) }
    }

    private var refusalAlerts: [AlertAnswer] {
        // The message of a refusal says what to do, as far as it is known.
        refusals.map {
            AlertAnswer(code: "member_refused", message: "member \($0.name) refuses this node: \($0.message)", hint: "")
        }
    }
}
