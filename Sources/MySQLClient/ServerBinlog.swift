import Common

/// The binlog of a server as one input: its files one after the other, to where the server is now, or on and on.
///
///     let binlog = try ServerBinlog(at: url, password: password, wanted: .init(excluded: set), follows: true)
///     while let file = try binlog.nextFile() {
///         while case let count = try binlog.read(into: buffer), count > 0 { … }
///     }
///
/// One that follows goes on after a lost connection where it was, to the byte: by GTIDs where the server has them, else by file and position.
public final class ServerBinlog {
    /// What of the binlog is wanted. More may come, as far as a server cannot leave it out.
    public struct Wanted: Sendable {
        /// Begin with this file; empty for the first that the server has.
        public var file: String
        /// Only these transactions; nil for all.
        public var included: GTIDSet?
        /// All but these.
        public var excluded: GTIDSet?

        public init(file: String = "", included: GTIDSet? = nil, excluded: GTIDSet? = nil) {
            self.file = file
            self.included = included
            self.excluded = excluded
        }
    }

    private static let firstPauseMilliseconds: UInt64 = 100
    private static let longestPauseMilliseconds: UInt64 = 10_000

    /// What is remembered of the server, to go on only with the same one.
    private struct Server: Equatable {
        /// Its server_uuid, or what MariaDB has of the kind.
        var identity: String
        /// Whether every transaction has a GTID by which a dump can begin.
        var hasGTIDs: Bool
    }

    private let url: MySQLURL
    private let password: SecretBytes?
    private let options: MySQLConnection.Options
    private let follows: Bool
    private let serverID: UInt32?
    private let stopper: Stopper
    private let tell: (String) -> Void
    private var server: Server
    private var stream: DumpStream
    /// Where the first dump began.
    private let start: DumpRequest.Start
    /// What the server says in its greeting.
    public private(set) var serverVersion: String

    /// - Parameters:
    ///   - url: names who logs in; its password is not used, its file neither.
    ///   - serverID: what the dump calls itself; see ``DumpRequest``.
    ///   - stopper: by which another thread ends the reading.
    ///   - tell: takes a line for a person when the connection is lost and when it stands again.
    public init(
        at url: MySQLURL, password: SecretBytes?, wanted: Wanted = Wanted(), follows: Bool, serverID: UInt32? = nil,
        options: MySQLConnection.Options = MySQLConnection.Options(), stopper: Stopper = Stopper(),
        tell: @escaping (String) -> Void = { _ in }
    ) throws(ClientError) {
        self.url = url
        self.password = password
        self.options = options
        self.follows = follows
        self.serverID = serverID
        self.stopper = stopper
        self.tell = tell
        let connection = try MySQLConnection(to: url, password: password, options: options)
        stopper.watch(connection)
        serverVersion = connection.serverVersion
        server = try Self.server(connection)
        start = try Self.start(wanted, server, connection)
        stream = try DumpStream(DumpRequest(start, follows: follows, serverID: serverID), on: connection)
    }

    /// Whether a read would have to wait for the server.
    public var isIdle: Bool { stream.isIdle }

    /// As ``DumpStream/nextFile()``.
    public func nextFile() throws(ClientError) -> BinlogPosition? {
        try persistently { (stream) throws(ClientError) in try stream.nextFile() }
    }

    /// As ``DumpStream/read(into:)``.
    public func read(into target: UnsafeMutableRawBufferPointer) throws(ClientError) -> Int {
        try persistently { (stream) throws(ClientError) in try stream.read(into: target) }
    }

    private func persistently<Value>(_ body: (DumpStream) throws(ClientError) -> Value) throws(ClientError) -> Value {
        while true {
            do throws(ClientError) { return try body(stream) } catch {
                guard follows, error.isTransient, !stream.progress.isLost else { throw error }
                try reconnect(after: error)
            }
        }
    }

    // MARK: - Where to begin

    private static func server(_ connection: MySQLConnection) throws(ClientError) -> Server {
        do throws(ClientError) {
            let answer = try connection.query("SELECT @@GLOBAL.server_uuid, @@GLOBAL.gtid_mode")
            return Server(identity: answer.text(row: 0, column: 0) ?? "", hasGTIDs: answer.text(row: 0, column: 1)?.uppercased() == "ON")
        } catch {
            guard error.code == .server(.unknownSystemVariable) else { throw error }
            let answer = try connection.query("SELECT @@GLOBAL.server_id")
            return Server(identity: answer.text(row: 0, column: 0) ?? "", hasGTIDs: false)
        }
    }

    private static func start(_ wanted: Wanted, _ server: Server, _ connection: MySQLConnection) throws(ClientError) -> DumpRequest.Start {
        guard wanted.file.isEmpty, server.hasGTIDs, wanted.included != nil || wanted.excluded != nil else {
            return .file(wanted.file, position: BinlogDumpGTIDCommand.firstEventPosition)
        }
        let purged = try set("gtid_purged", connection)
        let executed = try set("gtid_executed", connection)
        // No more than the server has: it would refuse one that is ahead of it.
        var lacking = purged.union(wanted.excluded.map { executed.intersection($0) } ?? GTIDSet())
        if let included = wanted.included { lacking.formUnion(executed.subtracting(included)) }
        return .gtids(lacking: lacking)
    }

    private static func set(_ variable: String, _ connection: MySQLConnection) throws(ClientError) -> GTIDSet {
        let text = try connection.query("SELECT @@GLOBAL.\(variable)").text(row: 0, column: 0) ?? ""
        do { return try GTIDSet(parsing: text) } catch {
            throw ClientError(.malformed, at: connection.endpoint, "its \(variable) cannot be read: \(error)")
        }
    }

    // MARK: - Lost connections

    /// Tries until it has a dump that goes on, or the server says that there is none.
    private func reconnect(after error: ClientError) throws(ClientError) {
        tell("\(error); connecting again")
        var pause = Self.firstPauseMilliseconds
        while true {
            guard stopper.pause(milliseconds: pause) else { throw ClientError(.interrupted, at: error.endpoint, "interrupted") }
            pause = min(2 * pause, Self.longestPauseMilliseconds)
            do throws(ClientError) { return try connectAgain() } catch { guard error.isTransient else { throw error } }
        }
    }

    private func connectAgain() throws(ClientError) {
        let connection = try MySQLConnection(to: url, password: password, options: options)
        stopper.watch(connection)
        let server = try Self.server(connection)
        guard server == self.server else {
            throw ClientError(
                .unsupported, at: connection.endpoint, "another server answers there than the one that was read",
                hint: "begin anew, leaving out with --exclude-gtid what was read")
        }
        let progress = stream.progress
        var start = start
        var place = "at the beginning"
        if let file = progress.file {
            if server.hasGTIDs, progress.knowsBase {
                start = .gtids(lacking: progress.seen)
                place = "behind \(progress.transactionCount) transactions"
            } else {
                start = .file(file, position: progress.settled)
                place = "at \(file):\(progress.settled)"
            }
        }
        stream = try DumpStream(DumpRequest(start, follows: follows, serverID: serverID), on: connection, after: stream)
        tell("\(connection.endpoint): connected again, going on \(place)")
    }
}
