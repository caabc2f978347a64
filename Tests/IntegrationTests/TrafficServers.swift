import Foundation
import Testing

/// A primary, a node that pulls from it, and two replicas of the node, through which every shape of traffic has gone.
///
/// One set serves a whole suite: `@Suite(.traffic)`, and in a test `try TrafficServers.current`.
final class TrafficServers: Sendable {
    @TaskLocal private static var shared: TrafficServers?

    /// The second replica gives up a connection that is silent for this long, and asks for a heartbeat every second.
    static let silenceLimitSeconds = 4

    let primary: MySQLServer
    let replicas: [MySQLServer]
    let node: NodeProcess

    static var current: TrafficServers { get throws { try #require(shared) } }

    static func withTraffic(_ body: () async throws -> Void) async throws {
        let servers = try await TrafficServers()
        try await servers.send()
        try await $shared.withValue(servers, operation: body)
    }

    /// What makes these servers quick: what they write need not outlive the machine, and fits memory.
    static let quickOptions = [
        "--innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0", "--innodb-buffer-pool-size=512M",
        "--innodb-redo-log-capacity=512M",
    ]

    private init() async throws {
        async let primary = MySQLServer.start("primary", options: Self.quickOptions + ["--max-binlog-size=64M"])
        async let first = MySQLServer.start("replica-1", options: Self.quickOptions + ["--super-read-only=ON"])
        async let second = MySQLServer.start(
            "replica-2",
            options: Self.quickOptions + ["--disable-log-bin", "--replica-net-timeout=\(Self.silenceLimitSeconds)"])
        self.primary = try await primary
        try await self.primary.create()
        node = try await NodeProcess.start(upstreamPort: try await primary.port, flags: ["--segment-size", "64MiB"])
        replicas = try await [first, second]
        try await replicas[0].replicate(fromPort: node.mysqlPort)
        try await replicas[1].replicate(fromPort: node.mysqlPort, settings: ["SOURCE_HEARTBEAT_PERIOD = 1"])
    }

    private func send() async throws {
        try await TrafficShapes(primary).send()
        try await primary.stop()
        try await primary.start()
        try await TrafficBulk(primary).send()
        try await primary.execute("FLUSH BINARY LOGS")
        try await TrafficShapes(primary).sendAgain()
        try await settle()
    }

    /// Waits until the node and both replicas have all that the primary has.
    func settle() async throws {
        let executed = try await primary.executedGTIDSet()
        try await eventually("the node to have \(executed)", within: .seconds(120)) { try await status().executedGTIDSet == executed }
        for replica in replicas { try await replica.waitToApply(executed, within: .seconds(120)) }
    }

    /// The node's segment files, oldest first.
    var segments: [String] {
        get throws {
            let folder = "\(node.dataDirectory)/segments"
            return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".binlog") }.sorted()
                .map { "\(folder)/\($0)" }
        }
    }

    /// What `GET /v1/status` says, as far as the tests ask.
    struct Status: Decodable {
        struct Replica: Decodable {
            var id: UInt64
            var serverID: Int
        }

        var serverID: UInt32
        var executedGTIDSet: String
        var replicas: [Replica]

        private enum CodingKeys: String, CodingKey {
            case serverID = "server_id"
            case executedGTIDSet = "executed_gtid_set"
            case replicas
        }
    }

    func status() async throws -> Status {
        let decoder = JSONDecoder()
        return try decoder.decode(Status.self, from: try await node.get("/v1/status").body)
    }
}

extension TrafficServers.Status.Replica {
    private enum CodingKeys: String, CodingKey {
        case id
        case serverID = "server_id"
    }
}

/// Starts the servers before a suite's first test, and ends them behind its last.
struct TrafficTrait: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        try await TrafficServers.withTraffic(function)
    }
}

extension Trait where Self == TrafficTrait {
    static var traffic: Self { TrafficTrait() }
}
