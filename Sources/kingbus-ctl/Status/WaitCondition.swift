import ClusterAPI
import Common

/// What `wait` waits for.
struct WaitCondition {
    enum Goal: String, CaseIterable {
        /// A node that answers has executed the set: it is committed.
        case committed
        /// The node that answered first has executed the set.
        case applied
        /// The set is executed, there are replicas, and all of it has been sent to each.
        case replicas
    }

    var goal: Goal
    var wanted: GTIDSet

    /// Why the status does not meet the condition, nil where it does.
    ///
    /// - Throws: where the status holds no GTID set that can be read.
    func obstacle(in status: ClusterStatus) throws(CodecError) -> String? {
        let executed = try GTIDSet(parsing: status.executedGtidSet)
        let missing = wanted.subtracting(executed)
        guard missing.isEmpty else { return "\(status.node) lacks \(missing)" }
        guard goal == .replicas else { return nil }
        if status.replicas.isEmpty { return "no replica is connected" }
        let behind = status.replicas.filter { $0.lagTransactions != 0 }
        guard !behind.isEmpty else { return nil }
        return behind.map { replica in
            "replica \(replica.id) at \(replica.node) is behind"
                + (replica.lagTransactions.map { " by \($0) transactions" } ?? " by an unknown number of transactions")
        }.joined(separator: ", ")
    }
}
