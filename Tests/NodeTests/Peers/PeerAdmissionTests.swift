import Common
import Testing

@testable import kingbus_node

/// Who is let in.
@Suite struct PeerAdmissionTests {
    private static let cluster = SourceID(high: 1, low: 2)
    private static let other = SourceID(high: 3, low: 4)

    struct Row: Sendable {
        var what: String
        var local: SourceID?
        var hello: SourceID?
        var name = "n2"
        var incarnation: UInt64 = 2
        var expected: PeerIdentity?
        var version = PeerHello.currentVersion
        /// "member", "probe", "founding", or a refusal's code.
        var verdict: String
        var message = ""
    }

    private static let mine = PeerIdentity(name: "n1", incarnation: 1)
    private static let notMine = PeerIdentity(name: "n1", incarnation: 9)
    private static let wayBack =
        "it has forgotten its vote and its log. To bring the node back: kingbus-ctl members remove n2, "
        + "then kingbus-ctl members add n2 n2:7707, while the node runs"

    static let rows = [
        Row(what: "another version", local: cluster, hello: cluster, version: 9, verdict: "version", message: "version 9"),
        Row(what: "another version, empty", version: 2, verdict: "version"),
        Row(what: "a member", local: cluster, hello: cluster, verdict: "member"),
        Row(what: "a member that expects this one", local: cluster, hello: cluster, expected: mine, verdict: "member"),
        Row(what: "one that is not known here yet", local: cluster, hello: cluster, name: "n7", verdict: "member"),
        Row(
            what: "a member that expects another", local: cluster, hello: cluster, expected: notMine, verdict: "other_member",
            message: "n2 expects n1 with data directory 9 here, and this is n1 with data directory 1"),
        Row(what: "another cluster", local: cluster, hello: other, verdict: "other_cluster", message: "\(other)"),
        Row(what: "an empty node that is a member", local: cluster, verdict: "wait", message: "the leader will send"),
        Row(
            what: "an empty node under a member's name", local: cluster, incarnation: 5, verdict: "cluster_exists",
            message: "n2 is a member of this cluster with another data directory; this one is empty: " + wayBack),
        Row(
            what: "an empty node", local: cluster, name: "n5", verdict: "cluster_exists",
            message: "this cluster exists already; add the node by kingbus-ctl members add n5 n5:7707"),
        Row(what: "both are empty", verdict: "probe"),
        Row(what: "both are empty, and another is expected", expected: notMine, verdict: "probe"),
        Row(what: "a cluster founds this node", hello: cluster, expected: mine, verdict: "founding"),
        Row(
            what: "a cluster finds this node emptied", hello: cluster, expected: notMine, verdict: "other_member",
            message: "To bring the node back: kingbus-ctl members remove n1, then kingbus-ctl members add n1 n1:7707"),
        Row(what: "a cluster expects nobody here", hello: cluster, verdict: "probe"),
    ]

    @Test(arguments: rows) func `a node is judged by what it says`(_ row: Row) {
        let local = Peers.Local(
            name: "n1", incarnation: 1, clusterID: row.local, initialCluster: "", peer: "n1:7707", mysql: "", admin: "", segmentSize: 1)
        let member = { (name: String, incarnation: UInt64) in
            Common.Member(
                name: name, incarnation: incarnation, role: .voter, peerAddress: "\(name):7707", mysqlAddress: "", adminAddress: "")
        }
        let hello = PeerHello(
            version: row.version, clusterID: row.hello, name: row.name, incarnation: row.incarnation, expected: row.expected,
            initialCluster: "", peer: "\(row.name):7707", mysql: "", admin: "", segmentSize: 1)
        let verdict = PeerAdmission(local: local, members: [member("n1", 1), member("n2", 2)]).judge(hello)
        switch verdict {
        case .member: #expect(row.verdict == "member")
        case .probe: #expect(row.verdict == "probe")
        case .founding: #expect(row.verdict == "founding")
        case .refused(let refusal):
            #expect(row.verdict == refusal.code.rawValue)
            #expect(refusal.message.contains(row.message))
        }
    }

    @Test func `a hello and an answer survive their encoding`() throws {
        for expected in [nil, Self.mine] {
            for cluster in [nil, Self.cluster] {
                let hello = PeerHello(
                    clusterID: cluster, name: "n1", incarnation: .max, expected: expected, initialCluster: "n1=a:1", peer: "a:1",
                    mysql: "a:2", admin: "a:3", segmentSize: 1 << 30)
                for refusal in [nil, PeerError(.wait, "not yet")] {
                    let answer = PeerAnswer(refusal: refusal, hello: hello)
                    #expect(try PeerAnswer(decoding: answer.encoded().span.bytes) == answer)
                }
            }
        }
    }
}
