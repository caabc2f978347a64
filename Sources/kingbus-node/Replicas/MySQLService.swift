import Common
import Log
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// What all connections of the MySQL port share.
final class MySQLService: Sendable {
    let registry = ReplicaRegistry()
    let committed: CommittedLog
    let catalog: SegmentCatalog
    let logger: Logger
    let tls: NIOSSLContext
    let hostname: String
    let port: UInt16
    /// Without users anyone may read, without a password: only where nobody but this machine can connect.
    let allowsAnyone: Bool
    private let started = NIODeadline.now()
    private let handshake: Mutex<ServerHandshake.Configuration?>
    private let verifiers: Mutex<[String: PasswordVerifier]>
    /// Waits until this node has applied all that is committed; false if that is not to be had.
    typealias CatchUp = @Sendable (@escaping @Sendable (Bool) -> Void) -> Void
    private let catchUp = Mutex<CatchUp?>(nil)
    private let anyone = PasswordVerifier(SecretBytes([]))
    /// The most of a replica's GTID set that one line of the log shows.
    private static let maxLoggedBytes = 1 << 10

    /// - Parameter handshake: nil where ``setHandshake(_:)`` follows before anyone can connect.
    init(
        handshake: ServerHandshake.Configuration?, committed: CommittedLog, catalog: SegmentCatalog, tls: NIOSSLContext, hostname: String,
        port: UInt16, allowsAnyone: Bool, verifiers: [String: PasswordVerifier], logger: Logger
    ) {
        self.handshake = Mutex(handshake)
        self.committed = committed
        self.catalog = catalog
        self.tls = tls
        self.hostname = hostname
        self.port = port
        self.allowsAnyone = allowsAnyone
        self.verifiers = Mutex(verifiers)
        self.logger = logger
    }

    func setHandshake(_ handshake: ServerHandshake.Configuration) { self.handshake.withLock { $0 = handshake } }

    func setVerifiers(_ verifiers: [String: PasswordVerifier]) { self.verifiers.withLock { $0 = verifiers } }

    func verifier(for user: String) -> PasswordVerifier? {
        verifiers.withLock { $0.isEmpty && allowsAnyone ? anyone : $0[user] }
    }

    func setCatchUp(_ catchUp: @escaping CatchUp) { self.catchUp.withLock { $0 = catchUp } }

    /// A replica holds what this node has not applied. It is served all the same, from what it lacks on; if the node lags, it waits for the
    /// rest like any other. What the cluster turns out not to have either was written on the replica itself: somebody should know.
    func replicaIsAhead(_ held: GTIDSet, address: String) {
        guard let catchUp = catchUp.withLock({ $0 }) else { return }
        catchUp { [committed, logger] isCaughtUp in
            guard isCaughtUp else { return }
            // The set is as large as the replica likes, and consensus waits for whoever answers on its loop.
            NIOThreadPool.singleton.submit { _ in
                let errant = held.subtracting(committed.snapshot.state.executed)
                guard !errant.isEmpty else { return }
                let text = "\(errant)"
                let shown = text.utf8.count <= Self.maxLoggedBytes ? text : "\(text.prefix(Self.maxLoggedBytes))…"
                logger.warning(
                    "a replica holds transactions that the cluster does not have: they were written on the replica, or on a server that was lost",
                    metadata: ["address": "\(address)", "gtids": "\(shown)"])
            }
        }
    }

    /// The handshake's configuration with the version that is shown now: the upstream's, by which replicas decide what to ask for.
    var currentHandshake: ServerHandshake.Configuration {
        guard var configuration = handshake.withLock({ $0 }) else { preconditionFailure("a client came before the handshake was made") }
        configuration.serverVersion = shownVersion(committed.snapshot.state)
        return configuration
    }

    private func shownVersion(_ state: LogState) -> String {
        if let format = try? FormatDescriptionEvent(decoding: state.formatDescription.span.bytes) { return format.serverVersion }
        return handshake.withLock { $0?.serverVersion } ?? Node.defaultServerVersion
    }

    /// What the SQL front end tells a connection.
    func facts(for connection: ConnectionFacts) -> ServerFacts {
        let snapshot = committed.snapshot
        let state = snapshot.state
        var facts = ServerFacts(
            version: AdvertisedVersion(shownVersion(state)), serverID: state.serverID, serverUUID: "\(state.serverUUID)",
            hostname: hostname,
            port: port, connection: connection, now: UnixTime.now)
        facts.uptimeSeconds = UInt64(max(0, (NIODeadline.now() - started).nanoseconds)) / 1_000_000_000
        facts.gtidExecuted = state.executed
        facts.gtidPurged = snapshot.purged
        facts.binlog = binlogFacts(state)
        facts.upstream.binlogChecksum = state.checksum == .crc32 ? "CRC32" : "NONE"
        for other in registry.connections {
            if other.isRegistered {
                facts.replicas.append(
                    ReplicaFacts(serverID: other.serverID, host: other.reportedHost, port: other.reportedPort, uuid: other.serverUUID))
            }
            let seconds = UInt64(max(0, (NIODeadline.now() - other.since).nanoseconds)) / 1_000_000_000
            facts.processes.append(
                ProcessFacts(
                    id: UInt64(other.id), user: other.user, host: other.address, database: other.database,
                    command: other.isDumping ? "Binlog Dump GTID" : "Query", seconds: seconds,
                    state: other.activity == .waiting ? "Source has sent all binlog to replica; waiting for more updates" : "",
                    info: nil))
        }
        return facts
    }

    private func binlogFacts(_ state: LogState) -> BinlogFacts {
        guard state.epoch > 0 else { return BinlogFacts() }
        var facts = BinlogFacts()
        facts.end = BinlogFacts.Position(file: String(decoding: state.file, as: UTF8.self), offset: state.position)
        facts.files = [BinlogFacts.File(name: String(decoding: state.file, as: UTF8.self), byteCount: state.position)]
        return facts
    }
}
