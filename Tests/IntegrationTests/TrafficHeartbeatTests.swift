import Foundation
import Testing

extension IntegrationTests.Traffic {
    /// How long the replica has nothing to receive but heartbeats.
    private static var idleSeconds: Int { ProcessInfo.processInfo.environment["KINGBUS_LONG"] == nil ? 10 : 180 }

    @Test("a replica idles on heartbeats without a reconnect")
    func replicaIdlesOnHeartbeats() async throws {
        let servers = try TrafficServers.current
        try await servers.settle()
        let replica = servers.replicas[1]
        let connection = try await servers.connectionID(of: replica)
        let before = try await replica.heartbeats()
        let transactions = try await servers.sent("transactions", to: replica)

        try await eventually("heartbeats for \(Self.idleSeconds) s", within: .seconds(Self.idleSeconds * 2 + 30)) {
            try await replica.heartbeats().last >= before.last + Double(Self.idleSeconds)
        }

        let after = try await replica.heartbeats()
        #expect(after.count >= before.count + Self.idleSeconds)
        #expect(after.state == "ON")
        #expect(try await servers.connectionID(of: replica) == connection)
        #expect(!replica.errorLog.contains("Replica I/O thread: Failed reading log event, reconnecting"))
        #expect(try await servers.sent("transactions", to: replica) == transactions)
    }
}

extension MySQLServer {
    /// What a replica knows of heartbeats.
    fileprivate struct Heartbeats {
        var count: Int
        /// When the last came, in seconds since 1970.
        var last: Double
        var state: String
    }

    fileprivate func heartbeats() async throws -> Heartbeats {
        let row = try #require(
            try await query(
                """
                SELECT count_received_heartbeats, UNIX_TIMESTAMP(last_heartbeat_timestamp), service_state
                FROM performance_schema.replication_connection_status
                """
            ).first)
        return Heartbeats(count: try #require(Int(row[0])), last: try #require(Double(row[1])), state: row[2])
    }
}

extension TrafficServers {
    /// The node's number of the connection on which a replica is served.
    fileprivate func connectionID(of replica: MySQLServer) async throws -> UInt64 {
        try #require(try await status().replicas.first { $0.serverID == replica.serverID }).id
    }

    /// A counter of the node's metrics.
    fileprivate func sent(_ what: String, to replica: MySQLServer) async throws -> Substring {
        let text = String(decoding: try await node.get("/metrics").body, as: UTF8.self)
        let line = text.split(separator: "\n").first {
            $0.hasPrefix("kingbus_replica_sent_\(what)_total{") && $0.contains("server_id=\"\(replica.serverID)\"")
        }
        return try #require(line?.split(separator: " ").last)
    }
}
