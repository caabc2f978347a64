import FoundationEssentials

/// What a node tells the others of itself once a second, for their status.
struct ClusterReport: Codable, Hashable, Sendable {
    /// The longest report as bytes.
    static let maxBytes = 256 << 10

    var name: String
    /// Which data directory speaks.
    var incarnation: UInt64
    var version: String
    var term: UInt64
    var role: MemberStatus.Role
    /// `--leader-priority`.
    var priority: Int
    var appliedIndex: UInt64
    var commitIndex: UInt64
    var diskFreeBytes: UInt64
    /// Addresses, `host:port`.
    var peer: String
    var mysql: String
    var admin: String
    /// Of a leader: how far each member's log is known to be durable and equal to its own, by name; empty elsewhere.
    var matches: [String: UInt64]
    var upstream: UpstreamStatusAnswer
    /// What is wrong on this node itself.
    var alerts: [AlertAnswer]
    var replicas: [ReplicaStatus]

    /// As JSON; where it is longer than ``maxBytes``, without the replicas, and then the sets, that do not fit.
    func encoded() -> [UInt8] {
        var report = self
        while true {
            guard let bytes = try? JSONEncoder().encode(report) else { return [] }
            if bytes.count <= Self.maxBytes { return Array(bytes) }
            if !report.replicas.isEmpty {
                report.replicas.removeLast((report.replicas.count + 1) / 2)
            } else if !report.upstream.missingGTIDSet.isEmpty || !report.upstream.errantGTIDSet.isEmpty || !report.alerts.isEmpty {
                report.upstream.missingGTIDSet = ""
                report.upstream.errantGTIDSet = ""
                report.alerts = []
            } else {
                return []
            }
        }
    }

    /// Nil for what is no report.
    init?(decoding bytes: [UInt8]) {
        guard bytes.count <= Self.maxBytes, let report = try? JSONDecoder().decode(ClusterReport.self, from: Data(bytes)) else {
            return nil
        }
        self = report
    }
}

extension ClusterReport {
    init(
        name: String, incarnation: UInt64, version: String, term: UInt64, role: MemberStatus.Role, priority: Int, appliedIndex: UInt64,
        commitIndex: UInt64, diskFreeBytes: UInt64, addresses: (peer: String, mysql: String, admin: String), matches: [String: UInt64],
        upstream: UpstreamStatusAnswer, alerts: [AlertAnswer], replicas: [ReplicaStatus]
    ) {
        self.name = name
        self.incarnation = incarnation
        self.version = version
        self.term = term
        self.role = role
        self.priority = priority
        self.appliedIndex = appliedIndex
        self.commitIndex = commitIndex
        self.diskFreeBytes = diskFreeBytes
        (peer, mysql, admin) = addresses
        self.matches = matches
        self.upstream = upstream
        self.alerts = alerts
        self.replicas = replicas
    }
}
