import Foundation
import Testing

extension IntegrationTests {
    /// Faults of all kinds under traffic of all shapes: nothing lost, nothing twice, equal everywhere, and no hand is needed.
    @Suite("Faults of three nodes") struct ClusterFaults {
        @Test(
            "nodes killed and stopped at random moments, also inside big transactions, lose nothing, and all replicas and nodes end equal")
        func faultsUnderTraffic() async throws {
            let plan = ClusterFaultPlan.make()
            print(
                "faults: KINGBUS_SEED=\(plan.seed), \(plan.faults.count) faults, big transactions of \(plan.bigBytes >> 20) MiB")
            let servers = try await ClusterServers(flags: ["--segment-size", "64MiB"])
            let (primary, cluster) = (servers.primary, servers.cluster)
            let numbered = try await KillTraffic.start(on: primary, seed: plan.seed)
            let shapes = Task { try await Self.sendShapes(plan, to: primary) }
            let clock = ContinuousClock()
            let began = clock.now

            let struck = try await ClusterFaultInjector(servers: servers).carryOut(plan)

            let ended = clock.now
            shapes.cancel()
            let rounds = try await shapes.value
            try await cluster.waitUntilAllAreReady()
            try await primary.execute("INSERT INTO kills.keyless VALUES (0, 'after all faults')")
            try await numbered.stop()
            let stopped = clock.now
            try await servers.settle(within: .seconds(300))
            let settled = clock.now
            let databases = ["kills"] + TrafficShapes.databases
            try await servers.expectEqual(databases)
            let checksums = try await primary.checksums(of: databases)
            for node in cluster.nodes {
                let rebuilt = try await MySQLServer.start(
                    "rebuilt", options: TrafficServers.quickOptions + ["--disable-log-bin", "--local-infile=ON"])
                try await Mysqlbinlog.replay(try node.segmentFiles, into: rebuilt)
                #expect(try await rebuilt.checksums(of: databases) == checksums, "from the segments of \(node.name)")
                #expect(try await rebuilt.executedGTIDSet() == primary.executedGTIDSet())
                #expect(try await rebuilt.query("XA RECOVER") == [])
            }
            let aborted = cluster.nodes.reduce(0) { $0 + $1.errorLines(with: "was left incomplete").count }
            #expect(aborted > 0, "no fault hit a transaction that was half in the log")
            let waits = try ClusterWaits(struck, servers.replicas)
            let rows = try await primary.query("SELECT COUNT(*) FROM kills.numbered UNION ALL SELECT COUNT(*) FROM kills.big").flatMap {
                $0
            }
            print(
                """
                faults: \(plan.summary) in \(ended - began); \(aborted) transactions aborted in the log; \
                \(rows.joined(separator: " numbered and ")) big rows, \(rounds) rounds of all shapes; \
                \(try cluster.nodes[0].segmentFiles.count) segments of \(try cluster.nodes[0].segmentBytes >> 20) MiB a node; \
                all were there \(settled - stopped) after the last commit
                from a fault until the next row was committed on a replica:
                \(waits.table)
                \(waits.faults)
                """)
        }

        /// Sends every shape again and again until it is cancelled, with a row of 20 MB between.
        ///
        /// - Returns: how many times.
        private static func sendShapes(_ plan: ClusterFaultPlan, to primary: MySQLServer) async throws -> Int {
            let shapes = TrafficShapes(primary)
            try await shapes.send()
            var rounds = 1
            while !Task.isCancelled, rounds < plan.rounds {
                if rounds % 4 == 1 {
                    try await primary.execute("INSERT INTO kills.big VALUES (-\(rounds), 0, REPEAT('twenty-megabytes', 20 * 65536))")
                }
                rounds += 1
                try await shapes.sendAgain(rounds)
            }
            if plan.isLong { try await TrafficBulk(primary).send() }
            return rounds
        }
    }
}
