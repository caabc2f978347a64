import Common
import Testing

/// State, input → action, state.
@Suite struct ClientHandshakeTests {
    private static let greeting = HandshakeV10(
        serverVersion: "8.4.3", connectionID: 5, nonce: Fixture.nonce, capabilities: CapabilityFlags.supported.union(.ssl),
        plugin: AuthPlugin.cachingSHA2.rawValue)
    private static let ok = OKPacket().encoded(for: .supported)
    private static let fullAuth = AuthMoreData([CachingSHA2Message.performFullAuthentication]).encoded()
    private static let fastAuth = AuthMoreData([CachingSHA2Message.fastAuthSuccess]).encoded()
    private static let key = AuthMoreData(Fixture.keyPair.publicKeyPEM).encoded()

    /// A client that has taken in these payloads.
    private func client(after payloads: [[UInt8]]) -> ClientHandshake {
        var client = Fixture.client()
        for payload in payloads { _ = client.receive(payload) }
        return client
    }

    @Test("each state is reached by its payloads")
    func states() {
        #expect(client(after: []).state == .awaitingGreeting)
        #expect(client(after: [Self.greeting.encoded()]).state == .awaitingVerdict)
        #expect(client(after: [Self.greeting.encoded(), Self.fullAuth]).state == .awaitingPublicKey)
        #expect(client(after: [Self.greeting.encoded(), Self.fullAuth, Self.key]).state == .awaitingFinalVerdict)
        #expect(client(after: [Self.greeting.encoded(), Self.fastAuth]).state == .awaitingFinalVerdict)
        #expect(client(after: [Self.greeting.encoded(), Self.ok]).state == .done)
        var tls = Fixture.client(tlsMode: .required)
        _ = tls.receive(Self.greeting.encoded())
        #expect(tls.state == .awaitingTLS)
    }

    @Test("an error packet ends the login in every state, with the server's number")
    func errors() {
        let refusal = ErrorPacket(.tooManyConnections, "Too many connections")
        for before in [[], [Self.greeting.encoded()], [Self.greeting.encoded(), Self.fullAuth], [Self.greeting.encoded(), Self.fastAuth]] {
            for capabilities in [CapabilityFlags.supported, []] {
                var client = client(after: before)
                let expected = HandshakeFailure(.refused(.tooManyConnections), "Too many connections (error 1040)")
                #expect(client.receive(refusal.encoded(for: capabilities)) == .fail(expected))
                #expect(client.state == .failed)
            }
        }
    }

    @Test("a packet out of place is an error, and nothing is sent for it")
    func unexpected() {
        let switchRequest = AuthSwitchRequest(plugin: AuthPlugin.nativePassword.rawValue, nonce: Fixture.nonce).encoded()
        let cases: [([[UInt8]], [UInt8])] = [
            ([Self.greeting.encoded()], Self.key),
            ([Self.greeting.encoded()], [0x20]),
            ([Self.greeting.encoded()], []),
            ([Self.greeting.encoded(), Self.fastAuth], Self.fullAuth),
            ([Self.greeting.encoded(), Self.fastAuth], switchRequest),
            ([Self.greeting.encoded(), Self.fullAuth], Self.ok),
            ([Self.greeting.encoded(), Self.fullAuth, Self.key], Self.key),
            ([Self.greeting.encoded(), switchRequest], switchRequest),
            ([Self.greeting.encoded(), switchRequest], Self.fullAuth),
            ([Self.greeting.encoded(), Self.ok], Self.ok),
        ]
        for (before, payload) in cases {
            var client = client(after: before)
            guard case .fail(let failure) = client.receive(payload) else {
                Issue.record("\(payload) was taken in state \(client.state)")
                continue
            }
            #expect(failure.code == .unexpected)
            #expect(client.state == .failed)
        }
    }

    @Test("a plugin that is not supported is named")
    func unsupportedPlugin() {
        var client = client(after: [Self.greeting.encoded()])
        let request = AuthSwitchRequest(plugin: "mysql_clear_password", nonce: Fixture.nonce)
        let reason = "the server asks for the authentication plugin 'mysql_clear_password', which is not supported"
        #expect(client.receive(request.encoded()) == .fail(HandshakeFailure(.unsupported, reason)))
    }

    @Test("the request for the password hash of MySQL 4.0 is refused")
    func oldPassword() {
        var client = client(after: [Self.greeting.encoded()])
        guard case .fail(let failure) = client.receive([0xfe]) else { return #expect(Bool(false)) }
        #expect(failure.code == .unsupported)
    }

    @Test("a key that is none fails as encryption, not as a crash")
    func badKey() {
        var client = client(after: [Self.greeting.encoded(), Self.fullAuth])
        guard case .fail(let failure) = client.receive(AuthMoreData([1, 2, 3]).encoded()) else { return #expect(Bool(false)) }
        #expect(failure.code == .encryption)
    }

    @Test("a truncated greeting or switch request is malformed")
    func malformed() {
        let greeting = Self.greeting.encoded()
        for count in 1..<greeting.count {
            var client = Fixture.client()
            guard case .fail(let failure) = client.receive(Array(greeting.prefix(count))) else {
                Issue.record("\(count) bytes of a greeting were accepted")
                continue
            }
            #expect(failure.code == .malformed)
        }
        var client = client(after: [greeting])
        guard case .fail(let failure) = client.receive([0xfe, 0x61]) else { return #expect(Bool(false)) }
        #expect(failure.code == .malformed)
    }

    @Test("TLS that nobody asked for is an error")
    func strayTLS() {
        var client = client(after: [Self.greeting.encoded()])
        guard case .fail(let failure) = client.tlsEstablished() else { return #expect(Bool(false)) }
        #expect(failure.code == .unexpected)
    }

    @Test("a payload before TLS stands is an error: it was not protected")
    func plainTextBeforeTLS() {
        var client = Fixture.client(tlsMode: .required)
        guard case .startTLS = client.receive(Self.greeting.encoded()) else { return #expect(Bool(false)) }
        guard case .fail(let failure) = client.receive(Self.ok) else { return #expect(Bool(false)) }
        #expect(failure.code == .unexpected)
    }
}
