import Common
import Log
import Raft

/// Makes the first entry of a cluster.
enum Bootstrap {
    /// Writes the first entry, which makes the cluster.
    ///
    /// - Parameter members: all of them, this node among them.
    /// - Returns: the entry, which is durable.
    static func seed(_ log: Log, _ members: [Member], _ configuration: NodeConfiguration, _ sealer: Sealer) throws -> LogEntry {
        let clusterID = try makeUUID()
        var settings = ClusterSettings(segmentSize: configuration.segmentSize)
        settings.keyCheck = try sealer.makeKeyCheck()
        try fill(&settings, configuration, sealer)
        let derivedID = UInt32(truncatingIfNeeded: clusterID.low) & 0x7fff_ffff | 1
        let empty = LogState(
            clusterID: clusterID, serverID: configuration.serverID ?? derivedID, serverUUID: configuration.serverUUID ?? clusterID,
            membership: Membership(members: members), settings: settings)
        var factory = EntryFactory(state: empty)
        let entry = try factory.segment(empty, term: 1, commitIndex: 0)
        try store(entry, in: log)
        return entry
    }

    /// Makes a cluster's first entry the first of an empty log.
    static func store(_ entry: LogEntry, in log: Log) throws {
        precondition(entry.header.index == 1)
        log.submit(LogWrite(hardState: StoredHardState(term: entry.header.term, vote: 0, durable: 0, commit: 0), entries: [entry]))
        _ = try log.step()
    }

    /// Puts what the flags say about upstream and users into settings that have none yet.
    ///
    /// - Parameter hasUpstream: whether the cluster has an upstream's events, so that the flags do not say any more which one it is.
    static func fill(
        _ settings: inout ClusterSettings, _ configuration: NodeConfiguration, _ sealer: Sealer, hasUpstream: Bool = false
    ) throws {
        if !hasUpstream, !configuration.upstreamURLs.isEmpty {
            if settings.upstream.urls != configuration.upstreamURLs { settings.upstream.sealedPassword = [] }
            settings.upstream.urls = configuration.upstreamURLs
            settings.upstream.version += 1
            if let password = configuration.upstreamPassword {
                settings.upstream.sealedPassword = try sealer.seal(password.withBytes { Array($0) }, label: Upstream.passwordLabel)
            }
        }
        if settings.users.isEmpty, let user = configuration.replicaUser {
            let verifier = PasswordVerifier(user.password).encoded().withBytes { Array($0) }
            settings.users = [ClusterSettings.User(name: user.name, sealedVerifier: try sealer.seal(verifier, label: userLabel(user.name)))]
        }
    }

    /// What a user's sealed verifier is for, so that it cannot be given to another.
    static func userLabel(_ name: String) -> String { "user:" + name }

    /// A random UUID of version 4.
    private static func makeUUID() throws -> SourceID {
        var bytes = try Sealer.randomBytes(16)
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        return try SourceID(decoding: bytes.span.bytes)
    }
}
