/// What `GET /v1/status` answers, as far as it is read here.
struct ClusterStatus: Decodable {
    struct Alert: Decodable {
        var code: String
        var message: String
        var hint: String?
    }

    struct Member: Decodable {
        var name: String
        var role: String
        var reachable: Bool
        var matchIndex: UInt64?
        var appliedIndex: UInt64?
        var peer: String?
        var mysql: String?
        var admin: String?
        var diskFreeBytes: UInt64?
    }

    struct Upstream: Decodable {
        /// `running`, `connecting`, `stopped` or `blocked`.
        var state: String
        /// Nil where no upstream is configured.
        var host: String?
        var port: UInt16?
        var reason: String?
        var semiSync: Bool?
        var missingGtidSet: String?
        var errantGtidSet: String?
        var lagBytes: UInt64?
        var lagSeconds: Double?
    }

    struct Replica: Decodable {
        var id: UInt64
        var node: String
        var user: String?
        var address: String?
        var serverId: UInt32?
        var serverUuid: String?
        var state: String
        var sentGtid: String?
        var lagTransactions: UInt64?
        var lagSeconds: Double?
    }

    var version: String
    var clusterId: String?
    var node: String
    /// Nil while there is none.
    var leader: String?
    var term: UInt64
    var commitIndex: UInt64
    var appliedIndex: UInt64
    var executedGtidSet: String
    var purgedGtidSet: String?
    var alerts: [Alert]
    var members: [Member]
    var upstream: Upstream?
    var replicas: [Replica]
}

extension ClusterStatus {
    /// What keeps the cluster from being healthy, worst first; empty for a healthy one.
    var complaints: [String] {
        var complaints: [String] = []
        if leader?.isEmpty ?? true { complaints.append("there is no leader") }
        for member in members where !member.reachable { complaints.append("member \(member.name) is not reachable") }
        if let upstream, let host = upstream.host, !host.isEmpty, upstream.state != "running" {
            complaints.append("the upstream \(host) is \(upstream.state)" + (upstream.reason.map { ": \($0)" } ?? ""))
        }
        // Those are told above.
        let told = ["no_leader", "member_unreachable"]
        for alert in alerts where !told.contains(alert.code) {
            let hint = alert.hint ?? ""
            complaints.append(alert.message + (hint.isEmpty ? "" : "; \(hint)"))
        }
        return complaints
    }
}
