import Common

/// What a consumer asked for, in whichever of MySQL's two ways.
struct DumpRequest: Sendable {
    enum Start: Sendable {
        /// Everything that this set lacks.
        case gtids(GTIDSet)
        /// Everything from here on; an empty file name is the oldest file.
        case position(UpstreamPosition)
    }

    var start: Start
    var serverID: UInt32
    /// End with an EOF packet where the log ends.
    var isNonBlocking: Bool
    var wantsHeartbeatV2: Bool
    /// Whether the consumer said that it checks checksums; events go out as stored either way.
    var wantsChecksums: Bool
    /// Nil for no heartbeats.
    var heartbeatNanoseconds: UInt64?
    /// Empty for tools.
    var replicaUUID: String
}
