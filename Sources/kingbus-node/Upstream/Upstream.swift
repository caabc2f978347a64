import Common
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Pulls from the cluster's upstream while this node leads: connects, hands batches to consensus, reconnects for ever with backoff.
///
/// A dump is asked for the committed set only, after everything that this leader proposed before is committed or dead: some servers
/// take a GTID that is skipped in a request for an acknowledgement.
final class Upstream: @unchecked Sendable {  // Mutable state is touched on `loop` only; what others ask is behind `shared`.
    enum State: String, Sendable {
        case running, connecting, stopped, blocked
    }

    /// What the cluster's status shows.
    struct Status: Sendable {
        var state = State.stopped
        var host = ""
        var port: UInt16 = 0
        var failure: UpstreamFailure?
        var version = ""
        var lastTimestamp: UInt32 = 0
        var events: UInt64 = 0
        var bytes: UInt64 = 0
        var transactions: UInt64 = 0
        var connections: UInt64 = 0
        /// Bytes received and not committed yet.
        var pendingBytes = 0
    }

    struct Options: Sendable {
        var spoolDirectory: String
        var heartbeat: TimeAmount = .seconds(5)
        var startSet: GTIDSet?
    }

    /// Proposed and not committed bytes beyond which no more are proposed.
    static let maxProposedBytes = 16 << 20
    private static let firstBackoff = TimeAmount.milliseconds(100)
    private static let maxBackoff = TimeAmount.seconds(5)
    /// A source that lacks what we hold may only not have told of a commit in progress; after this many refusals it is believed.
    private static let errantTries = 3

    typealias Confirm = @Sendable (UInt64, @escaping @Sendable (Bool) -> Void) -> Void

    private let loop: any EventLoop
    private let confirmLeadership: Confirm
    private let consensus: Consensus
    private let committed: CommittedLog
    private let sealer: Sealer
    private let options: Options
    private let logger: Logger
    private let shared = Mutex(Status())

    private var settings = UpstreamSettings()
    private var term: UInt64?
    /// The last term in which this node pulled, or was to.
    private var lastTerm: UInt64?
    private var connection: (handler: UpstreamConnection, context: ChannelHandlerContext)?
    private var isConnecting = false
    private var firstContact: FirstContact?
    private var proposedBytes = 0
    private var backoff = firstBackoff
    private var retry: Scheduled<Void>?
    private var candidate = 0
    private var errantRefusals = 0
    private var isPausedForSpace = false
    private var counted = (transactions: UInt64(0), events: UInt64(0), bytes: UInt64(0))

    /// - Parameter confirm: asks whether this node still leads in a term; called on consensus' loop, and answers there.
    init(
        loop: any EventLoop, consensus: Consensus, sealer: Sealer, options: Options, confirm: Confirm? = nil, logger: Logger
    ) {
        confirmLeadership = confirm ?? { term, completion in consensus.confirmLeadership(term: term, completion: completion) }
        self.loop = loop
        self.consensus = consensus
        committed = consensus.committed
        self.sealer = sealer
        self.options = options
        self.logger = logger
    }

    var status: Status { shared.withLock { $0 } }

    // MARK: - What begins and ends it; any thread

    /// Consensus lets this node pull in `term`, or no longer (nil).
    func ingestTermChanged(_ term: UInt64?) {
        loop.execute { [self] in
            self.term = term
            guard let term else {
                disconnect(because: .retry("not_leader", "this node does not lead"))
                shared.withLock {
                    $0.state = .stopped
                    $0.failure = nil
                }
                return
            }
            if term != lastTerm {
                // What blocked an earlier leader may be mended; if not, this one finds out.
                lastTerm = term
                retry?.cancel()
                retry = nil
                errantRefusals = 0
                backoff = Self.firstBackoff
                shared.withLock { if $0.state == .blocked { $0.state = .connecting } }
            }
            reconsider()
        }
    }

    func settingsChanged(_ settings: UpstreamSettings) {
        loop.execute { [self] in
            guard settings != self.settings else { return }
            self.settings = settings
            candidate = 0
            errantRefusals = 0
            backoff = Self.firstBackoff
            shared.withLock { if $0.state == .blocked { $0.state = .stopped } }
            retry?.cancel()
            retry = nil
            disconnect(because: .retry("settings", "the upstream's settings changed"))
            reconsider()
        }
    }

    /// Tries again at once, also where it is blocked: a person says that the cause is mended.
    func tryAgain() {
        loop.execute { [self] in
            errantRefusals = 0
            backoff = Self.firstBackoff
            retry?.cancel()
            retry = nil
            shared.withLock { if $0.state == .blocked { $0.state = .connecting } }
            reconsider()
        }
    }

    /// Stops for lack of disk space, or goes on.
    func setPausedForSpace(_ paused: Bool) {
        loop.execute { [self] in
            guard paused != isPausedForSpace else { return }
            isPausedForSpace = paused
            if paused { connection?.handler.pause() } else { pump() }
        }
    }

    func stop() {
        loop.execute { [self] in
            settings.isStarted = false
            disconnect(because: .retry("stopped", "the node stops"))
            reconsider()
        }
    }

    // MARK: - Connecting

    private func reconsider() {
        guard connection == nil, !isConnecting, retry == nil else { return }
        let isBlocked = shared.withLock { $0.state == .blocked }
        guard settings.isStarted, !settings.urls.isEmpty else {
            shared.withLock { $0.state = .stopped }
            return
        }
        guard let term, !isBlocked else { return }
        confirm(term: term)
    }

    /// Connects if a quorum still follows this node: a leader that was stopped for a while and goes on would otherwise end the dump of the
    /// next one, whose identity towards the upstream is the same.
    private func confirm(term: UInt64) {
        isConnecting = true
        consensus.loop.execute { [self] in
            confirmLeadership(term) { [self] isConfirmed in
                loop.execute { [self] in
                    isConnecting = false
                    guard self.term == term, settings.isStarted, isConfirmed else {
                        // The node may have lost its leadership and won it again since it asked.
                        if self.term == term, settings.isStarted { wait() } else { reconsider() }
                        return
                    }
                    connect(term: term)
                }
            }
        }
    }

    private func connect(term: UInt64) {
        let url: MySQLURL
        let password: SecretBytes
        do {
            url = try MySQLURL(parsing: settings.urls[candidate % settings.urls.count])
            password =
                settings.sealedPassword.isEmpty
                ? SecretBytes([]) : SecretBytes(try sealer.open(settings.sealedPassword, label: Self.passwordLabel))
        } catch {
            return block(
                .blocked("settings", "the upstream's settings cannot be used: \(error)", hint: "Set them with kingbus-ctl upstream set."))
        }
        isConnecting = true
        let settings = settings
        shared.withLock {
            $0.state = .connecting
            $0.host = url.host
            $0.port = url.port
        }
        let snapshot = committed.snapshot
        let state = snapshot.state
        let ours = UpstreamPreparation.Ours(
            executed: state.executed, isFirstContact: state.epoch == 0, startSet: options.startSet, serverID: state.serverID,
            serverUUID: state.serverUUID, heartbeatNanoseconds: UInt64(options.heartbeat.nanoseconds))
        let handler = NIOLoopBound(
            UpstreamConnection(target: url, password: password, ours: ours) { [options] preparation in
                DumpAssembler.Start(
                    held: preparation.dumpSet,
                    stored: state.epoch == 0 ? nil : UpstreamPosition(file: state.file, offset: state.position),
                    format: try? FormatDescriptionEvent(decoding: state.formatDescription.span.bytes),
                    checksum: preparation.facts.checksum, spoolDirectory: options.spoolDirectory)
            }, eventLoop: loop)
        ClientBootstrap(group: loop)
            .connectTimeout(.seconds(10))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 16 << 10, initial: 64 << 10, maximum: 512 << 10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(handler.value) }
            }
            .connect(host: url.host, port: Int(url.port))
            .hop(to: loop)
            .assumeIsolated()
            .whenComplete { result in
                self.isConnecting = false
                switch result {
                case .failure(let error):
                    self.ended(
                        .retry("unreachable", "the upstream \(HostPort(host: url.host, port: url.port)) cannot be reached: \(error)"), term)
                // Meant for other settings, it would pull from the old upstream for as long as that lives.
                case .success(let channel) where settings != self.settings:
                    channel.close(promise: nil)
                    self.reconsider()
                case .success(let channel): self.connected(handler.value, channel, term)
                }
            }
    }

    static let passwordLabel = "upstream-password"

    private func connected(_ handler: UpstreamConnection, _ channel: any Channel, _ term: UInt64) {
        guard self.term == term, settings.isStarted, let context = try? channel.pipeline.syncOperations.context(handler: handler) else {
            channel.close(promise: nil)
            return reconsider()
        }
        connection = (handler, context)
        proposedBytes = 0
        counted = (0, 0, 0)
        handler.onDumpBegan = { [self] preparation in
            backoff = Self.firstBackoff
            errantRefusals = 0
            firstContact = FirstContact(start: preparation.dumpSet)
            shared.withLock {
                $0.state = .running
                $0.failure = nil
                $0.version = preparation.facts.version
                $0.connections += 1
            }
            logger.info(
                "the upstream's dump begins",
                metadata: ["upstream": "\(shared.withLock { "\($0.host):\($0.port)" })", "version": "\(preparation.facts.version)"])
        }
        handler.onBytes = { [self] in pump() }
        handler.onEnd = { [self] failure in
            takeComplete(term)
            connection = nil
            ended(failure, term)
        }
    }

    private func disconnect(because failure: UpstreamFailure) {
        guard let connection else { return }
        connection.handler.end(failure, connection.context)
    }

    private func ended(_ failure: UpstreamFailure, _ term: UInt64) {
        // Consensus settles what the connection left half in the log, and then allows the next.
        consensus.loop.execute { [consensus] in consensus.ingestEnded(term: term) }
        // Another term has begun meanwhile, or none: that is not this connection's to end.
        guard self.term == term else { return reconsider() }
        // Also where ingest was stopped: what this connection proposed may be in flight, and a dump that asked without it would store it twice.
        self.term = nil
        guard settings.isStarted else { return reconsider() }
        if failure.code == "errant" {
            errantRefusals += 1
            if errantRefusals >= Self.errantTries { return block(failure) }
        } else if failure.kind == .blocked {
            return block(failure)
        }
        if shared.withLock({ $0.failure?.message }) != failure.message {
            logger.warning("\(failure.message)", metadata: ["code": "\(failure.code)", "hint": "\(failure.hint)"])
        }
        shared.withLock {
            $0.state = .connecting
            $0.failure = failure
        }
        candidate += 1
        wait()
    }

    /// Waits out the backoff; what consensus allows meanwhile takes effect behind it.
    private func wait() {
        let delay = backoff
        backoff = min(backoff * 2, Self.maxBackoff)
        retry = loop.assumeIsolated().scheduleTask(in: delay) { [self] in
            retry = nil
            reconsider()
        }
    }

    private func block(_ failure: UpstreamFailure) {
        logger.error("ingest is blocked: \(failure.message)", metadata: ["code": "\(failure.code)", "hint": "\(failure.hint)"])
        shared.withLock {
            $0.state = .blocked
            $0.failure = failure
        }
    }

    // MARK: - Batches

    /// Proposes what is ready: everything complete if nothing is in flight, else full batches up to the window.
    private func pump() {
        guard let connection, let term else { return }
        while !isPausedForSpace, proposedBytes < Self.maxProposedBytes {
            guard let batch = connection.handler.takeBatch(eager: proposedBytes == 0) else { break }
            propose(batch, term)
        }
        count(connection.handler)
        if isPausedForSpace { connection.handler.pause() } else { connection.handler.resumeIfPossible(connection.context) }
    }

    /// Proposes whatever is complete when the connection ends, however much is in flight.
    private func takeComplete(_ term: UInt64) {
        guard let connection, !isPausedForSpace else { return }
        while let batch = connection.handler.takeBatch(eager: true) { propose(batch, term) }
    }

    private func propose(_ batch: Batch, _ term: UInt64) {
        let count = batch.byteCount
        proposedBytes += count
        let handler = connection.map { ObjectIdentifier($0.handler) }
        let contact = firstContact
        consensus.loop.execute { [self] in
            consensus.propose(batch, term: term, firstContact: contact) { [self] outcome in
                loop.execute { [self] in
                    guard let connection, ObjectIdentifier(connection.handler) == handler else { return }
                    proposedBytes -= count
                    switch outcome {
                    case .committed: pump()
                    case .rejected, .unknown: disconnect(because: .retry("not_leader", "this node no longer leads"))
                    }
                }
            }
        }
    }

    private func count(_ handler: UpstreamConnection) {
        guard let progress = handler.progress else { return }
        shared.withLock {
            $0.pendingBytes = proposedBytes + handler.assembledBytes
            $0.lastTimestamp = max($0.lastTimestamp, progress.lastTimestamp)
            $0.transactions += progress.transactions - counted.transactions
            $0.events += progress.events - counted.events
            $0.bytes += progress.bytes - counted.bytes
        }
        counted = (progress.transactions, progress.events, progress.bytes)
    }
}
