import Common
import Foundation
import Logging

/// Everything that the node was told at its start, checked.
struct NodeConfiguration: Sendable {
    struct TLSFiles: Hashable, Sendable {
        var certificate: String
        var key: String
    }

    struct PeerTLSFiles: Hashable, Sendable {
        var certificate: String
        var key: String
        var authority: String
    }

    var name: String
    var dataDirectory: String
    var peerListen: HostPort
    var peerAdvertise: HostPort
    var mysqlListen: HostPort
    var mysqlAdvertise: HostPort
    var adminListen: HostPort
    var adminAdvertise: HostPort
    /// Nil for a cluster of this node alone, and where it joins one.
    var initialCluster: InitialCluster?
    /// The admin port of a node whose cluster this one joins, as `http://host:port`.
    var join: String?
    /// Without passwords.
    var upstreamURLs: [String]
    /// Nil where none was given; asked for only once it is known that this start needs it.
    var upstreamPassword: SecretBytes?
    var replicaUser: (name: String, password: SecretBytes)?
    var startSet: GTIDSet?
    var serverID: UInt32?
    var serverUUID: SourceID?
    var segmentSize: UInt64
    var minimumFree: MinimumFree
    var electionTimeoutNanoseconds: Int64
    var heartbeatNanoseconds: Int64
    /// 0 to 100: a voter with a higher one than the leader's is given leadership once it has caught up.
    var leaderPriority: Int
    var secretFile: String
    var peerTLS: PeerTLSFiles?
    var mysqlTLS: TLSFiles?
    var mysqlRequiresTLS: Bool
    var adminTLS: TLSFiles?
    /// The CA file for `join`.
    var adminAuthority: String?
    var adminToken: SecretBytes?
    var adminReadToken: SecretBytes?
    var isInsecure: Bool
    var logLevel: Logger.Level

    /// The core's clock.
    var tickNanoseconds: Int64 { heartbeatNanoseconds / Int64(Node.ticksPerHeartbeat) }

    /// Where its data directory is empty, this node makes a cluster of which nobody else is told.
    var isAlone: Bool { join == nil && initialCluster.map { $0.entries.count == 1 } ?? true }

    /// Where its data directory is empty, this node writes the cluster's first entry.
    var seeds: Bool { join == nil && initialCluster.map { $0.entries[0].name == name } ?? true }

    static let minSegmentSize: UInt64 = 1 << 20

    /// - Throws: ``SetupError`` that names the option that is wrong.
    init(_ command: KingbusNode) throws {
        hidePasswordsInArguments(CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        let environment = ProcessInfo.processInfo.environment
        let sources = try OptionSources(
            environment: environment, path: command.config ?? environment["KINGBUS_CONFIG"], known: Self.options)
        func text(_ flag: String?, _ option: String) -> String? { flag ?? sources.value(option) }
        func address(_ flag: String?, _ option: String, default fallback: HostPort) throws -> HostPort {
            guard let text = text(flag, option) else { return fallback }
            guard let address = HostPort(parsing: text) else { throw SetupError("--\(option) is host:port, not \(text)", exitCode: 64) }
            return address
        }

        name = text(command.name, "name") ?? Self.hostName
        guard !name.isEmpty, name.utf8.count <= 255 else { throw SetupError("--name has 1 to 255 bytes", exitCode: 64) }
        dataDirectory = text(command.dataDir, "data-dir") ?? "./kingbus-data"
        initialCluster = try text(command.initialCluster, "initial-cluster").map(InitialCluster.init(parsing:))
        join = try text(command.join, "join").map(Self.joinURL)
        let named = initialCluster?[name]
        peerListen = try address(command.peerListen, "peer-listen", default: HostPort(host: "127.0.0.1", port: 7707))
        peerAdvertise = try address(command.peerAdvertise, "peer-advertise", default: named ?? peerListen)
        mysqlListen = try address(command.mysqlListen, "mysql-listen", default: HostPort(host: "127.0.0.1", port: 3307))
        mysqlAdvertise = try address(command.mysqlAdvertise, "mysql-advertise", default: mysqlListen)
        adminListen = try address(command.adminListen, "admin-listen", default: HostPort(host: "127.0.0.1", port: 8707))
        adminAdvertise = try address(command.adminAdvertise, "admin-advertise", default: adminListen)

        var passwordInURL: String?
        upstreamURLs = try (command.upstream.isEmpty ? sources.values("upstream") : command.upstream).map { text in
            do throws(CodecError) {
                let url = try MySQLURL(parsing: text)
                if let password = url.password { passwordInURL = password }
                guard !url.user.isEmpty else { throw CodecError(.invalid, at: 0, "it names no user, as in mysql://user@host:3306") }
                return url.withoutPassword
            } catch {
                throw SetupError("--upstream cannot be used: \(error.reason)", exitCode: 64)
            }
        }
        if let file = text(command.upstreamPasswordFile, "upstream-password-file") {
            upstreamPassword = try Passwords.read(file: file, option: "upstream-password-file")
        } else if let password = passwordInURL {
            StandardError.write("kingbus-node: warning: a password in a URL can be seen by others; use --upstream-password-file")
            upstreamPassword = SecretBytes(Array(password.utf8))
        } else if let password = environment["KINGBUS_UPSTREAM_PASSWORD"] ?? environment["MYSQL_PWD"] {
            upstreamPassword = SecretBytes(Array(password.utf8))
        }
        if let user = text(command.replicaUser, "replica-user") {
            guard !user.isEmpty, user.utf8.count <= 96 else { throw SetupError("--replica-user has 1 to 96 bytes", exitCode: 64) }
            let file = text(command.replicaPasswordFile, "replica-password-file")
            let password = try file.map { try Passwords.read(file: $0, option: "replica-password-file") } ?? SecretBytes([])
            replicaUser = (user, password)
        }
        startSet = try text(command.startGtidSet, "start-gtid-set").map { text in
            do throws(CodecError) { return try GTIDSet(parsing: text) } catch {
                throw SetupError("--start-gtid-set is no GTID set: \(error)", exitCode: 64)
            }
        }
        serverID = command.serverId
        if serverID == nil, let value = sources.value("server-id") {
            guard let number = UInt32(value) else {
                throw SetupError("--server-id is a number from 1 to 4294967295, not \(value)", exitCode: 64)
            }
            serverID = number
        }
        guard serverID != 0 else { throw SetupError("--server-id is a number from 1 to 4294967295", exitCode: 64) }
        serverUUID = try text(command.serverUuid, "server-uuid").map { text in
            do throws(CodecError) { return try SourceID(parsing: text) } catch {
                throw SetupError("--server-uuid is no UUID: \(error)", exitCode: 64)
            }
        }
        segmentSize = try text(command.segmentSize, "segment-size").map { try Quantities.bytes($0, option: "segment-size") } ?? 1 << 30
        guard segmentSize >= Self.minSegmentSize else { throw SetupError("--segment-size is at least 1MiB", exitCode: 64) }
        minimumFree = try MinimumFree(parsing: text(command.minFree, "min-free") ?? "5%")
        electionTimeoutNanoseconds = try Quantities.nanoseconds(
            text(command.electionTimeout, "election-timeout") ?? "1000ms", option: "election-timeout")
        heartbeatNanoseconds = try Quantities.nanoseconds(
            text(command.heartbeatInterval, "heartbeat-interval") ?? "100ms", option: "heartbeat-interval")
        guard heartbeatNanoseconds >= 1_000_000, electionTimeoutNanoseconds >= 2 * heartbeatNanoseconds else {
            throw SetupError("--election-timeout is at least twice --heartbeat-interval, and that at least 1ms", exitCode: 64)
        }
        leaderPriority = command.leaderPriority ?? sources.value("leader-priority").map { Int($0) ?? -1 } ?? 50
        guard (0...100).contains(leaderPriority) else {
            throw SetupError("--leader-priority is a whole number from 0 to 100", exitCode: 64)
        }
        secretFile = text(command.secretFile, "secret-file") ?? dataDirectory + "/secret"
        peerTLS = try Self.peerTLS(
            text(command.peerTlsCert, "peer-tls-cert"), text(command.peerTlsKey, "peer-tls-key"), text(command.peerTlsCa, "peer-tls-ca"))
        mysqlTLS = try Self.tls(text(command.mysqlTlsCert, "mysql-tls-cert"), text(command.mysqlTlsKey, "mysql-tls-key"), "mysql")
        mysqlRequiresTLS = try command.mysqlRequireTls || sources.flag("mysql-require-tls")
        adminTLS = try Self.tls(text(command.adminTlsCert, "admin-tls-cert"), text(command.adminTlsKey, "admin-tls-key"), "admin")
        adminAuthority = text(command.adminTlsCa, "admin-tls-ca")
        adminToken = try text(command.adminTokenFile, "admin-token-file").map { try Passwords.read(file: $0, option: "admin-token-file") }
        adminReadToken = try text(command.adminReadTokenFile, "admin-read-token-file").map {
            try Passwords.read(file: $0, option: "admin-read-token-file")
        }
        isInsecure = try command.insecure || sources.flag("insecure")
        let level = text(command.logLevel, "log-level") ?? "info"
        guard let parsed = Logger.Level(rawValue: level.lowercased()) else {
            throw SetupError("--log-level is one of trace, debug, info, notice, warning, error, critical, not \(level)", exitCode: 64)
        }
        logLevel = parsed
        try checkInitialCluster()
        try checkJoin()
        try checkExposure()
    }

    /// - Returns: without a slash at the end.
    private static func joinURL(_ text: String) throws -> String {
        var rest = text[...]
        for scheme in ["http://", "https://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard rest.startIndex != text.startIndex, let address = HostPort(parsing: rest, defaultPort: 8707) else {
            throw SetupError("--join is http://host:8707 or https://host:8707, not \(text)", exitCode: 64)
        }
        return text.prefix(upTo: rest.startIndex) + "\(address)"
    }

    private func checkJoin() throws {
        guard let join else { return }
        guard initialCluster == nil else {
            throw SetupError(
                "--join and --initial-cluster exclude each other: the one is for a running cluster, the other for a new one", exitCode: 64)
        }
        guard !peerAdvertise.isWildcard else {
            throw SetupError(
                "--join \(join) tells the cluster where to reach this node, and nobody can at \(peerAdvertise): name an address of this machine by --peer-advertise",
                exitCode: 64)
        }
        let address = join.split(separator: "/").last.flatMap { HostPort(parsing: $0, defaultPort: 0) }
        if peerListen.isLoopback, address?.isLoopback == false {
            throw SetupError(
                "--peer-listen \(peerListen) is reachable from this machine only, and the cluster of --join \(join) is to reach it",
                exitCode: 64)
        }
    }

    private func checkInitialCluster() throws {
        guard let initialCluster else { return }
        guard let own = initialCluster[name] else {
            throw SetupError("--initial-cluster \(initialCluster) does not name this node, whose --name is '\(name)'", exitCode: 64)
        }
        guard own == peerAdvertise else {
            throw SetupError("--peer-advertise is \(peerAdvertise), and --initial-cluster says \(own) of '\(name)'", exitCode: 64)
        }
        if peerListen.isLoopback, let other = initialCluster.entries.first(where: { !$0.address.isLoopback }) {
            throw SetupError(
                "--peer-listen \(peerListen) is reachable from this machine only, and '\(other.name)' at \(other.address) is to reach it",
                exitCode: 64)
        }
    }

    /// Beyond this machine nothing is open to everyone, unless somebody insists.
    private func checkExposure() throws {
        guard !isInsecure else { return }
        if !peerListen.isLoopback, peerTLS == nil {
            throw SetupError(
                "--peer-listen \(peerListen) is reachable from other machines and needs --peer-tls-cert, --peer-tls-key and --peer-tls-ca (or --insecure)",
                exitCode: 64)
        }
        if !mysqlListen.isLoopback, let user = replicaUser, user.password.isEmpty {
            throw SetupError(
                "--mysql-listen \(mysqlListen) is reachable from other machines, and --replica-user \(user.name) needs a password: --replica-password-file (or --insecure)",
                exitCode: 64)
        }
        if !adminListen.isLoopback, adminTLS == nil || adminToken == nil {
            throw SetupError(
                "--admin-listen \(adminListen) is reachable from other machines and needs --admin-tls-cert, --admin-tls-key and --admin-token-file (or --insecure)",
                exitCode: 64)
        }
    }

    private static func tls(_ certificate: String?, _ key: String?, _ port: String) throws -> TLSFiles? {
        switch (certificate, key) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return TLSFiles(certificate: certificate, key: key)
        default: throw SetupError("--\(port)-tls-cert and --\(port)-tls-key belong together", exitCode: 64)
        }
    }

    private static func peerTLS(_ certificate: String?, _ key: String?, _ authority: String?) throws -> PeerTLSFiles? {
        switch (certificate, key, authority) {
        case (nil, nil, nil): return nil
        case (let certificate?, let key?, let authority?): return PeerTLSFiles(certificate: certificate, key: key, authority: authority)
        default: throw SetupError("--peer-tls-cert, --peer-tls-key and --peer-tls-ca belong together", exitCode: 64)
        }
    }

    private static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "kingbus" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// What may stand in the configuration file.
    private static let options: Set<String> = [
        "name", "data-dir", "peer-listen", "peer-advertise", "mysql-listen", "mysql-advertise", "admin-listen", "admin-advertise",
        "initial-cluster", "join", "peer-tls-cert", "peer-tls-key", "peer-tls-ca", "upstream", "upstream-password-file", "replica-user",
        "replica-password-file", "start-gtid-set", "server-id", "server-uuid", "segment-size",
        "min-free", "election-timeout", "heartbeat-interval", "leader-priority", "secret-file", "mysql-tls-cert", "mysql-tls-key",
        "mysql-require-tls",
        "admin-tls-cert", "admin-tls-key", "admin-tls-ca", "admin-token-file", "admin-read-token-file", "insecure", "log-level",
    ]
}
