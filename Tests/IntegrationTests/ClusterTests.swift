import Testing

extension IntegrationTests {
    /// Three nodes, each with a replica: any one of them may go, and no hand is needed.
    @Suite("Three nodes", .cluster) struct ThreeNodes {
        /// The default of `--election-timeout`.
        private static let electionTimeout = Duration.seconds(1)

        @Test("rows reach the replicas at all three nodes, also after the leader is killed, and the killed node comes back equal")
        func leaderIsKilled() async throws {
            let servers = try ClusterServers.current
            let (primary, cluster) = (servers.primary, servers.cluster)
            try await primary.execute(
                "CREATE DATABASE killed; CREATE TABLE killed.t (id INT PRIMARY KEY); INSERT INTO killed.t VALUES (1), (2), (3)")
            try await servers.settleReplicas()
            for (node, replica) in zip(cluster.nodes, servers.replicas) { #expect(try await replica.sourcePort() == node.mysqlPort) }

            let killed = try await cluster.killLeader()
            try await primary.execute("INSERT INTO killed.t VALUES (4); INSERT INTO killed.t VALUES (5)")

            try await servers.settleReplicas()
            let leader = try await cluster.waitForLeader(otherThan: killed)
            #expect(try await leader.report().executedGTIDSet == primary.executedGTIDSet())
            try await cluster[killed].start()
            try await primary.execute("UPDATE killed.t SET id = id + 10")
            try await servers.settle()
            try await servers.expectEqual(["killed"])
        }

        @Test("a leader that is told to stop hands over within a second, and ends with 0")
        func leaderIsStopped() async throws {
            let servers = try ClusterServers.current
            let (primary, cluster) = (servers.primary, servers.cluster)
            try await primary.execute("CREATE DATABASE stopped; CREATE TABLE stopped.t (id INT PRIMARY KEY)")
            try await servers.settle()
            let leader = try await cluster.waitForLeader()
            let clock = ContinuousClock()
            let began = clock.now

            async let status = leader.stop()
            let next = try await cluster.waitForLeader(otherThan: leader.name)
            let took = clock.now - began

            print("a stopped leader: another led after \(took)")
            #expect(took < .seconds(1))
            #expect(try await status == .code(0))
            try await primary.execute("INSERT INTO stopped.t VALUES (1)")
            try await servers.settleReplicas()
            #expect(await cluster.leader() == next.name)
            try await leader.start()
            try await servers.settle()
            try await servers.expectEqual(["stopped"])
        }

        @Test("a replica that is ahead of the node to which it comes waits there, and loses nothing")
        func replicaIsAhead() async throws {
            let servers = try ClusterServers.current
            let (primary, cluster) = (servers.primary, servers.cluster)
            try await primary.execute("CREATE DATABASE ahead; CREATE TABLE ahead.t (id INT PRIMARY KEY); INSERT INTO ahead.t VALUES (1)")
            try await servers.settle()
            let leader = try await cluster.waitForLeader()
            let behind = try #require(cluster.others(than: leader.name).first)
            let before = try await behind.report().executedGTIDSet

            // It gets ahead at another node, and then finds only the one that knows less and has no leader to ask.
            await behind.kill()
            try await primary.execute("INSERT INTO ahead.t VALUES (2); INSERT INTO ahead.t VALUES (3)")
            try await servers.settleReplicas()
            let others = cluster.others(than: behind.name)
            await cluster.kill(others.map(\.name))
            let process = try behind.launch()
            for replica in servers.replicas {
                try await eventually("\(replica.name) to come to \(behind.name)") {
                    try await replica.query(
                        "SELECT service_state FROM performance_schema.replication_connection_status JOIN "
                            + "performance_schema.replication_connection_configuration USING (channel_name) WHERE port = \(behind.mysqlPort)"
                    )
                        == [["ON"]]
                }
            }
            #expect(process.isRunning)
            #expect(try await behind.report().executedGTIDSet == before)

            try await cluster.startAll()
            try await primary.execute("INSERT INTO ahead.t VALUES (4)")
            try await servers.settle()
            try await servers.expectEqual(["ahead"])
        }

        @Test("a node that comes back without its data has no vote until it was taken out and added again, which all say how to do")
        func nodeIsWiped() async throws {
            let servers = try ClusterServers.current
            let (primary, cluster) = (servers.primary, servers.cluster)
            try await primary.execute("CREATE DATABASE wiped; CREATE TABLE wiped.t (id INT PRIMARY KEY); INSERT INTO wiped.t VALUES (1)")
            try await servers.settle()
            let wiped = cluster["n3"]
            await wiped.kill()
            try cluster.wipe(wiped.name)
            let process = try wiped.launch()
            let remedy = ["kingbus-ctl members remove n3", "kingbus-ctl members add n3 127.0.0.1:\(wiped.peerPort)"]
            try await eventually("\(wiped.name) to say how it comes back") { remedy.allSatisfy { wiped.errors.contains($0) } }
            for node in cluster.others(than: wiped.name) {
                try await node.waitToReport("how \(wiped.name) comes back") { report in
                    report.alerts.contains { alert in remedy.allSatisfy { (alert.message + alert.hint).contains($0) } }
                }
            }

            // Its vote would make a majority with the one that is left.
            let leader = try await cluster.waitForLeader()
            let left = try #require(cluster.others(than: wiped.name).first { $0.name != leader.name })
            await leader.kill()
            try await left.waitToReport("no leader") { $0.leader == nil }
            let clock = ContinuousClock()
            let end = clock.now + Self.electionTimeout * 4
            while clock.now < end { #expect(try await left.report().leader == nil) }
            #expect(process.isRunning)
            try await leader.start()
            try await cluster.waitForLeader()

            try await cluster.control("members", "remove", wiped.name, "--yes")
            try await cluster.control("members", "add", wiped.name, "127.0.0.1:\(wiped.peerPort)")
            try await cluster.waitUntilAllAreReady()
            try await cluster.nodes[0].waitToReport("\(wiped.name) as a voter") { report in
                report.alerts.isEmpty && report.members.contains { $0.name == wiped.name && $0.reachable && $0.role == "follower" }
            }
            try await primary.execute("INSERT INTO wiped.t VALUES (2)")
            try await servers.settle()
            try await servers.expectEqual(["wiped"])

            // It is needed for a majority now.
            let killed = try await cluster.killLeader()
            try await primary.execute("INSERT INTO wiped.t VALUES (3)")
            try await servers.settleReplicas()
            try await cluster[killed].start()
            try await servers.settle()
            try await servers.expectEqual(["wiped"])
        }

        @Test("nodes that show each other certificates make a cluster, and one of another authority is not let in")
        func certificates() async throws {
            let primary = try ClusterServers.current.primary
            let certificates = try await CertificateFolder()
            let cluster = try NodeCluster(upstreamPort: primary.port, ownFlags: certificates.flags)
            try await cluster.startAll()
            let leader = try await cluster.waitForLeader()
            try await primary.execute("CREATE DATABASE encrypted; CREATE TABLE encrypted.t (id INT PRIMARY KEY)")
            let executed = try await primary.executedGTIDSet()
            for node in cluster.nodes { try await node.waitToReport("what the primary has") { $0.executedGTIDSet == executed } }

            let stranger = try #require(cluster.others(than: leader.name).first)
            await stranger.kill()
            try await CertificateFolder().replace(stranger.name, in: certificates)
            let process = try stranger.launch()
            try await eventually("\(stranger.name) to say what is wrong") {
                stranger.errors.contains("signed this node's --peer-tls-cert?")
            }
            #expect(process.isRunning)
            try await leader.waitToReport("that \(stranger.name) is out of reach") { report in
                report.leader == leader.name && report.members.contains { $0.name == stranger.name && !$0.reachable }
            }
        }
    }
}
