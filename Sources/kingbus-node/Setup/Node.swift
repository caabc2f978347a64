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
    let peers: Peers
    /// What the other members last told of themselves.
    let reports = ClusterReports()
    /// Runs consensus, the upstream and the peers, on one thread.
    private let core: MultiThreadedEventLoopGroup
    private let serving: MultiThreadedEventLoopGroup
    /// Nil until the MySQL port is open.
    private let mysqlChannel = Mutex<(any Channel)?>(nil)
    /// Whether the flags have been put into the log since the process began.
    private let isSeeded = Mutex(false)
    let leaderPreference = Mutex(LeaderPreference())
    /// Nil until the node runs.
    private let reporter = Mutex<Reporter?>(nil)

    /// Starts a node and returns when it has been told to stop.
    static func run(_ configuration: NodeConfiguration) async throws {
        var logger = Logger(label: "kingbus", factory: { _ in LineLogHandler() })
        logger.logLevel = configuration.logLevel
        OpenFiles.raiseLimit()
        guard let start = try await NodeStart.prepare(configuration, logger) else { return logger.info("stopping") }
        let node = try Node(start, logger)
        try await node.run()
    }

    private init(_ start: NodeStart, _ logger: Logger) throws {
        let (configuration, log, sealer, state) = (start.configuration, start.log, start.sealer, start.state)
        let recovered = log.recovered
        isSeeded.withLock { $0 = start.isNew }
        guard let firstSegment = log.catalog.segments().first else { throw SetupError("the log in \(log.directory) has no segment") }
        let committedState = recovered.committedState ?? firstSegment.startState
        committed = CommittedLog(
            CommittedLog.Snapshot(
                state: committedState, visibleIndex: committedState.visibleIndex,
                purged: firstSegment.startState.executed.union(committedState.lost)))

        core = start.core
        peers = start.peers
        serving = MultiThreadedEventLoopGroup(numberOfThreads: Self.servingThreads)
        var options = Options()
        options.heartbeatTicks = Self.ticksPerHeartbeat
        options.electionTimeoutTicks = max(
            2 * Self.ticksPerHeartbeat, Int(configuration.electionTimeoutNanoseconds / configuration.tickNanoseconds))
        let raft = try Raft(
            log: log, committedState: committedState, lastIndex: state.index, termRuns: start.termRuns, hardState: start.hardState,
            options: options)
        consensus = Consensus(
            loop: core.next(), log: log, state: state, committedState: committedState, raft: raft, committed: committed, logger: logger)
        upstream = Upstream(
            loop: core.next(), consensus: consensus, sealer: sealer,
            options: Upstream.Options(spoolDirectory: log.spoolDirectory, startSet: configuration.startSet), logger: logger)
        mysql = try Self.makeService(configuration, committed, log, state, sealer, logger)
        let upstream = upstream
        diskGuard = DiskGuard(
            // On a thread that never touches the disk, or it would hang with those that it watches.
            log: log, minimum: configuration.minimumFree, loop: MultiThreadedEventLoopGroup.singleton.next(), logger: logger,
            onChange: { upstream.setPausedForSpace($0) }, onStall: { NodeFailure().end($0) })
        self.configuration = configuration
        self.log = log
        self.sealer = sealer
        self.logger = logger
        identity = recovered.identity
    }

    /// A tick is this part of a heartbeat's period: the finer it is, the less often two candidates draw the same time.
    static let ticksPerHeartbeat = 4

    /// How long readers have at the end to be sent the rest of a transaction.
    private static let readersDeadline = TimeAmount.seconds(10)

    /// Threads for replicas.
    private static let servingThreads = 2

    private static func makeService(
        _ configuration: NodeConfiguration, _ committed: CommittedLog, _ log: Log, _ state: LogState, _ sealer: Sealer, _ logger: Logger
    ) throws -> MySQLService {
        let verifiers = try userVerifiers(state.settings, sealer)
        if !configuration.mysqlListen.isLoopback, !configuration.isInsecure {
            if verifiers.isEmpty, configuration.replicaUser == nil {
                throw SetupError(
                    "--mysql-listen \(configuration.mysqlListen) is reachable from other machines and needs --replica-user and --replica-password-file (or --insecure)",
                    exitCode: 64)
            }
            if let user = verifiers.first(where: { $0.value.isEmptyPassword })?.key {
                throw SetupError(
                    "--mysql-listen \(configuration.mysqlListen) is reachable from other machines, and the cluster's user '\(user)' has no password; listen on 127.0.0.1 (or --insecure)",
                    exitCode: 64)
            }
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
        try await peers.open()
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
        let (consensus, upstream, mysql, peers, sealer, logger) = (consensus, upstream, mysql, peers, sealer, logger)
        log.start(completion: { consensus.persisted(count: $0.count) }, failure: { NodeFailure().end("the log cannot be written: \($0)") })
        var handlers = Peers.Handlers()
        handlers.message = { message in consensus.loop.execute { consensus.receive(message) } }
        handlers.bytes = { member in consensus.loop.execute { consensus.receivedBytes(from: member) } }
        handlers.closed = { member in consensus.loop.execute { consensus.connectionClosed(with: member) } }
        handlers.request = { [self] _, request in await perform(request) }
        handlers.report = { [reports] member, report in reports.take(report, from: member) }
        peers.setHandlers(handlers)
        let reporter = Reporter(loop: serving.next()) { [self] in tellOthers() }
        self.reporter.withLock { $0 = reporter }
        mysql.setCatchUp { completion in consensus.loop.execute { consensus.catchUp(completion: completion) } }
        let firstSettings = committed.snapshot.state.settings
        consensus.loop.execute { [configuration] in
            consensus.onFatal = { NodeFailure().end($0) }
            consensus.onIngestTermChange = { [self] term in
                if term != nil { seedIfEmpty() }
                upstream.ingestTermChanged(term)
                reporter.tellNow()
            }
            consensus.onSettingsChange = { settings in
                upstream.settingsChanged(settings.upstream)
                do { mysql.setVerifiers(try Node.userVerifiers(settings, sealer)) } catch { logger.error("\(error)") }
            }
            consensus.onMessages = { peers.send($0) }
            consensus.onMembershipChange = { peers.setMembers($0.members) }
            upstream.settingsChanged(firstSettings.upstream)
            consensus.start(tick: .nanoseconds(configuration.tickNanoseconds))
        }
        diskGuard.start()
        reporter.start()
    }

    private func tellOthers() {
        guard committed.snapshot.state.membership.members.count > 1 else { return }
        peers.broadcast(report: report().encoded())
        preferLeader()
    }

    /// Until the first event of an upstream is committed, the flags replace what the log says of the upstream; and where there is no
    /// user yet, they make the first.
    private func seedIfEmpty() {
        let state = committed.snapshot.state
        let hasUpstream = state.epoch > 0
        if hasUpstream, !configuration.upstreamURLs.isEmpty, configuration.upstreamURLs != state.settings.upstream.urls {
            logger.notice("--upstream is ignored: the cluster has one; change it with kingbus-ctl upstream set")
        }
        if let user = configuration.replicaUser, let other = state.settings.users.first, other.name != user.name {
            logger.notice("--replica-user is ignored: the cluster's first user is '\(other.name)'")
        }
        do {
            var wanted = state.settings
            try Bootstrap.fill(&wanted, configuration, sealer, hasUpstream: hasUpstream)
            guard
                wanted.upstream.urls != state.settings.upstream.urls || wanted.users != state.settings.users
                    || (!hasUpstream && configuration.upstreamPassword != nil)
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

    /// Ends ingest, lets another node lead, lets readers finish what they are being sent, and closes the log.
    private func shutDown() async {
        logger.info("stopping")
        upstream.stop()
        diskGuard.stop()
        reporter.withLock { $0 }?.stop()
        // Before the readers, of whom a slow one may take seconds in which nothing would be pulled.
        await handOver()
        let channel = mysqlChannel.withLock { $0 }
        try? await channel?.close()
        mysql.registry.closeAll()
        let deadline = NIODeadline.now() + Self.readersDeadline
        while mysql.registry.count > 0, NIODeadline.now() < deadline { try? await Task.sleep(for: .milliseconds(10)) }
        try? await consensus.loop.submit { [consensus] in consensus.stop() }.get()
        await peers.close()
        log.stop()
        try? await serving.shutdownGracefully()
        try? await core.shutdownGracefully()
    }

    /// How long a leader that stops waits until another leads.
    private static let handOverDeadline = TimeAmount.seconds(3)

    /// Lets another node lead, if this one does and there is one: its followers need not wait for an election timeout.
    private func handOver() async {
        guard consensus.currentRole.isLeader, committed.snapshot.state.membership.members.count > 1 else { return }
        consensus.loop.execute { [consensus] in consensus.handOver() }
        let deadline = NIODeadline.now() + Self.handOverDeadline
        while consensus.currentRole.isLeader, NIODeadline.now() < deadline { try? await Task.sleep(for: .milliseconds(10)) }
    }
}
