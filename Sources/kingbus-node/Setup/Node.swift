import Common
import Log
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Raft
import ServiceLifecycle
import Synchronization
import UnixSignals

/// A running node: its parts, put together and taken down in order.
final class Node: Sendable {
    /// The version that is shown to clients before an upstream's is known.
    static let defaultServerVersion = "8.4.0-kingbus"

    let configuration: NodeConfiguration
    let log: Log
    let sealer: Sealer
    let logger: Logger
    let committed: CommittedLog
    let consensus: Consensus
    let upstream: Upstream
    let mysql: MySQLService
    let diskGuard: DiskGuard
    let identity: MemberIdentity
    private let core: MultiThreadedEventLoopGroup
    private let serving: MultiThreadedEventLoopGroup
    /// Nil until the MySQL port is open.
    private let mysqlChannel = Mutex<(any Channel)?>(nil)
    /// Whether the flags have been put into the log since the process began.
    private let isSeeded = Mutex(false)

    /// Starts a node and returns when it has been told to stop.
    static func run(_ configuration: NodeConfiguration) async throws {
        var logger = Logger(label: "kingbus", factory: { _ in LineLogHandler() })
        logger.logLevel = configuration.logLevel
        OpenFiles.raiseLimit()
        let node = try Node(configuration, logger)
        try await node.run()
    }

    private init(_ configuration: NodeConfiguration, _ logger: Logger) throws {
        var configuration = configuration
        let log: Log
        do throws(LogError) {
            log = try Log.open(directory: configuration.dataDirectory, options: LogOptions(name: configuration.name))
        } catch {
            throw SetupError("the data directory cannot be used: \(error)", exitCode: error.code == .corruption ? 65 : 1)
        }
        let sealer = try Sealer(file: configuration.secretFile)
        let recovered = log.recovered
        if let cut = recovered.cutOff { logger.notice("a crash had left the log's end incomplete: \(cut)") }
        var hardState = recovered.hardState
        var termRuns = recovered.termRuns
        let state: LogState
        if let found = recovered.state {
            state = found
            if !found.settings.keyCheck.isEmpty { try sealer.verifyKeyCheck(found.settings.keyCheck) }
        } else {
            if !configuration.upstreamURLs.isEmpty, configuration.upstreamPassword == nil {
                configuration.upstreamPassword = Passwords.ask("Password of the upstream \(configuration.upstreamURLs[0]): ")
            }
            do { state = try Bootstrap.seed(log, configuration, sealer) } catch let error as LogError {
                throw SetupError("the first entry cannot be written: \(error)")
            }
            hardState.term = 1
            hardState.vote = memberID(recovered.identity).rawValue
            termRuns = [TermRun(firstIndex: 1, term: 1)]
            isSeeded.withLock { $0 = true }
            logger.info("a new cluster begins", metadata: ["cluster_id": "\(state.clusterID)", "directory": "\(log.directory)"])
        }
        guard recovered.identity.name == configuration.name || recovered.state == nil else {
            throw SetupError(
                "the data directory \(log.directory) belongs to the node '\(recovered.identity.name)', not '\(configuration.name)'; start with --name \(recovered.identity.name)"
            )
        }
        guard let firstSegment = log.catalog.segments().first else { throw SetupError("the log in \(log.directory) has no segment") }
        let committedState = recovered.committedState ?? firstSegment.startState
        committed = CommittedLog(
            CommittedLog.Snapshot(
                state: committedState, visibleIndex: committedState.visibleIndex,
                purged: firstSegment.startState.executed.union(committedState.lost)))

        core = MultiThreadedEventLoopGroup(numberOfThreads: Self.coreThreads)
        serving = MultiThreadedEventLoopGroup(numberOfThreads: Self.servingThreads)
        let consensusLoop = core.next()
        let upstreamLoop = core.next()
        var options = Options()
        options.heartbeatTicks = 1
        options.electionTimeoutTicks = max(2, Int(configuration.electionTimeoutNanoseconds / configuration.heartbeatNanoseconds))
        let raft = Raft(
            log: log, state: state, termRuns: termRuns, hardState: hardState, commitIndex: committedState.index, options: options)
        consensus = Consensus(
            loop: consensusLoop, log: log, state: state, committedState: committedState, raft: raft, committed: committed, logger: logger)
        upstream = Upstream(
            loop: upstreamLoop, consensus: consensus, sealer: sealer,
            options: Upstream.Options(spoolDirectory: log.spoolDirectory, startSet: configuration.startSet), logger: logger)
        mysql = try Self.makeService(configuration, committed, log, state, sealer, logger)
        let upstream = upstream
        diskGuard = DiskGuard(
            log: log, minimum: configuration.minimumFree, loop: consensusLoop, logger: logger,
            onChange: { upstream.setPausedForSpace($0) }, onStall: { NodeFailure().end($0) })
        self.configuration = configuration
        self.log = log
        self.sealer = sealer
        self.logger = logger
        identity = recovered.identity
    }

    /// How long readers have at the end to be sent the rest of a transaction.
    private static let readersDeadline = TimeAmount.seconds(10)

    /// Threads for consensus and for the upstream: nothing else runs there, so that no reader holds them up.
    private static let coreThreads = 2
    /// Threads for replicas.
    private static let servingThreads = 2

    private static func makeService(
        _ configuration: NodeConfiguration, _ committed: CommittedLog, _ log: Log, _ state: LogState, _ sealer: Sealer, _ logger: Logger
    ) throws -> MySQLService {
        let verifiers = try userVerifiers(state.settings, sealer)
        if verifiers.isEmpty, !configuration.mysqlListen.isLoopback, !configuration.isInsecure {
            throw SetupError(
                "--mysql-listen \(configuration.mysqlListen) is reachable from other machines and needs --replica-user and --replica-password-file (or --insecure)",
                exitCode: 64)
        }
        return MySQLService(
            handshake: nil, committed: committed, catalog: log.catalog,
            tls: try configuration.mysqlTLS.map { try $0.serverContext() } ?? SelfSignedCertificate.serverContext(),
            hostname: configuration.name, port: configuration.mysqlListen.port,
            allowsAnyone: configuration.mysqlListen.isLoopback || configuration.isInsecure, verifiers: verifiers, logger: logger)
    }

    /// What the MySQL port begins conversations with.
    private static func makeHandshake(_ configuration: NodeConfiguration) throws -> ServerHandshake.Configuration {
        do {
            return try ServerHandshake.Configuration(
                serverVersion: defaultServerVersion, offersTLS: true, requiresTLS: configuration.mysqlRequiresTLS,
                keyPair: try RSAKeyPair())
        } catch { throw SetupError("no keys can be made: \(error)") }
    }

    static func userVerifiers(_ settings: ClusterSettings, _ sealer: Sealer) throws -> [String: PasswordVerifier] {
        var verifiers: [String: PasswordVerifier] = [:]
        for user in settings.users {
            let bytes = try sealer.open(user.sealedVerifier, label: Bootstrap.userLabel(user.name))
            verifiers[user.name] = try PasswordVerifier(decoding: bytes.span.bytes)
        }
        return verifiers
    }

    // MARK: - Life

    private func run() async throws {
        wire()
        let admin = AdminServer(
            listen: configuration.adminListen, tokens: try adminTokens(),
            tls: try configuration.adminTLS.map { try $0.serverConfiguration() },
            backend: adminBackend, logger: logger)
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: admin),
                    .init(service: MySQLPort { [self] in try await listen() }, failureTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        let result: Result<Void, any Error>
        do { result = .success(try await services.run()) } catch { result = .failure(error) }
        await shutDown()
        try result.get()
    }

    private func adminTokens() throws -> AdminTokens {
        func token(_ secret: SecretBytes?, _ option: String) throws -> AdminToken? {
            guard let secret else { return nil }
            guard let token = AdminToken(secret.withBytes { Array($0) }) else {
                throw SetupError("the file of --\(option) holds no token: one line of visible ASCII characters")
            }
            return token
        }
        return AdminTokens(
            full: try token(configuration.adminToken, "admin-token-file"),
            read: try token(configuration.adminReadToken, "admin-read-token-file"))
    }

    /// Connects the parts, and lets the core begin.
    private func wire() {
        let (consensus, upstream, mysql, sealer, logger) = (consensus, upstream, mysql, sealer, logger)
        log.start(completion: { consensus.persisted(count: $0.count) }, failure: { NodeFailure().end("the log cannot be written: \($0)") })
        let firstSettings = committed.snapshot.state.settings
        consensus.loop.execute { [configuration] in
            consensus.onFatal = { NodeFailure().end($0) }
            consensus.onIngestTermChange = { [self] term in
                if term != nil { seedIfEmpty() }
                upstream.ingestTermChanged(term)
            }
            consensus.onSettingsChange = { settings in
                upstream.settingsChanged(settings.upstream)
                do { mysql.setVerifiers(try Node.userVerifiers(settings, sealer)) } catch { logger.error("\(error)") }
            }
            upstream.settingsChanged(firstSettings.upstream)
            consensus.start(tick: .nanoseconds(configuration.heartbeatNanoseconds))
        }
        diskGuard.start()
    }

    /// Until the first event of an upstream is committed, the flags replace what the log says of upstream and users.
    private func seedIfEmpty() {
        let state = committed.snapshot.state
        guard state.epoch == 0 else {
            if !configuration.upstreamURLs.isEmpty, configuration.upstreamURLs != state.settings.upstream.urls {
                logger.notice("--upstream is ignored: the cluster has one; change it with kingbus-ctl upstream set")
            }
            return
        }
        do {
            var wanted = state.settings
            try Bootstrap.fill(&wanted, configuration, sealer)
            guard
                wanted.upstream.urls != state.settings.upstream.urls || wanted.users != state.settings.users
                    || configuration.upstreamPassword != nil
            else { return }
            guard
                !isSeeded.withLock({ isSeeded in
                    defer { isSeeded = true }; return isSeeded
                })
            else { return }
            try consensus.changeSettings({ [wanted] in $0 = wanted }, completion: { _ in })
        } catch {
            logger.error("the flags' upstream and user cannot be stored: \(error)")
        }
    }

    /// Whether replicas can connect.
    var isListening: Bool { mysqlChannel.withLock { $0 != nil } }

    private func listen() async throws {
        mysql.setHandshake(try Self.makeHandshake(configuration))
        let address = configuration.mysqlListen
        let bootstrap = ServerBootstrap(group: serving)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 512 << 10, high: 1 << 20))
            .childChannelInitializer { [mysql] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(try MySQLConnection(service: mysql))
                }
            }
        do {
            let channel = try await bootstrap.bind(host: address.host, port: Int(address.port)).get()
            mysqlChannel.withLock { $0 = channel }
        } catch {
            throw SetupError("--mysql-listen \(address) cannot be used: \(error)")
        }
        logger.info(
            "kingbus-node \(kingbusVersion) serves",
            metadata: [
                "mysql": "\(configuration.mysqlListen)", "admin": "http://\(configuration.adminListen)", "data": "\(log.directory)",
                "name": "\(configuration.name)",
            ])
    }

    /// Ends ingest, lets readers finish what they are being sent, and closes the log.
    private func shutDown() async {
        logger.info("stopping")
        upstream.stop()
        diskGuard.stop()
        let channel = mysqlChannel.withLock { $0 }
        try? await channel?.close()
        mysql.registry.closeAll()
        let deadline = NIODeadline.now() + Self.readersDeadline
        while mysql.registry.count > 0, NIODeadline.now() < deadline { try? await Task.sleep(for: .milliseconds(10)) }
        try? await consensus.loop.submit { [consensus] in consensus.stop() }.get()
        log.stop()
        try? await serving.shutdownGracefully()
        try? await core.shutdownGracefully()
    }
}
