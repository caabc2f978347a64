import Common
import NIOCore

/// A connection of a command-line tool to a MySQL or MariaDB server, or to a Kingbus node, for one plain thread that waits for answers.
///
///     let connection = try MySQLConnection(to: MySQLURL(parsing: "mysql://repl@db1:3306"), password: password)
///     let result = try connection.query("SELECT @@server_id")
///     print(result.text(row: 0, column: 0) ?? "NULL")
///
/// Its end with the last reference closes the connection.
public final class MySQLConnection {
    public struct Options: Sendable {
        /// How long the connection and the login may take, together.
        public var connectTimeoutMilliseconds: UInt64 = 10_000
        /// How long the answer to a query may take, to its last row.
        public var answerTimeoutMilliseconds: UInt64 = 60_000
        /// The most bytes that the answer to a query may have.
        public var maxResultBytes = 64 << 20
        /// What the server shows about the connection (`program_name` in performance_schema.session_connect_attrs).
        public var programName = "kingbus"
        /// Whether an UPDATE is answered with the number of rows that it finds, and not of those alone that it changes.
        public var countsFoundRows = false

        public init() {}
    }

    /// Ends a connection, and what waits for it, from another thread.
    public struct Interrupter: Sendable {
        fileprivate let channel: ServerChannel

        /// Whoever waits, or will wait, gets the error ``ClientError/Code/interrupted``.
        public func interrupt() { channel.interrupt() }
    }

    /// As the server's greeting says.
    public var serverVersion: String { handshake.serverVersion }
    public var isMariaDB: Bool { serverVersion.lowercased().contains("mariadb") }
    /// The connection's number on the server.
    public var connectionID: UInt32 { handshake.connectionID }
    /// Whether what travels is encrypted.
    public private(set) var isEncrypted = false
    /// `host:port`.
    public var endpoint: String { channel.endpoint }
    public var interrupter: Interrupter { Interrupter(channel: channel) }

    let channel: ServerChannel
    private let url: MySQLURL
    private let options: Options
    private var handshake: ClientHandshake
    private var parser = PacketParser()

    /// Connects and logs in.
    ///
    /// - Parameters:
    ///   - url: its own password is not used; see ``Credentials``.
    ///   - password: nil for none.
    public init(to url: MySQLURL, password: SecretBytes?, options: Options = Options()) throws(ClientError) {
        self.url = url
        self.options = options
        let attribute = HandshakeResponse.Attribute(name: "program_name", value: options.programName)
        var configuration = ClientHandshake.Configuration(
            user: url.user, password: password ?? SecretBytes([]), tlsMode: url.tlsMode, attributes: [attribute])
        configuration.countsFoundRows = options.countsFoundRows
        handshake = ClientHandshake(configuration)
        let deadline = MonotonicTime.inMilliseconds(options.connectTimeoutMilliseconds)
        channel = try ServerChannel(to: url, timeoutMilliseconds: options.connectTimeoutMilliseconds)
        do {
            try logIn(until: deadline)
        } catch {
            channel.close()
            throw error
        }
        parser.maxPayloadBytes = options.maxResultBytes
    }

    deinit { channel.close() }

    // MARK: - Questions

    /// Sends one statement and waits for its answer; of a statement without rows, the result has no columns.
    ///
    /// - Throws: ``ClientError``, with the code `server` where the server refuses the statement, and the connection stays good.
    @discardableResult
    public func query(_ sql: String) throws(ClientError) -> ResultSet {
        send(.query(Array(sql.utf8)))
        switch try answer() {
        case .ok: return ResultSet(columns: [])
        case .rows(let result): return result
        case .refused(let packet): throw ClientError(packet, at: endpoint)
        }
    }

    /// What a server answers to a statement.
    public enum Answer: Hashable, Sendable {
        case ok(OKPacket)
        case rows(ResultSet)
        case refused(ErrorPacket)
    }

    /// Sends statements one behind the other, without waiting in between, and then waits for the answer to each.
    ///
    /// The server carries out all of them, also those behind one that it refuses: what may not be done without the others belongs into a
    /// transaction, and autocommit off.
    ///
    /// - Parameter take: Is given the number of a statement in the batch and its answer, the first statement's first.
    /// - Throws: ``ClientError`` where an answer does not come; of what follows it, nothing is known.
    public func run(_ batch: borrowing StatementBatch, _ take: (Int, Answer) -> Void) throws(ClientError) {
        channel.write(batch.packets)
        for (index, sequence) in batch.sequences.enumerated() {
            parser.nextSequence = sequence
            take(index, try answer())
        }
    }

    /// Waits for the answer to the first statement that has none yet.
    private func answer() throws(ClientError) -> Answer {
        var response = QueryResponse(capabilities: handshake.capabilities, maxResultBytes: options.maxResultBytes)
        let deadline = MonotonicTime.inMilliseconds(options.answerTimeoutMilliseconds)
        while true {
            let payload = try nextPayload(until: deadline)
            switch response.receive(payload.span.bytes) {
            case .wait: continue
            case .ok(let packet): return .ok(packet)
            case .rows(let result): return .rows(result)
            case .error(let packet): return .refused(packet)
            case .fail(let error): throw ClientError(.malformed, at: endpoint, "the answer to a query cannot be read: \(error)")
            }
        }
    }

    /// Sends a command; what is answered is the caller's to read.
    func send(_ command: ClientCommand) {
        parser.nextSequence = 0
        write(command.encoded())
    }

    /// Gives up what was received and not read yet: what follows a dump's command is read by others.
    func takeUnread() -> [UInt8] { parser.takeUnscanned() }

    // MARK: - Login

    private func logIn(until deadline: MonotonicTime) throws(ClientError) {
        while true {
            let payload: [UInt8]
            do {
                payload = try nextPayload(until: deadline)
            } catch {
                let what = handshake.state == .awaitingGreeting ? "no greeting of a MySQL server came" : "the login broke off"
                throw ClientError(error.code, at: endpoint, "\(what): \(error.reason)", hint: error.hint)
            }
            var action = handshake.receive(payload.span.bytes)
            if case .startTLS(let request) = action {
                guard parser.bufferedByteCount == 0 else {
                    throw ClientError(.malformed, at: endpoint, "it sent more than its greeting before TLS")
                }
                try channel.startTLS(framed(request), for: url, until: deadline)
                isEncrypted = true
                action = handshake.tlsEstablished()
            }
            switch action {
            case .send(let payload): write(payload)
            case .sendSecret(let secret): secret.withBytes { write(Array($0)) }
            case .wait, .startTLS: break
            case .done: return
            case .fail(let failure): throw refusal(failure)
            }
        }
    }

    private func refusal(_ failure: HandshakeFailure) -> ClientError {
        switch failure.code {
        case .refused(.accessDenied):
            ClientError(
                .refused(.accessDenied), at: endpoint, "the server refuses the login of '\(url.user)': \(failure.reason)",
                hint: "check the user and the password (--password-file, MYSQL_PWD or ~/.my.cnf)")
        case .refused(let code): ClientError(.refused(code), at: endpoint, "the server refuses the connection: \(failure.reason)")
        case .tlsUnavailable:
            ClientError(.tls, at: endpoint, failure.reason, hint: "allow TLS there, or use ssl-mode=disabled on a network that is trusted")
        case .unsupported:
            ClientError(
                .unsupported, at: endpoint, "the login of '\(url.user)' failed: \(failure.reason)",
                hint: "check the user's name: of users that it does not know, MySQL asks for any plugin")
        case .malformed, .unexpected, .encryption:
            ClientError(.malformed, at: endpoint, "the login failed: \(failure.reason)", hint: "check that a MySQL server listens there")
        }
    }

    // MARK: - Packets

    private func nextPayload(until deadline: MonotonicTime) throws(ClientError) -> [UInt8] {
        while true {
            do throws(PacketError) {
                if let payload = try parser.nextPayload() { return payload }
            } catch {
                throw ClientError(.malformed, at: endpoint, "it does not speak MySQL's protocol: \(error)")
            }
            let chunk = try channel.read(until: deadline)
            chunk.withUnsafeReadableBytes { parser.feed(RawSpan(_unsafeBytes: $0)) }
        }
    }

    private func write(_ payload: [UInt8]) { channel.write(framed(payload)) }

    private func framed(_ payload: [UInt8]) -> [UInt8] {
        var writer = PacketWriter(sequence: parser.nextSequence)
        writer.append(payload)
        parser.nextSequence = writer.sequence
        return writer.bytes
    }
}

extension PacketParser {
    /// A copy of the next complete payload, or nil until more bytes are fed.
    fileprivate mutating func nextPayload() throws(PacketError) -> [UInt8]? {
        guard let range = try next() else { return nil }
        return payload(range).array
    }
}

extension ClientError {
    /// What a server answered to a command.
    init(_ packet: ErrorPacket, at endpoint: String) {
        let isDenied = packet.code == .specificAccessDenied || packet.code == .accessDenied
        self.init(
            .server(packet.code), at: endpoint, "the server refuses: \(packet.message) (error \(packet.code.rawValue))",
            hint: isDenied ? "grant it: GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO the user" : nil)
    }
}
