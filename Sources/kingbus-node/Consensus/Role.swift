import Raft

extension Consensus {
    /// What this node is in the cluster, and how far its log has come.
    struct Role: Hashable, Sendable {
        var isLeader = false
        var isCandidate = false
        var term: UInt64
        var leader: MemberID?
        /// Nil also where this node's log does not know the leader yet.
        var leaderName: String?
        /// Times that a leader became known, of another term or another member than the one before.
        var leaderChanges: UInt64 = 0
        var lastIndex: UInt64
        var durableIndex: UInt64
        var commitIndex: UInt64
        /// How far the others' logs are known to be durable and equal; empty where this node does not lead.
        var matches: [MemberID: UInt64] = [:]
    }
}
