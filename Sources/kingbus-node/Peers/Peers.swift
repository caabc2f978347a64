import Common
import Log
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Raft
import Synchronization

/// The other members of the cluster, as this node talks to them.
///
///     let peers = Peers(listen: address, tls: tls, local: local, catalog: log.catalog, spoolDirectory: log.spoolDirectory, group: group,
///         logger: logger)
///     peers.setHandlers(handlers)
///     try await peers.open()
///     peers.setMembers(membership.members)
///     peers.send(messages)
///
/// Each node dials every other member, and sends all its messages on the connection that it dialed. A connection that was accepted is only
/// read, and answered. What cannot be sent is dropped: the core repeats. `PeerFrame` describes the bytes.
final class Peers: @unchecked Sendable {  // Mutable state is touched on `loop` only, or is in a mutex.
    /// What this node says of itself.
    struct Local: Sendable, Hashable {
        var name: String
        /// Of the data directory.
        var incarnation: UInt64
        /// Nil: this node's log is empty.
        var clusterID: SourceID?
        /// Canonical `n1=host:port,…` of `--initial-cluster`; empty where there is none.
        var initialCluster: String
        /// Addresses as `host:port`, as others reach this node.
        var peer: String
        var mysql: String
        var admin: String
        /// Bytes at which this node's flags let a segment end.
        var segmentSize: UInt64
    }

    /// Who hears of what happens. All are called on the peers' event loop; owners hop.
    struct Handlers: Sendable {
        var message: @Sendable (IncomingMessage) -> Void = { _ in }
        /// A frame of a message that is not whole yet came from this member.
        var bytes: @Sendable (MemberID) -> Void = { _ in }
        /// This member's inbound connection (its last one) is gone, or the dialed one broke.
        var closed: @Sendable (MemberID) -> Void = { _ in }
        /// The connection that was dialed to this member is up.
        var connected: @Sendable (MemberID) -> Void = { _ in }
        /// Gives the answer to a request; at most ``PeerFrame/maxRequestBytes``.
        var request: @Sendable (MemberID, [UInt8]) async -> [UInt8] = { _, _ in [] }
        var report: @Sendable (MemberID, [UInt8]) -> Void = { _, _ in }
        /// Only an empty node gets it: entry 1, to be made durable before it returns. That its chain follows from the cluster's id is left
        /// to check.
        var found: @Sendable (LogEntry) async throws -> Void = { _ in }
    }

    static let maxConnections = 64
    /// Accepted connections that have not been let in yet.
    static let maxHandshakes = 16
    static let connectTimeout = TimeAmount.seconds(1)
    /// A connection whose bytes are not acknowledged for so long is gone.
    static let unacknowledgedMilliseconds = 5000
    /// How long an empty node may take to make its first entry durable.
    static let foundingTimeout = TimeAmount.seconds(30)
    /// Strangers are logged at most so often.
    private static let strangerPause = TimeAmount.seconds(1)

    let loop: any EventLoop
    let listen: HostPort
    let tls: PeerTLS?
    let catalog: SegmentCatalog
    let spoolDirectory: String
    let logger: Logger

    // On the loop.
    var local: Local
    var handlers = Handlers()
    var members: [Common.Member] = []
    var dialers: [MemberID: PeerDialer] = [:]
    /// Everything that was accepted and has not ended.
    var accepted: [ObjectIdentifier: any Channel] = [:]
    /// The newest inbound connection of each member.
    var inbound: [MemberID: InboundPeer] = [:]
    /// Probes and foundings under way.
    var visits: [ObjectIdentifier: OutboundPeer] = [:]
    var isClosed = false
    private var serverChannel: (any Channel)?
    private var lastStranger: NIODeadline?

    struct Snapshot {
        var reachable: [MemberID] = []
        var refusals: [(name: String, code: String, message: String)] = []
    }
    let snapshot = Mutex(Snapshot())
    private let inbox = Mutex<[OutgoingMessage]>([])
    private let shownLocal: Mutex<Local>

    /// - Parameters:
    ///   - tls: nil where nodes talk without, over loopback.
    ///   - spoolDirectory: for entries too large for memory while they come in.
    ///   - group: one of its loops is used.
    init(
        listen: HostPort, tls: PeerTLS?, local: Local, catalog: SegmentCatalog, spoolDirectory: String, group: any EventLoopGroup,
        logger: Logger
    ) {
        self.listen = listen
        self.tls = tls
        self.local = local
        self.catalog = catalog
        self.spoolDirectory = spoolDirectory
        self.logger = logger
        loop = group.next()
        shownLocal = Mutex(local)
    }

    /// This node, as messages name it. To be asked on the loop.
    var id: MemberID { MemberID(name: local.name, incarnation: local.incarnation) }

    /// For any thread.
    var currentLocal: Local { shownLocal.withLock { $0 } }

    // MARK: - Life

    func setHandlers(_ handlers: Handlers) { onLoop { self.handlers = handlers } }

    /// Changes what this node says of itself, from the next hello on, and whom it dials.
    func setLocal(_ local: Local, members: [Common.Member]) {
        shownLocal.withLock { $0 = local }
        onLoop {
            self.local = local
            self.setMembers(members)
        }
    }

    /// Opens the peer port, unless it is open.
    ///
    /// - Throws: `SetupError` that names `--peer-listen`.
    func open() async throws {
        if try await loop.submit({ self.serverChannel != nil }).get() { return }
        let bootstrap = ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 1 << 20, high: 4 << 20))
            .childChannelInitializer { channel in channel.eventLoop.makeCompletedFuture { try self.accept(channel) } }
        do {
            let channel = try await bootstrap.bind(host: listen.host, port: Int(listen.port)).get()
            try await loop.submit { self.serverChannel = channel }.get()
        } catch {
            throw SetupError("--peer-listen \(listen) cannot be used: \(error)")
        }
    }

    /// The port that ``open()`` got, where 0 asked for any.
    var boundPort: UInt16? {
        get async { try? await loop.submit { (self.serverChannel?.localAddress?.port).map { UInt16($0) } }.get() }
    }

    /// Ends all connections; nothing is called any more once it returns.
    func close() async {
        let ends = try? await loop.submit { () -> [EventLoopFuture<Void>] in
            self.isClosed = true
            for dialer in self.dialers.values { dialer.stop() }
            self.dialers = [:]
            self.handlers = Handlers()
            for visit in self.visits.values { visit.end(PeerError(.unreachable, "this node stops")) }
            let channels = self.accepted.values + [self.serverChannel].compactMap { $0 }
            for channel in channels { channel.close(promise: nil) }
            self.publish()
            return channels.map(\.closeFuture)
        }.get()
        for end in ends ?? [] { try? await end.get() }
    }

    func onLoop(_ body: @escaping @Sendable () -> Void) {
        if loop.inEventLoop { body() } else { loop.execute(body) }
    }

    // MARK: - Messages

    /// Sends messages to the members that they name; any thread may. What cannot be sent is dropped.
    func send(_ messages: [OutgoingMessage]) {
        guard !messages.isEmpty else { return }
        let isFirst = inbox.withLock { inbox in
            inbox += messages
            return inbox.count == messages.count
        }
        if isFirst { loop.execute { self.distribute() } }
    }

    private func distribute() {
        let messages = inbox.withLock { inbox in
            defer { inbox = [] }
            return inbox
        }
        var touched: [MemberID: OutboundPeer] = [:]
        for outgoing in messages {
            guard let dialer = dialers[outgoing.message.to], dialer.isUp, let connection = dialer.connection else { continue }
            connection.send(outgoing)
            touched[dialer.id] = connection
        }
        for connection in touched.values { connection.pump() }
    }

    /// Sends bytes to every member that is reachable.
    ///
    /// - Parameter report: at most ``PeerFrame/maxRequestBytes``; a longer one is not sent.
    func broadcast(report: [UInt8]) {
        guard report.count <= PeerFrame.maxRequestBytes else {
            return logger.error("a report of \(report.count) bytes is too long for other nodes")
        }
        onLoop {
            let frames = PeerFrame.frames(.report, id: nil, report)
            for dialer in self.dialers.values where dialer.isUp {
                dialer.connection?.send(report: frames)
                dialer.connection?.pump()
            }
        }
    }

    /// Asks a member and waits for its answer.
    ///
    /// - Parameter body: at most ``PeerFrame/maxRequestBytes``.
    /// - Throws: ``PeerError`` where the member is not reachable, does not answer in time, or has no answer.
    func request(_ body: [UInt8], of member: MemberID, timeout: TimeAmount) async throws -> [UInt8] {
        guard body.count <= PeerFrame.maxRequestBytes else {
            throw PeerError(.overload, "a request of \(body.count) bytes is too long for other nodes")
        }
        return try await loop.flatSubmit { () -> EventLoopFuture<[UInt8]> in
            let promise = self.loop.makePromise(of: [UInt8].self)
            if let dialer = self.dialers[member], dialer.isUp, let connection = dialer.connection {
                connection.request(body, timeout: timeout, promise: promise)
            } else {
                let name = self.members.first { MemberID(name: $0.name, incarnation: $0.incarnation) == member }?.name
                promise.fail(PeerError(.unreachable, "\(name ?? "the member") is not reachable"))
            }
            return promise.futureResult
        }.get()
    }

    // MARK: - What is known

    /// The members that were dialed and have accepted this node.
    var reachable: [MemberID] { snapshot.withLock { $0.reachable } }

    /// What members last answered that refuse this node.
    var refusals: [(name: String, code: String, message: String)] { snapshot.withLock { $0.refusals } }

    /// A dialed connection came up, broke, or was refused.
    func dialersChanged() { publish() }

    func publish() {
        let sorted = dialers.values.sorted { $0.id < $1.id }
        let reachable = sorted.filter(\.isUp).map(\.id)
        let refusals = sorted.compactMap { dialer in dialer.refusal.map { (dialer.member.name, $0.code.rawValue, $0.message) } }
        snapshot.withLock {
            $0.reachable = reachable
            $0.refusals = refusals
        }
    }

    /// Logs that somebody who is no node, or not one of this cluster, spoke here.
    func noteStranger(_ address: SocketAddress?, _ what: String) {
        let now = NIODeadline.now()
        if let lastStranger, now - lastStranger < Self.strangerPause { return }
        lastStranger = now
        logger.warning("a client of the peer port \(what)", metadata: ["address": "\(address?.description ?? "unknown")"])
    }
}
