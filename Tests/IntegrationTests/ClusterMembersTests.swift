import Foundation
import Synchronization
import Testing

extension IntegrationTests.ThreeNodes {
    /// Connections of replicas, as `GET /v1/replicas` tells them.
    private struct Connections: Decodable {
        struct Replica: Decodable, Hashable {
            var id: UInt64
            var node: String
        }

        var replicas: [Replica]

        /// Of all nodes, each asked for its own.
        static func all(_ cluster: NodeCluster) async throws -> Set<Replica> {
            var all: Set<Replica> = []
            for node in cluster.nodes {
                let known = try JSONDecoder().decode(Connections.self, from: try await node.get("/v1/replicas").body).replicas
                all.formUnion(known.filter { $0.node == node.name })
            }
            return all
        }
    }

    private final class Flag: Sendable {
        let isSet = Mutex(false)
    }

    @Test("leadership moves to the node that is named in under a second, and no replica loses its connection")
    func leadershipMoves() async throws {
        let servers = try ClusterServers.current
        let (primary, cluster) = (servers.primary, servers.cluster)
        try await primary.execute("CREATE DATABASE moved; CREATE TABLE moved.t (id INT PRIMARY KEY); INSERT INTO moved.t VALUES (1)")
        try await servers.settle()
        let connections = try await Connections.all(cluster)
        #expect(connections.count == servers.replicas.count)
        let clock = ContinuousClock()

        for round in 1...3 {
            let leader = try await cluster.waitForLeader()
            let target = try #require(cluster.others(than: leader.name).first)
            let began = clock.now
            let answer = try await cluster.control("leader", "transfer", target.name)
            let took = clock.now - began
            print("leadership moved, kingbus-ctl's own time included, in \(took)")
            #expect(took < .seconds(1))
            #expect(answer.hasPrefix("\(target.name) leads in term "))
            #expect(try await target.report().leader == target.name)
            // Where it is already nothing is changed.
            let term = try await target.report().term
            try await cluster.control("leader", "transfer", target.name)
            #expect(try await target.report().term == term)
            try await primary.execute("INSERT INTO moved.t VALUES (\(round * 10))")
            try await servers.settle()
        }
        let leader = try await cluster.waitForLeader()
        try await cluster.control("leader", "transfer")
        try await cluster.waitForLeader(otherThan: leader.name)
        try await primary.execute("INSERT INTO moved.t VALUES (2)")
        try await servers.settle()
        #expect(try await Connections.all(cluster) == connections)
        try await servers.expectEqual(["moved"])

        let unknown = try await Command.run(
            try Repository.program("kingbus-ctl"), ["leader", "transfer", "n9", "--admin", cluster.nodes[0].adminURL])
        #expect(unknown.status == .code(1))
        #expect(unknown.errors.contains("the cluster has no member 'n9'"))
    }

    @Test("the node of the highest priority leads as soon as it is there and has caught up")
    func priority() async throws {
        let primary = try ClusterServers.current.primary
        let cluster = try NodeCluster(upstreamPort: primary.port, ownFlags: { $0 == "n3" ? ["--leader-priority", "90"] : [] })
        try await cluster.startAll()
        try await cluster.nodes[0].waitToReport("n3 as the leader", within: .seconds(60)) { $0.leader == "n3" }
        await cluster["n3"].kill()
        try await cluster.waitForLeader(otherThan: "n3")
        try await primary.execute("CREATE DATABASE preferred")
        try await cluster["n3"].start()
        try await cluster.nodes[0].waitToReport("n3 as the leader again", within: .seconds(60)) { $0.leader == "n3" }
        let executed = try await primary.executedGTIDSet()
        try await cluster["n3"].waitToReport("what the primary has") { $0.executedGTIDSet == executed }
    }

    @Test("a node that joins while rows are written votes by itself once it has caught up, leads, and is taken out while it leads")
    func nodeJoins() async throws {
        let servers = try ClusterServers.current
        let (primary, cluster) = (servers.primary, servers.cluster)
        try await primary.execute(
            "CREATE DATABASE joined; CREATE TABLE joined.t (id INT AUTO_INCREMENT PRIMARY KEY, filling VARCHAR(2000))")
        try await servers.settle()
        let joining = try NodeProcess(
            "n4", upstreamPort: nil, as: MySQLServer.Account(),
            flags: ["--join", cluster.nodes[0].adminURL, "--secret-file", cluster.secretFile])

        // Not by cancellation: a statement under way would be committed or not, and nobody would know.
        let isOver = Flag()
        let traffic = Task {
            var count = 0
            while !isOver.isSet.withLock({ $0 }) {
                try await primary.execute("INSERT INTO joined.t (filling) VALUES (REPEAT('x', 2000)), (REPEAT('y', 1000))")
                count += 1
            }
            return count
        }
        try await joining.start(within: .seconds(60))
        try await cluster.nodes[1].waitToReport("n4 as a voter") { report in
            report.members.contains { $0.name == "n4" && $0.reachable && $0.role == "follower" }
        }
        try await cluster.control("leader", "transfer", "n4")
        try await joining.waitToReport("that it leads") { $0.leader == "n4" && $0.upstream.state == "running" }
        isOver.isSet.withLock { $0 = true }
        #expect(try await traffic.value > 0)
        try await servers.settle()
        let executed = try await primary.executedGTIDSet()
        try await joining.waitToReport("all that the primary has") { $0.executedGTIDSet == executed }

        try await cluster.control("members", "remove", "n4", "--yes")
        try await cluster.waitForLeader(otherThan: "n4")
        try await cluster.nodes[1].waitToReport("three members") { $0.members.map(\.name).sorted() == NodeCluster.names }
        try await joining.stop()
        try await primary.execute("INSERT INTO joined.t (filling) VALUES ('after')")
        try await servers.settle()
        try await servers.expectEqual(["joined"])
    }
}
