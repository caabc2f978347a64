/// The server's side of a login: how replicas and tools enter Kingbus's MySQL port.
///
/// It does no IO. ``greet()`` gives the first payload; each one that arrives goes into ``receive(_:lookup:)``, and the action that comes
/// back is performed. Whoever fails gets one and the same error, whether the name or the password is wrong, after the same work.
///
/// As the verifiers check every scramble (``PasswordVerifier``), caching_sha2_password ends on its fast path, right or wrong. The full
/// path stays open: for clients that ask for it in place of a scramble, and for all if the configuration says so.
public struct ServerHandshake: Sendable {
    /// What is the same for all connections of a server.
    public struct Configuration: Sendable {
        /// What the greeting shows. Replicas and tools decide by it what they may ask for.
        public var serverVersion: String
        public var offersTLS: Bool
        /// Refuse who does not begin TLS, with error 3159.
        public var requiresTLS: Bool
        /// The only plugin that is accepted; who comes with another one is asked to switch. Nil accepts each of them.
        public var requiredPlugin: AuthPlugin?
        /// Ask every client of caching_sha2_password for the password itself, as a mysqld does that has not cached the account.
        public var asksForPassword: Bool
        /// For clients that send their password without TLS.
        public var keyPair: RSAKeyPair

        /// Takes the place of the verifier of a user who does not exist.
        let decoy: PasswordVerifier

        /// - Throws: ``CryptoError`` if libcrypto has no randomness.
        public init(
            serverVersion: String, offersTLS: Bool, requiresTLS: Bool = false, requiredPlugin: AuthPlugin? = nil,
            asksForPassword: Bool = false, keyPair: RSAKeyPair
        ) throws(CryptoError) {
            self.serverVersion = serverVersion
            self.offersTLS = offersTLS
            self.requiresTLS = requiresTLS
            self.requiredPlugin = requiredPlugin
            self.asksForPassword = asksForPassword
            self.keyPair = keyPair
            decoy = PasswordVerifier(SecretBytes(try Nonce.random().bytes))
        }
    }

    public enum State: Hashable, Sendable {
        case idle
        case awaitingResponse
        case awaitingTLS
        /// The client was asked to use this plugin.
        case awaitingScramble(AuthPlugin)
        /// The client was asked for its password, or for nothing if it wants the public key first.
        case awaitingPassword
        /// The client has the public key.
        case awaitingEncryptedPassword
        case done
        case failed
    }

    /// What the owner of the connection does next. Each payload is one packet, numbered on from the last one received.
    public enum Action: Hashable, Sendable {
        case send([UInt8])
        /// Begin TLS with the bytes behind this packet, and call ``ServerHandshake/tlsEstablished()`` when it stands.
        case startTLS
        /// Send these payloads; the client may send commands.
        case accept([[UInt8]])
        /// Send this payload and close; the error is what it says.
        case reject([UInt8], ErrorPacket)
    }

    public private(set) var state = State.idle
    /// What both sides can do; complete once the client has answered.
    public private(set) var capabilities: CapabilityFlags = []
    /// Known once the client has answered; to be believed after `.accept`.
    public private(set) var user = ""
    /// The default database that the client asked for, or empty.
    public private(set) var database = ""
    /// What the client says about itself.
    public private(set) var attributes: [HandshakeResponse.Attribute] = []

    private let configuration: Configuration
    private let connectionID: UInt32
    private let nonce: Nonce
    private let host: String
    private var isSecure: Bool
    private var verifier: PasswordVerifier
    private var isKnownUser = false
    private var clientCapabilities: CapabilityFlags = []

    /// - Parameters:
    ///   - configuration: the server's.
    ///   - connectionID: the connection's number, shown to the client.
    ///   - nonce: fresh for every connection.
    ///   - host: where the client is, for messages.
    ///   - isSecure: whether the connection needs no TLS to be private, as a Unix socket.
    public init(_ configuration: Configuration, connectionID: UInt32, nonce: Nonce, host: String, isSecure: Bool = false) {
        self.configuration = configuration
        self.connectionID = connectionID
        self.nonce = nonce
        self.host = host
        self.isSecure = isSecure
        verifier = configuration.decoy
    }

    /// The greeting, which is the connection's first payload.
    public mutating func greet() -> Action {
        guard state == .idle else { return reject(.badHandshake, "Bad handshake") }
        state = .awaitingResponse
        let greeting = HandshakeV10(
            serverVersion: configuration.serverVersion, connectionID: connectionID, nonce: nonce, capabilities: offeredCapabilities,
            plugin: (configuration.requiredPlugin ?? .cachingSHA2).rawValue)
        return .send(greeting.encoded())
    }

    private var offeredCapabilities: CapabilityFlags {
        configuration.offersTLS && !isSecure ? CapabilityFlags.supported.union(.ssl) : .supported
    }

    /// TLS stands: the client's response comes inside it.
    public mutating func tlsEstablished() {
        guard state == .awaitingTLS else { return }
        isSecure = true
        state = .awaitingResponse
    }

    /// Takes in a payload from the client.
    ///
    /// - Parameters:
    ///   - payload: one whole payload.
    ///   - lookup: the verifier of the user of this name, or nil; called at most once in a login.
    public mutating func receive(_ payload: RawSpan, lookup: (String) -> PasswordVerifier?) -> Action {
        switch state {
        case .awaitingResponse: receiveResponse(payload, lookup: lookup)
        case .awaitingScramble(let plugin): verify(payload, plugin)
        case .awaitingPassword: receivePassword(payload)
        case .awaitingEncryptedPassword: verify(encrypted: payload)
        case .idle, .awaitingTLS, .done, .failed: reject(.badHandshake, "Bad handshake")
        }
    }

    private mutating func receiveResponse(_ payload: RawSpan, lookup: (String) -> PasswordVerifier?) -> Action {
        let response: HandshakeResponse
        do {
            if let request = try tlsRequest(payload) {
                clientCapabilities = request.capabilities
                state = .awaitingTLS
                return .startTLS
            }
            response = try HandshakeResponse(decoding: payload)
        } catch {
            guard error.code == .unsupported else { return reject(.badHandshake, "Bad handshake") }
            return reject(
                .unsupportedAuthentication,
                "Client does not support authentication protocol requested by server; consider upgrading MySQL client")
        }
        clientCapabilities = response.capabilities
        capabilities = response.capabilities.intersection(offeredCapabilities)
        if configuration.requiresTLS, !isSecure {
            return reject(
                .secureTransportRequired, "Connections using insecure transport are prohibited while --require_secure_transport=ON.")
        }
        user = response.user
        database = response.database
        attributes = response.attributes
        if let known = lookup(user) {
            verifier = known
            isKnownUser = true
        }
        return authenticate(response)
    }

    /// The request to begin TLS, if that is what the payload is. Once TLS stands, or where it is not on offer, nothing is.
    private func tlsRequest(_ payload: RawSpan) throws(CodecError) -> HandshakeResponse.SSLRequest? {
        var reader = ByteReader(payload)
        guard offeredCapabilities.contains(.ssl), try HandshakeResponse.SSLRequest(reading: &reader).capabilities.contains(.ssl) else {
            return nil
        }
        return try HandshakeResponse.SSLRequest(decoding: payload)
    }

    private mutating func authenticate(_ response: HandshakeResponse) -> Action {
        // A client that names no plugin is from before plugins, when there was one.
        let named = capabilities.contains(.pluginAuth) ? AuthPlugin(rawValue: response.plugin) : .nativePassword
        if let named, configuration.requiredPlugin ?? named == named {
            return verify(response.authResponse.span.bytes, named)
        }
        guard capabilities.contains(.pluginAuth) else {
            return reject(
                .unsupportedAuthentication,
                "Client does not support authentication protocol requested by server; consider upgrading MySQL client")
        }
        let plugin = configuration.requiredPlugin ?? .cachingSHA2
        state = .awaitingScramble(plugin)
        return .send(AuthSwitchRequest(plugin: plugin.rawValue, nonce: nonce).encoded())
    }

    /// Checks what a client sent in the name of `plugin`.
    private mutating func verify(_ scramble: RawSpan, _ plugin: AuthPlugin) -> Action {
        // Nothing, or one zero byte, is what clients send for an empty password.
        if scramble.byteCount == 0 || (scramble.byteCount == 1 && scramble.byte(at: 0) == 0) {
            return conclude(verifier.isEmptyPassword, usedPassword: false)
        }
        if plugin == .cachingSHA2 {
            if scramble.byteCount == 1, scramble.byte(at: 0) == CachingSHA2Message.requestPublicKey, !isSecure { return sendPublicKey() }
            if configuration.asksForPassword || scramble.byteCount != plugin.digestByteCount {
                state = .awaitingPassword
                return .send(AuthMoreData([CachingSHA2Message.performFullAuthentication]).encoded())
            }
        }
        let matches = verifier.accepts(scramble: scramble, plugin: plugin, nonce: nonce)
        return conclude(matches, usedPassword: true, onFastPath: plugin == .cachingSHA2)
    }

    private mutating func receivePassword(_ payload: RawSpan) -> Action {
        if isSecure {
            guard let password = SecretBytes(payload).withoutTerminator() else { return reject(.badHandshake, "Bad handshake") }
            return conclude(verifier.accepts(password: password), usedPassword: !password.isEmpty)
        }
        if payload.byteCount == 1, payload.byte(at: 0) == CachingSHA2Message.requestPublicKey { return sendPublicKey() }
        // A client that has the key from its configuration does not ask for it.
        return verify(encrypted: payload)
    }

    private mutating func sendPublicKey() -> Action {
        state = .awaitingEncryptedPassword
        return .send(AuthMoreData(configuration.keyPair.publicKeyPEM).encoded())
    }

    private mutating func verify(encrypted payload: RawSpan) -> Action {
        guard let password = configuration.keyPair.decrypt(payload, nonce: nonce) else { return conclude(false, usedPassword: true) }
        return conclude(verifier.accepts(password: password), usedPassword: !password.isEmpty)
    }

    private mutating func conclude(_ matches: Bool, usedPassword: Bool, onFastPath: Bool = false) -> Action {
        guard matches, isKnownUser else {
            let using = usedPassword ? "YES" : "NO"
            return reject(.accessDenied, "Access denied for user '\(user.prefix(96))'@'\(host)' (using password: \(using))")
        }
        state = .done
        let ok = OKPacket().encoded(for: capabilities)
        return .accept(onFastPath ? [AuthMoreData([CachingSHA2Message.fastAuthSuccess]).encoded(), ok] : [ok])
    }

    private mutating func reject(_ code: ErrorCode, _ message: String) -> Action {
        state = .failed
        let packet = ErrorPacket(code, message)
        return .reject(packet.encoded(for: clientCapabilities), packet)
    }
}
