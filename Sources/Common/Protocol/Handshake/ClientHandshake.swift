/// The client's side of a login, from the greeting to the OK packet: how Kingbus and its tools enter a MySQL server.
///
/// It does no IO. Each payload that arrives goes into ``receive(_:)``, and the action that comes back is performed:
///
///     switch handshake.receive(payload) {
///     case .send(let payload): write(payload)
///     case .sendSecret(let payload): payload.withBytes { write($0) }
///     case .startTLS(let request): write(request); installTLS()   // then handshake.tlsEstablished()
///     case .wait: break
///     case .done: login is over, handshake.capabilities are in force
///     case .fail(let failure): close
///     }
///
/// The password travels mixed with the server's nonce. Where the server wants it in full (caching_sha2_password, first login since its
/// start) it goes as it is over an encrypted connection, and otherwise encrypted with the server's RSA key, never in the clear.
public struct ClientHandshake: Sendable {
    /// Whether to encrypt the connection. Checking the server's certificate is the TLS layer's part.
    public enum TLSMode: Hashable, Sendable {
        case disabled
        /// If the server offers it.
        case preferred
        /// Or fail.
        case required
    }

    /// Who logs in and how.
    public struct Configuration: Sendable {
        public var user: String
        public var password: SecretBytes
        /// The default database; none if empty.
        public var database: String
        public var tlsMode: TLSMode
        public var collation: UInt8
        /// What the server shows about the connection.
        public var attributes: [HandshakeResponse.Attribute]
        /// The longest payload that we take, told to the server.
        public var maxPacketBytes: UInt32
        /// Whether an UPDATE is to count the rows that it finds, and not those alone that it changes.
        public var countsFoundRows = false

        public init(
            user: String, password: SecretBytes, database: String = "", tlsMode: TLSMode = .preferred,
            collation: UInt8 = CollationNumber.utf8mb4, attributes: [HandshakeResponse.Attribute] = [], maxPacketBytes: UInt32 = 1 << 30
        ) {
            self.user = user
            self.password = password
            self.database = database
            self.tlsMode = tlsMode
            self.collation = collation
            self.attributes = attributes
            self.maxPacketBytes = maxPacketBytes
        }
    }

    public enum State: Hashable, Sendable {
        case awaitingGreeting
        case awaitingTLS
        /// A scramble is with the server.
        case awaitingVerdict
        /// The server's RSA key was asked for.
        case awaitingPublicKey
        /// The server has what it needs and can only accept or refuse.
        case awaitingFinalVerdict
        case done
        case failed
    }

    /// What the owner of the connection does next. Payloads are one packet each, with the sequence number after the last one received.
    public enum Action: Equatable, Sendable {
        case send([UInt8])
        /// As `send`, for a payload that holds a password and is wiped with its last reference.
        case sendSecret(SecretBytes)
        /// Send this payload, then begin TLS and call ``ClientHandshake/tlsEstablished()`` when it stands.
        case startTLS([UInt8])
        /// Nothing until the next payload.
        case wait
        case done
        case fail(HandshakeFailure)
    }

    public private(set) var state = State.awaitingGreeting
    /// What both sides can do; complete once the greeting is in.
    public private(set) var capabilities: CapabilityFlags = []
    /// Known after the greeting.
    public private(set) var serverVersion = ""
    /// The connection's number on the server; known after the greeting.
    public private(set) var connectionID: UInt32 = 0

    private let configuration: Configuration
    private var isSecure: Bool
    private var plugin = AuthPlugin.cachingSHA2
    private var nonce: Nonce?
    private var hasSwitched = false

    /// - Parameters:
    ///   - configuration: who logs in and how.
    ///   - isSecure: whether the connection needs no TLS to be private, as a Unix socket.
    public init(_ configuration: Configuration, isSecure: Bool = false) {
        self.configuration = configuration
        self.isSecure = isSecure
    }

    /// Takes in a payload from the server.
    public mutating func receive(_ payload: RawSpan) -> Action {
        do {
            return try react(to: payload)
        } catch {
            state = .failed
            return .fail(error)
        }
    }

    /// TLS stands: goes on with the login inside it.
    public mutating func tlsEstablished() -> Action {
        guard state == .awaitingTLS, let nonce else {
            state = .failed
            return .fail(HandshakeFailure(.unexpected, "TLS was established that nobody asked for"))
        }
        isSecure = true
        return respond(nonce)
    }

    private mutating func react(to payload: RawSpan) throws(HandshakeFailure) -> Action {
        let first = payload.byteCount > 0 ? payload.byte(at: 0) : nil
        if first == ErrorPacket.header, state != .done, state != .failed {
            throw HandshakeFailure(try decode { () throws(CodecError) in try ErrorPacket(decoding: payload) })
        }
        switch (state, first) {
        case (.awaitingGreeting, _):
            return try greet(try decode { () throws(CodecError) in try HandshakeV10(decoding: payload) })
        case (.awaitingVerdict, OKPacket.header), (.awaitingFinalVerdict, OKPacket.header):
            _ = try decode { () throws(CodecError) in try OKPacket(decoding: payload, capabilities: capabilities) }
            state = .done
            return .done
        case (.awaitingVerdict, AuthSwitchRequest.header) where !hasSwitched:
            return try switchPlugin(try decode { () throws(CodecError) in try AuthSwitchRequest(decoding: payload) })
        case (.awaitingVerdict, AuthMoreData.header) where plugin == .cachingSHA2:
            return try continueCachingSHA2(try decode { () throws(CodecError) in try AuthMoreData(decoding: payload) })
        case (.awaitingPublicKey, AuthMoreData.header):
            return try sendEncrypted(try decode { () throws(CodecError) in try AuthMoreData(decoding: payload) })
        default:
            let packet = first.map { "a packet that begins with 0x" + String($0, radix: 16) } ?? "an empty packet"
            throw HandshakeFailure(.unexpected, "the server sent \(packet) in the middle of the login")
        }
    }

    private func decode<Packet>(_ body: () throws(CodecError) -> Packet) throws(HandshakeFailure) -> Packet {
        do { return try body() } catch { throw HandshakeFailure(error) }
    }

    private mutating func greet(_ greeting: HandshakeV10) throws(HandshakeFailure) -> Action {
        serverVersion = greeting.serverVersion
        connectionID = greeting.connectionID
        guard greeting.capabilities.contains(.protocol41) else {
            throw HandshakeFailure(.unsupported, "the server speaks the protocol of before MySQL 4.1")
        }
        capabilities = greeting.capabilities.intersection(
            configuration.countsFoundRows ? CapabilityFlags.supported.union(.foundRows) : .supported)
        if configuration.database.isEmpty { capabilities.remove(.connectWithDatabase) }
        // The server's default is a proposal: one that we do not know is answered with ours, and the server then asks to switch.
        plugin = AuthPlugin(rawValue: greeting.plugin) ?? (greeting.plugin.isEmpty ? .nativePassword : .cachingSHA2)
        let nonce = try decode { () throws(CodecError) in try Nonce(greeting.nonce) }
        self.nonce = nonce
        let serverHasTLS = greeting.capabilities.contains(.ssl)
        if isSecure || configuration.tlsMode == .disabled || (configuration.tlsMode == .preferred && !serverHasTLS) {
            return respond(nonce)
        }
        guard serverHasTLS else {
            throw HandshakeFailure(.tlsUnavailable, "TLS is required and the server does not offer it")
        }
        capabilities.insert(.ssl)
        state = .awaitingTLS
        let request = HandshakeResponse.SSLRequest(
            capabilities: capabilities, maxPacketBytes: configuration.maxPacketBytes, collation: configuration.collation)
        return .startTLS(request.encoded())
    }

    private mutating func respond(_ nonce: Nonce) -> Action {
        state = .awaitingVerdict
        let response = HandshakeResponse(
            capabilities: capabilities, maxPacketBytes: configuration.maxPacketBytes, collation: configuration.collation,
            user: configuration.user, authResponse: plugin.scramble(configuration.password, nonce: nonce),
            database: configuration.database, plugin: plugin.rawValue, attributes: configuration.attributes)
        return .send(response.encoded())
    }

    private mutating func switchPlugin(_ request: AuthSwitchRequest) throws(HandshakeFailure) -> Action {
        guard let plugin = AuthPlugin(rawValue: request.plugin) else {
            throw HandshakeFailure(
                .unsupported, "the server asks for the authentication plugin '\(request.plugin)', which is not supported")
        }
        let nonce = try decode { () throws(CodecError) in try Nonce(request.nonce) }
        self.plugin = plugin
        self.nonce = nonce
        hasSwitched = true
        return .send(plugin.scramble(configuration.password, nonce: nonce))
    }

    private mutating func continueCachingSHA2(_ message: AuthMoreData) throws(HandshakeFailure) -> Action {
        switch message.data {
        case [CachingSHA2Message.fastAuthSuccess]:
            state = .awaitingFinalVerdict
            return .wait
        case [CachingSHA2Message.performFullAuthentication] where isSecure:
            state = .awaitingFinalVerdict
            return .sendSecret(configuration.password.zeroTerminated())
        case [CachingSHA2Message.performFullAuthentication]:
            state = .awaitingPublicKey
            return .send([CachingSHA2Message.requestPublicKey])
        default:
            throw HandshakeFailure(.unexpected, "the server sent an unknown message of caching_sha2_password")
        }
    }

    private mutating func sendEncrypted(_ message: AuthMoreData) throws(HandshakeFailure) -> Action {
        guard let nonce else { throw HandshakeFailure(.unexpected, "the server sent a key before its greeting") }
        do {
            let encrypted = try RSAPublicKey(pem: message.data).encrypt(configuration.password, nonce: nonce)
            state = .awaitingFinalVerdict
            return .send(encrypted)
        } catch {
            throw HandshakeFailure(.encryption, error.description)
        }
    }
}
