import Common
import NIOCore
import Raft

@testable import kingbus_node

/// A cluster of three as n1 sees it.
enum ClusterFixture {
    static let now = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    static func member(_ name: String, incarnation: UInt64 = 0, role: Common.Member.Role = .voter) -> Common.Member {
        Common.Member(
            name: name, incarnation: incarnation == 0 ? UInt64(name.utf8.last ?? 0) : incarnation, role: role, peerAddress: "\(name):7707",
            mysqlAddress: "\(name):3307", adminAddress: "\(name):8707")
    }

    static let membership = Membership(members: [member("n1"), member("n2"), member("n3")])

    static func report(
        _ name: String, role: MemberStatus.Role = .follower, matches: [String: UInt64] = [:], replicas: Int = 0, alerts: [AlertAnswer] = [],
        priority: Int = 50
    ) -> ClusterReport {
        ClusterReport(
            name: name, incarnation: member(name).incarnation, version: "1.0", term: 4, role: role, priority: priority, appliedIndex: 40,
            commitIndex: 41,
            diskFreeBytes: 5, addresses: ("\(name):1", "\(name):2", "\(name):3"), matches: matches,
            upstream: UpstreamStatusAnswer(
                state: role == .leader ? .running : .stopped, host: role == .leader ? "db1" : nil, port: 3306, reason: nil, semiSync: false,
                missingGTIDSet: "", errantGTIDSet: "", lagBytes: nil, lagSeconds: nil), alerts: alerts,
            replicas: (0..<replicas).map {
                ReplicaStatus(
                    id: UInt64($0), node: name, user: "repl", address: "127.0.0.1:5000", serverID: 2, serverUUID: nil, state: .waiting,
                    sentGTID: nil, lagTransactions: 0, lagSeconds: 0)
            })
    }

    static func view(
        own: ClusterReport, leader: String?, heard: [(report: ClusterReport, ago: TimeAmount)],
        refusals: [(name: String, code: String, message: String)] = [], membership: Membership = membership
    ) -> ClusterView {
        var reports: [MemberID: ClusterReports.Heard] = [:]
        for (report, ago) in heard {
            reports[MemberID(name: report.name, incarnation: report.incarnation)] = ClusterReports.Heard(report: report, at: now - ago)
        }
        return ClusterView(own: own, membership: membership, leader: leader, heard: reports, refusals: refusals, now: now)
    }
}
