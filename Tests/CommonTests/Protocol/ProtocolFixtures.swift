import Common

/// A small generator whose numbers depend on its seed alone (SplitMix64), so that a failing case can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

enum Fixture {
    /// 1, 2, … 20.
    static let nonce = nonce(from: 1)
    static let keyPair = make { () throws(CryptoError) in try RSAKeyPair() }
    static let password = SecretBytes(Array("secret".utf8))
    static let verifier = PasswordVerifier(password)
    static let emptyVerifier = PasswordVerifier(SecretBytes([]))

    static func nonce(from first: UInt8) -> Nonce {
        make { () throws(CodecError) in try Nonce(Array(first..<first + 20)) }
    }

    static func users(_ name: String) -> PasswordVerifier? {
        switch name {
        case "repl": verifier
        case "nobody": emptyVerifier
        default: nil
        }
    }

    static func serverConfiguration(
        offersTLS: Bool = false, requiresTLS: Bool = false, requiredPlugin: AuthPlugin? = nil, asksForPassword: Bool = false
    ) -> ServerHandshake.Configuration {
        make { () throws(CryptoError) in
            try ServerHandshake.Configuration(
                serverVersion: "9.7.4", offersTLS: offersTLS, requiresTLS: requiresTLS, requiredPlugin: requiredPlugin,
                asksForPassword: asksForPassword, keyPair: keyPair)
        }
    }

    static func server(_ configuration: ServerHandshake.Configuration, isSecure: Bool = false) -> ServerHandshake {
        ServerHandshake(configuration, connectionID: 7, nonce: nonce, host: "10.0.0.9", isSecure: isSecure)
    }

    static func client(
        user: String = "repl", password: String = "secret", database: String = "", tlsMode: ClientHandshake.TLSMode = .disabled,
        isSecure: Bool = false
    ) -> ClientHandshake {
        ClientHandshake(
            .init(
                user: user, password: SecretBytes(Array(password.utf8)), database: database, tlsMode: tlsMode,
                attributes: [.init(name: "program_name", value: "kingbus")]),
            isSecure: isSecure)
    }

    private static func make<Value, Failure: Error>(_ body: () throws(Failure) -> Value) -> Value {
        do { return try body() } catch { fatalError("a fixture cannot be made: \(error)") }
    }
}

extension ClientHandshake {
    mutating func receive(_ payload: [UInt8]) -> Action { receive(payload.span.bytes) }
}

extension ServerHandshake {
    mutating func receive(_ payload: [UInt8]) -> Action { receive(payload.span.bytes, lookup: Fixture.users) }
}

extension QueryResponse {
    mutating func receive(_ payload: [UInt8]) -> Action { receive(payload.span.bytes) }
}

/// Client and server talking to each other without a wire.
struct Conversation {
    var client: ClientHandshake
    var server: ServerHandshake
    /// Every payload in order, "C" or "S" for its sender.
    var transcript: [(sender: Character, payload: [UInt8])] = []
    var tlsStarted = false
    var serverRejection: ErrorPacket?
    var clientFailure: HandshakeFailure?

    init(_ client: ClientHandshake, _ server: ServerHandshake) {
        self.client = client
        self.server = server
    }

    var succeeded: Bool { client.state == .done && server.state == .done }

    mutating func run() {
        guard case .send(let greeting) = server.greet() else { return }
        toClient(greeting)
    }

    private mutating func toClient(_ payload: [UInt8]) {
        transcript.append(("S", payload))
        perform(client.receive(payload))
    }

    private mutating func perform(_ action: ClientHandshake.Action) {
        switch action {
        case .send(let payload): toServer(payload)
        case .sendSecret(let payload): toServer(payload.withBytes { Array($0) })
        case .startTLS(let request):
            toServer(request)
            guard tlsStarted else { return }
            perform(client.tlsEstablished())
        case .fail(let failure): clientFailure = failure
        case .wait, .done: break
        }
    }

    private mutating func toServer(_ payload: [UInt8]) {
        transcript.append(("C", payload))
        switch server.receive(payload) {
        case .send(let payload): toClient(payload)
        case .startTLS:
            tlsStarted = true
            server.tlsEstablished()
        case .accept(let payloads): for payload in payloads { toClient(payload) }
        case .reject(let payload, let packet):
            serverRejection = packet
            toClient(payload)
        }
    }
}
