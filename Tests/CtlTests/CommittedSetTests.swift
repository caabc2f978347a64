import ClusterAPI
import Common
import Testing

@testable import kingbus_ctl

@Suite struct CommittedSetTests {
    private static let source = "00000000-0000-0001-0000-000000000002"

    /// A node as its answers show it.
    private struct Node {
        var name: String
        var leader: String?
        var term = 3
        var commit = 9
        var applied = 9
        var executed = "\(CommittedSetTests.source):1-5"
        /// The term of the entry that it committed last.
        var entryTerm = 3
        var cluster = "c"
        /// Where it answers, if not at its name.
        var address: String?
        var isReachable = true
    }

    private static func ask(_ nodes: [Node], named: [String] = ["n1"], voters: [String] = ["n1", "n2", "n3"]) async throws(ClusterError)
        -> CommittedSet
    {
        let members = voters.map { #"{"name":"\#($0)","role":"follower","reachable":true,"admin":"\#($0)"}"# }.joined(separator: ",")
        return try await CommittedSet.ask(named.map { "http://\($0)" }, patience: .milliseconds(150)) {
            path, endpoint async throws(ClusterError) in
            guard let node = nodes.first(where: { "http://\($0.address ?? $0.name)" == endpoint && $0.isReachable }) else {
                throw ClusterError(.unreachable, endpoint)
            }
            guard path == "/v1/status" else {
                guard path == "/v1/entries/\(node.commit)" else { throw ClusterError(.failure, path) }
                return AdminClient.Answer(endpoint: endpoint, body: Array(#"{"term":\#(node.entryTerm)}"#.utf8))
            }
            let leader = node.leader.map { "\"\($0)\"" } ?? "null"
            let text = #"""
                {"version":"","cluster_id":"\#(node.cluster)","node":"\#(node.name)","leader":\#(leader),"term":\#(node.term),
                 "commit_index":\#(node.commit),"applied_index":\#(node.applied),"executed_gtid_set":"\#(node.executed)",
                 "alerts":[],"members":[\#(members)],"replicas":[]}
                """#
            return AdminClient.Answer(endpoint: endpoint, body: Array(text.utf8))
        }
    }

    private static let healthy = [
        Node(name: "n1", leader: "n2", executed: "\(source):1-2"), Node(name: "n2", leader: "n2"), Node(name: "n3", leader: "n2"),
    ]

    @Test func `the leader's set counts, whichever node is named`() async throws {
        let found = try await Self.ask(Self.healthy)
        #expect(found.gtidSet.description == "\(Self.source):1-5" && found.leader == "n2" && found.term == 3 && found.index == 9)
    }

    @Test func `one of three may be away`() async throws {
        var nodes = Self.healthy
        nodes[2].isReachable = false
        #expect(try await Self.ask(nodes).leader == "n2")
    }

    @Test func `a leader without a majority is not believed`() async {
        var nodes = Self.healthy
        nodes[0].isReachable = false
        nodes[2].isReachable = false
        await #expect { try await Self.ask(nodes, named: ["n2"]) } throws: { ($0 as? ClusterError)?.code == .unreachable }
    }

    @Test func `one that others have left for a later term is not believed`() async {
        var nodes = Self.healthy
        nodes[0].term = 4
        nodes[0].leader = nil
        nodes[2].term = 4
        nodes[2].leader = nil
        await #expect { try await Self.ask(nodes) } throws: { ($0 as? ClusterError)?.code == .unreachable }
    }

    @Test func `a new leader must have committed in its own term, and be done with it`() async {
        for change in [{ (node: inout Node) in node.entryTerm = 2 }, { $0.applied = 8 }] {
            var nodes = Self.healthy
            change(&nodes[1])
            await #expect { try await Self.ask(nodes) } throws: { ($0 as? ClusterError)?.code == .timedOut }
        }
    }

    @Test func `nodes of two clusters are refused`() async {
        var nodes = Self.healthy
        nodes[2].cluster = "d"
        await #expect { try await Self.ask(nodes, named: ["n1", "n3"]) } throws: { ($0 as? ClusterError)?.code == .usage }
    }

    @Test func `nodes of two clusters are refused though they have one name`() async {
        for term in [2, 4] {
            let nodes = Self.healthy + [Node(name: "n1", leader: "n1", term: term, cluster: "d", address: "other")]
            await #expect { try await Self.ask(nodes, named: ["n1", "other"]) } throws: { ($0 as? ClusterError)?.code == .usage }
        }
    }

    @Test func `a member's address where a node of another cluster answers takes no answer away`() async throws {
        var nodes = Self.healthy
        nodes[2] = Node(name: "n2", leader: "n2", cluster: "d", address: "n3")
        #expect(try await Self.ask(nodes).leader == "n2")
    }
}
