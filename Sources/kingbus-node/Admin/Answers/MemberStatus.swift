/// One node of the cluster, as the answering node sees it. What it does not know is nil.
struct MemberStatus: Codable, Hashable, Sendable {
    enum Role: String, Codable, Hashable, Sendable, CaseIterable {
        case leader, follower, candidate, learner
    }

    var name: String
    var role: Role
    var reachable: Bool
    /// Up to where its log is known to be the leader's.
    @Nullable var matchIndex: UInt64?
    @Nullable var appliedIndex: UInt64?
    /// Its addresses, `host:port`.
    var peer: String
    @Nullable var mysql: String?
    @Nullable var admin: String?
    @Nullable var diskFreeBytes: UInt64?

    enum CodingKeys: String, CodingKey {
        case name, role, reachable
        case matchIndex = "match_index"
        case appliedIndex = "applied_index"
        case peer, mysql, admin
        case diskFreeBytes = "disk_free_bytes"
    }
}
