/// A replica or another reader of the binlog that is connected.
struct ReplicaStatus: Codable, Hashable, Sendable {
    enum State: String, Codable, Hashable, Sendable, CaseIterable {
        /// It is being sent what it lacks.
        case streaming
        /// It has all that is committed.
        case waiting
    }

    /// The connection's number on its node.
    var id: UInt64
    /// The name of the node that serves it.
    var node: String
    var user: String
    var address: String
    var serverID: UInt32
    /// Nil where it told none, as mysqlbinlog.
    @Nullable var serverUUID: String?
    var state: State
    /// The last transaction that it was sent; nil where it was sent none yet.
    @Nullable var sentGTID: String?
    /// Nil where it is not known.
    @Nullable var lagTransactions: UInt64?
    @Nullable var lagSeconds: Double?

    enum CodingKeys: String, CodingKey {
        case id, node, user, address
        case serverID = "server_id"
        case serverUUID = "server_uuid"
        case state
        case sentGTID = "sent_gtid"
        case lagTransactions = "lag_transactions"
        case lagSeconds = "lag_seconds"
    }
}
