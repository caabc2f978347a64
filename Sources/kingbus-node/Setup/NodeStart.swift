import Common
import Log
import Logging
import NIOCore
import NIOPosix
import UnixSignals

/// What a node begins with: a log that belongs to a cluster, and the way to the other members.
struct NodeStart {
    var configuration: NodeConfiguration
    var log: Log
    var sealer: Sealer
    var peers: Peers
    /// Loops for consensus, the upstream and the peers: nothing else runs there, so that no reader holds them up.
    var core: MultiThreadedEventLoopGroup
    /// Behind the last entry.
    var state: LogState
    var termRuns: [TermRun]
    var hardState: StoredHardState
    /// The cluster was made, or joined, just now.
    var isNew: Bool

    /// Opens the data directory and, where it is empty, finds or makes the cluster.
    ///
    /// - Returns: nil if the process was told to stop while it waited for the others.
    /// - Throws: ``SetupError`` where the directory, the secret file or the peer port cannot be used.
    static func prepare(_ configuration: NodeConfiguration, _ logger: Logger) async throws -> NodeStart? {
        var configuration = configuration
        let log: Log
        do throws(LogError) {
            log = try Log.open(directory: configuration.dataDirectory, options: LogOptions(name: configuration.name))
        } catch {
            throw SetupError("the data directory cannot be used: \(error)", exitCode: error.code == .corruption ? 65 : 1)
        }
        let recovered = log.recovered
        guard recovered.identity.name == configuration.name else {
            throw SetupError(
                "the data directory \(log.directory) belongs to the node '\(recovered.identity.name)', not '\(configuration.name)'; start with --name \(recovered.identity.name)"
            )
        }
        if let cut = recovered.cutOff { logger.notice("a crash had left the log's end incomplete: \(cut)") }
        let isAlone = configuration.isAlone
        let sealer = try Sealer(
            file: configuration.secretFile, makesKey: recovered.state.map(\.settings.keyCheck.isEmpty) ?? isAlone)

        // One thread for all that a commit passes on its way: waking another one up takes longer than what there is to do.
        let core = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let peers = Peers(
            listen: configuration.peerListen,
            tls: try configuration.peerTLS.map { try PeerTLS(certificate: $0.certificate, key: $0.key, authority: $0.authority) },
            local: local(configuration, recovered.identity, recovered.state?.clusterID), catalog: log.catalog,
            spoolDirectory: log.spoolDirectory, group: core, logger: logger)
        if let state = recovered.state {
            if !state.settings.keyCheck.isEmpty { try sealer.verifyKeyCheck(state.settings.keyCheck) }
            if let initialCluster = configuration.initialCluster {
                logger.info("--initial-cluster \(initialCluster) is ignored: the data directory belongs to a cluster already")
            }
            if let join = configuration.join {
                logger.info("--join \(join) is ignored: the data directory belongs to a cluster already")
            }
            return NodeStart(
                configuration: configuration, log: log, sealer: sealer, peers: peers, core: core, state: state,
                termRuns: recovered.termRuns, hardState: recovered.hardState, isNew: false)
        }
        if configuration.seeds, !configuration.upstreamURLs.isEmpty, configuration.upstreamPassword == nil {
            configuration.upstreamPassword = PasswordInput.ask("Password of the upstream \(configuration.upstreamURLs[0]): ")
        }
        let formation = Formation(log: log, configuration: configuration, sealer: sealer, peers: peers, logger: logger)
        var handlers = Peers.Handlers()
        handlers.found = { try await formation.accept($0) }
        peers.setHandlers(handlers)
        if !isAlone { try await peers.open() }
        guard let state = try await untilToldToStop({ try await formation.run() }) else {
            await formation.stop()
            await peers.close()
            log.stop()
            return nil
        }
        logger.info("a new cluster begins", metadata: ["cluster_id": "\(state.clusterID)", "directory": "\(log.directory)"])
        return NodeStart(
            configuration: configuration, log: log, sealer: sealer, peers: peers, core: core, state: state,
            termRuns: [TermRun(firstIndex: 1, term: 1)], hardState: StoredHardState(term: 1), isNew: true)
    }

    /// What a node says of itself to others; a nil cluster says that its log is empty.
    static func local(_ configuration: NodeConfiguration, _ identity: MemberIdentity, _ clusterID: SourceID?) -> Peers.Local {
        Peers.Local(
            name: identity.name, incarnation: identity.incarnation, clusterID: clusterID,
            initialCluster: configuration.initialCluster.map(String.init(describing:)) ?? "", peer: "\(configuration.peerAdvertise)",
            mysql: "\(configuration.mysqlAdvertise)", admin: "\(configuration.adminAdvertise)", segmentSize: configuration.segmentSize)
    }

    /// - Returns: nil if SIGTERM or SIGINT came first.
    private static func untilToldToStop<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result? {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
