import Common
import Testing

/// State, input → action, state.
@Suite struct ServerHandshakeTests {
    private func response(
        user: String = "repl", plugin: String = AuthPlugin.cachingSHA2.rawValue, authResponse: [UInt8]? = nil,
        capabilities: CapabilityFlags = CapabilityFlags.supported.subtracting(.connectWithDatabase)
    ) -> [UInt8] {
        let scramble = AuthPlugin(rawValue: plugin)?.scramble(Fixture.password, nonce: Fixture.nonce)
        return HandshakeResponse(
            capabilities: capabilities, maxPacketBytes: 1 << 24, collation: 45, user: user, authResponse: authResponse ?? scramble ?? [],
            database: "", plugin: plugin, attributes: []
        ).encoded()
    }

    private func greeted(_ configuration: ServerHandshake.Configuration = Fixture.serverConfiguration()) -> ServerHandshake {
        var server = Fixture.server(configuration)
        _ = server.greet()
        return server
    }

    @Test("the greeting shows version, connection and nonce, and offers TLS only where there is some", arguments: [false, true])
    func greeting(offersTLS: Bool) throws {
        var server = Fixture.server(Fixture.serverConfiguration(offersTLS: offersTLS))
        guard case .send(let payload) = server.greet() else { return #expect(Bool(false)) }
        let greeting = try HandshakeV10(decoding: payload.span.bytes)
        #expect(greeting.serverVersion == "9.7.4")
        #expect(greeting.connectionID == 7)
        #expect(greeting.nonce == Fixture.nonce.bytes)
        #expect(greeting.plugin == "caching_sha2_password")
        #expect(greeting.capabilities.contains(.ssl) == offersTLS)
        #expect(server.state == .awaitingResponse)
    }

    @Test("a client of MySQL 5.5 without plugins is taken at its native scramble, and turned away where another is required")
    func noPlugins() {
        let capabilities: CapabilityFlags = [.protocol41, .secureConnection]
        let payload = response(plugin: AuthPlugin.nativePassword.rawValue, capabilities: capabilities)
        var server = greeted()
        guard case .accept = server.receive(payload) else { return #expect(Bool(false)) }
        server = greeted(Fixture.serverConfiguration(requiredPlugin: .cachingSHA2))
        guard case .reject(_, let error) = server.receive(payload) else { return #expect(Bool(false)) }
        #expect(error.code == .unsupportedAuthentication)
    }

    @Test("a client from before 4.1 is told so")
    func protocol40() {
        var server = greeted()
        guard case .reject(let payload, let error) = server.receive([0x05, 0x00, 0xff, 0xff, 0xff, 0x61, 0x00]) else {
            return #expect(Bool(false))
        }
        #expect(error.code == .unsupportedAuthentication)
        #expect(payload.starts(with: [0xff, 0xe3, 0x04, UInt8(ascii: "C")]))
    }

    @Test("an unknown plugin is answered with a request to switch, with the same nonce")
    func unknownPlugin() throws {
        var server = greeted()
        guard case .send(let payload) = server.receive(response(plugin: "sha256_password")) else { return #expect(Bool(false)) }
        let request = try AuthSwitchRequest(decoding: payload.span.bytes)
        #expect(request.plugin == "caching_sha2_password")
        #expect(request.nonce == Fixture.nonce.bytes)
        guard case .accept = server.receive(AuthPlugin.cachingSHA2.scramble(Fixture.password, nonce: Fixture.nonce)) else {
            return #expect(Bool(false))
        }
        #expect(server.state == .done)
    }

    @Test("a client may ask for the public key in place of a scramble")
    func insistsOnFullPath() throws {
        var server = greeted()
        let first = server.receive(response(authResponse: [CachingSHA2Message.requestPublicKey]))
        guard case .send(let payload) = first else { return #expect(Bool(false)) }
        #expect(server.state == .awaitingEncryptedPassword)
        let key = try RSAPublicKey(pem: try AuthMoreData(decoding: payload.span.bytes).data)
        guard case .accept(let packets) = server.receive(try key.encrypt(Fixture.password, nonce: Fixture.nonce)) else {
            return #expect(Bool(false))
        }
        #expect(packets.count == 1)
    }

    @Test("a scramble of another length leads to the full path, where a client that has the key need not ask for it")
    func knownKey() throws {
        var server = greeted()
        #expect(server.receive(response(authResponse: [1, 2, 3])) == .send([AuthMoreData.header, 0x04]))
        let key = try RSAPublicKey(pem: Fixture.keyPair.publicKeyPEM)
        guard case .accept = server.receive(try key.encrypt(Fixture.password, nonce: Fixture.nonce)) else { return #expect(Bool(false)) }
    }

    @Test("without TLS a password in the clear is never accepted")
    func clearPassword() {
        var server = greeted(Fixture.serverConfiguration(asksForPassword: true))
        _ = server.receive(response())
        guard case .reject(_, let error) = server.receive(Array("secret".utf8) + [0]) else { return #expect(Bool(false)) }
        #expect(error.code == .accessDenied)
    }

    @Test("a password inside TLS must end with a zero byte")
    func unterminatedPassword() {
        var server = Fixture.server(Fixture.serverConfiguration(asksForPassword: true), isSecure: true)
        _ = server.greet()
        _ = server.receive(response())
        guard case .reject(_, let error) = server.receive(Array("secret".utf8)) else { return #expect(Bool(false)) }
        #expect(error.code == .badHandshake)
    }

    @Test("a request for TLS is a bad handshake where none is on offer, where a login follows in the same packet, and a second time")
    func badTLSRequests() {
        let request = HandshakeResponse.SSLRequest(
            capabilities: CapabilityFlags.supported.union(.ssl), maxPacketBytes: 1, collation: 45
        ).encoded()
        var server = greeted()
        guard case .reject(_, let first) = server.receive(request) else { return #expect(Bool(false)) }
        #expect(first.code == .badHandshake)

        let offering = Fixture.serverConfiguration(offersTLS: true)
        server = greeted(offering)
        let leaking = response(capabilities: [.protocol41, .secureConnection, .ssl])
        guard case .reject(_, let second) = server.receive(leaking) else { return #expect(Bool(false)) }
        #expect(second.code == .badHandshake)

        server = greeted(offering)
        #expect(server.receive(request) == .startTLS)
        server.tlsEstablished()
        guard case .reject(_, let third) = server.receive(request) else { return #expect(Bool(false)) }
        #expect(third.code == .badHandshake)
    }

    @Test("a payload before the greeting, before TLS stands, or after the end is a bad handshake")
    func outOfPlace() {
        var server = Fixture.server(Fixture.serverConfiguration(offersTLS: true))
        guard case .reject = server.receive(response()) else { return #expect(Bool(false)) }
        server = greeted()
        _ = server.receive(response())
        #expect(server.state == .done)
        guard case .reject = server.receive(response()) else { return #expect(Bool(false)) }
        #expect(server.state == .failed)
        guard case .reject = server.receive(response()) else { return #expect(Bool(false)) }
    }

    @Test("users are looked up once in a login, whatever its path")
    func oneLookup() {
        var server = greeted()
        var names: [String] = []
        func lookup(_ name: String) -> PasswordVerifier? {
            names.append(name)
            return Fixture.users(name)
        }
        let scramble = AuthPlugin.cachingSHA2.scramble(Fixture.password, nonce: Fixture.nonce)
        _ = server.receive(response(plugin: "dialog").span.bytes, lookup: lookup)
        _ = server.receive(scramble.span.bytes, lookup: lookup)
        #expect(server.state == .done)
        #expect(names == ["repl"])
    }

    @Test("a truncated response is a bad handshake at every length")
    func truncated() {
        let payload = response()
        for count in 0..<payload.count {
            var server = greeted()
            guard case .reject(_, let error) = server.receive(Array(payload.prefix(count))) else {
                Issue.record("\(count) bytes were accepted")
                continue
            }
            #expect(error.code == .badHandshake)
        }
    }

    @Test("an endless user name is cut in the message")
    func longName() {
        var server = greeted()
        guard case .reject(let payload, _) = server.receive(response(user: String(repeating: "é", count: 5_000))) else {
            return #expect(Bool(false))
        }
        #expect(payload.count < 300)
    }
}
