import Testing

extension IntegrationTests.ThreeNodes {
    @Test("a leader whose disk stands still is replaced, what was on its way is committed, and it follows when its disk moves again")
    func diskStalls() async throws {
        let primary = try ClusterServers.current.primary
        let disk = try await StalledDisk()
        let cluster = try NodeCluster(upstreamPort: primary.port, environment: disk.environment)
        try await cluster.startAll()
        try await primary.execute("CREATE DATABASE stalled; CREATE TABLE stalled.t (id INT PRIMARY KEY); INSERT INTO stalled.t VALUES (1)")
        let before = try await primary.executedGTIDSet()
        for node in cluster.nodes { try await node.waitToReport("what the primary has") { $0.executedGTIDSet == before } }
        let leader = try await cluster.waitForLeader()

        try disk.begin(leader.name)
        let clock = ContinuousClock()
        let began = clock.now
        try await primary.execute("INSERT INTO stalled.t VALUES (2)")
        let next = try await cluster.waitForLeader(otherThan: leader.name, within: .seconds(15))
        print("a leader with a stalled disk: \(next.name) led after \(clock.now - began)")
        try await primary.execute("INSERT INTO stalled.t VALUES (3)")
        let executed = try await primary.executedGTIDSet()
        for node in cluster.others(than: leader.name) {
            try await node.waitToReport("what the primary has") { $0.executedGTIDSet == executed }
        }
        #expect(try await leader.report().executedGTIDSet != executed)
        #expect(leader.pid != nil)

        try disk.end(leader.name)
        try await leader.waitToReport("what the primary has") { $0.executedGTIDSet == executed }
        #expect(try await cluster.control("verify").contains("n1, n2, n3 agree up to entry"))
    }
}
