/// `GET /v1/status`: all about the cluster, as the answering node sees it.
struct StatusAnswer: Codable, Hashable, Sendable {
    var version: String
    /// Nil until the cluster was founded.
    @Nullable var clusterID: String?
    /// The name of the node that answers.
    var node: String
    /// Nil where none is known.
    @Nullable var leader: String?
    var term: UInt64
    var commitIndex: UInt64
    var appliedIndex: UInt64
    /// What Kingbus is in MySQL's eyes; nil until the cluster was founded, which they are derived from.
    @Nullable var serverID: UInt32?
    @Nullable var serverUUID: String?
    var executedGTIDSet: String
    var purgedGTIDSet: String
    /// What a person should look at; empty where all is well.
    var alerts: [AlertAnswer]
    var members: [MemberStatus]
    var upstream: UpstreamStatusAnswer
    var replicas: [ReplicaStatus]

    enum CodingKeys: String, CodingKey {
        case version
        case clusterID = "cluster_id"
        case node, leader, term
        case commitIndex = "commit_index"
        case appliedIndex = "applied_index"
        case serverID = "server_id"
        case serverUUID = "server_uuid"
        case executedGTIDSet = "executed_gtid_set"
        case purgedGTIDSet = "purged_gtid_set"
        case alerts, members, upstream, replicas
    }
}
