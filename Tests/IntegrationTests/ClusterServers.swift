import Testing

/// A primary, three nodes that make a cluster, and a replica at each that may take any other; gone with the last reference.
///
/// After the start no statement that changes anything is sent to a replica.
final class ClusterServers: Sendable {
    @TaskLocal private static var shared: ClusterServers?

    let primary: MySQLServer
    let cluster: NodeCluster
    /// Each begins at the node of the same place in `cluster.nodes`.
    let replicas: [MySQLServer]

    static var current: ClusterServers { get throws { try #require(shared) } }

    /// One set for a whole suite, in which each test leaves all nodes running.
    static func withServers(_ body: () async throws -> Void) async throws {
        let servers = try await ClusterServers()
        try await $shared.withValue(servers, operation: body)
    }

    /// - Parameter flags: more flags for each node.
    init(flags: [String] = []) async throws {
        async let primary = MySQLServer.start("primary", options: TrafficServers.quickOptions)
        async let first = Self.replica(1)
        async let second = Self.replica(2)
        async let third = Self.replica(3)
        self.primary = try await primary
        try await self.primary.create()
        cluster = try await NodeCluster.start(upstreamPort: try await primary.port, flags: flags)
        replicas = try await [first, second, third]
        for (place, replica) in replicas.enumerated() {
            try await replica.replicate(fromAnyOf: Array(cluster.nodes[place...] + cluster.nodes[..<place]))
            try await replica.execute("SET GLOBAL super_read_only = ON")
        }
    }

    private static func replica(_ number: Int) async throws -> MySQLServer {
        try await MySQLServer.start("replica-\(number)", options: TrafficServers.quickOptions)
    }

    /// Waits until every replica has applied all that the primary has committed, and says so if one has given up instead.
    func settleReplicas(within deadline: Duration = .seconds(60)) async throws {
        let executed = try await primary.executedGTIDSet()
        for replica in replicas {
            do { try await replica.waitToApply(executed, within: deadline) } catch {
                throw CommandFailed(description: "\(error); the replica's log:\n\(replica.errorLog.suffix(6000))\n\(cluster.logs)")
            }
            try await expectReplicating(replica)
        }
    }

    /// - Throws: `CommandFailed` if the replica has given up.
    func expectReplicating(_ replica: MySQLServer) async throws {
        let problems = try await replica.replicationProblems()
        guard problems == [] else {
            throw CommandFailed(
                description:
                    "\(replica.name) does not replicate: \(problems); its log:\n\(replica.errorLog.suffix(6000))\n\(cluster.logs)")
        }
    }

    /// Waits until every node and every replica has what the primary has, and the nodes have the same entries.
    func settle(within deadline: Duration = .seconds(60)) async throws {
        let executed = try await primary.executedGTIDSet()
        do {
            try await eventually("all nodes to have \(executed), and equal indexes", within: deadline) {
                var indexes: Set<UInt64> = []
                for node in cluster.nodes {
                    let report = try await node.report()
                    guard report.executedGTIDSet == executed, report.appliedIndex == report.commitIndex else { return false }
                    indexes.insert(report.appliedIndex)
                }
                return indexes.count == 1
            }
        } catch {
            throw CommandFailed(description: "\(error); \(cluster.logs)")
        }
        try await settleReplicas(within: deadline)
    }

    /// Expects the same tables, GTIDs and entries in all places; `settle` first.
    func expectEqual(_ databases: [String]) async throws {
        let executed = try await primary.executedGTIDSet()
        let checksums = try await primary.checksums(of: databases)
        #expect(!checksums.isEmpty)
        for replica in replicas {
            #expect(try await replica.executedGTIDSet() == executed)
            #expect(try await replica.checksums(of: databases) == checksums)
            #expect(try await replica.query("XA RECOVER") == [])
        }
        try await cluster.expectEqualEntries()
        let agreement = try await cluster.control("verify")
        #expect(agreement.contains("n1, n2, n3 agree up to entry"), "\(agreement)")
    }
}

extension MySQLServer {
    /// `CHECKSUM TABLE` of every table of some databases.
    func checksums(of databases: [String]) async throws -> [String: String] {
        var checksums: [String: String] = [:]
        for database in databases { checksums.merge(try await tableChecksums(database)) { $1 } }
        return checksums
    }
}

/// Starts the servers before a suite's first test, and ends them behind its last.
struct ClusterTrait: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        try await ClusterServers.withServers(function)
    }
}

extension Trait where Self == ClusterTrait {
    static var cluster: Self { ClusterTrait() }
}
