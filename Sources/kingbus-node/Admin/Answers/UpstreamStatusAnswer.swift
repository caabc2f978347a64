/// The upstream's part of `GET /v1/status`.
struct UpstreamStatusAnswer: Codable, Hashable, Sendable {
    var state: UpstreamState
    /// Nil where no upstream is set.
    @Nullable var host: String?
    @Nullable var port: UInt16?
    /// Why it does not run; nil where it does.
    @Nullable var reason: String?
    /// Whether what the upstream acknowledges to its clients is durable here first.
    var semiSync: Bool
    /// What it has purged and the cluster does not have.
    var missingGTIDSet: String
    /// What the cluster has and it does not.
    var errantGTIDSet: String
    /// Nil where it is not known.
    @Nullable var lagBytes: UInt64?
    @Nullable var lagSeconds: Double?

    enum CodingKeys: String, CodingKey {
        case state, host, port, reason
        case semiSync = "semi_sync"
        case missingGTIDSet = "missing_gtid_set"
        case errantGTIDSet = "errant_gtid_set"
        case lagBytes = "lag_bytes"
        case lagSeconds = "lag_seconds"
    }
}
