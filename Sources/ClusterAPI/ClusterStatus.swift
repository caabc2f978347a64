/// What `GET /v1/status` answers, as far as it is read here.
package struct ClusterStatus: Decodable {
    package struct Alert: Decodable {
        package var code: String
        package var message: String
        package var hint: String?
    }

    package struct Member: Decodable {
        package var name: String
        package var role: String
        package var reachable: Bool
        package var matchIndex: UInt64?
        package var appliedIndex: UInt64?
        package var peer: String?
        package var mysql: String?
        package var admin: String?
        package var diskFreeBytes: UInt64?
    }

    package struct Upstream: Decodable {
        /// `running`, `connecting`, `stopped` or `blocked`.
        package var state: String
        /// Nil where no upstream is configured.
        package var host: String?
        package var port: UInt16?
        package var reason: String?
        package var semiSync: Bool?
        package var missingGtidSet: String?
        package var errantGtidSet: String?
        package var lagBytes: UInt64?
        package var lagSeconds: Double?
    }

    package struct Replica: Decodable {
        package var id: UInt64
        package var node: String
        package var user: String?
        package var address: String?
        package var serverId: UInt32?
        package var serverUuid: String?
        package var state: String
        package var sentGtid: String?
        package var lagTransactions: UInt64?
        package var lagSeconds: Double?
    }

    package var version: String
    package var clusterId: String?
    package var node: String
    /// Nil while there is none.
    package var leader: String?
    package var term: UInt64
    package var commitIndex: UInt64
    package var appliedIndex: UInt64
    package var executedGtidSet: String
    package var purgedGtidSet: String?
    package var alerts: [Alert]
    package var members: [Member]
    package var upstream: Upstream?
    package var replicas: [Replica]
}
