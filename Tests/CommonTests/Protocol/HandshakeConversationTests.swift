import Common
import Testing

/// Our client against our server, on every path that a login can take.
@Suite struct HandshakeConversationTests {
    private func run(_ client: ClientHandshake, _ server: ServerHandshake) -> Conversation {
        var conversation = Conversation(client, server)
        conversation.run()
        return conversation
    }

    /// First bytes of the payloads after the greeting and the response: enough to tell the paths apart.
    private func path(_ conversation: Conversation) -> String {
        conversation.transcript.dropFirst(2).map { "\($0.sender)\(String($0.payload.first ?? 0xee, radix: 16))x\($0.payload.count)" }
            .joined(separator: " ")
    }

    @Test("caching_sha2_password ends on its fast path, without a cache")
    func fastPath() {
        let conversation = run(Fixture.client(database: "shop"), Fixture.server(Fixture.serverConfiguration()))
        #expect(conversation.succeeded)
        #expect(path(conversation) == "S1x2 S0x7")
        #expect(conversation.server.user == "repl")
        #expect(conversation.server.database == "shop")
        #expect(conversation.server.attributes == [.init(name: "program_name", value: "kingbus")])
        #expect(conversation.client.serverVersion == "9.7.4")
        #expect(conversation.client.connectionID == 7)
        #expect(conversation.client.capabilities == conversation.server.capabilities)
    }

    @Test("without TLS the full path sends the password only under the server's RSA key")
    func fullPathRSA() throws {
        let conversation = run(Fixture.client(), Fixture.server(Fixture.serverConfiguration(asksForPassword: true)))
        #expect(conversation.succeeded)
        #expect(path(conversation) == "S1x2 C2x1 S1x\(Fixture.keyPair.publicKeyPEM.count + 1) C\(firstByte(conversation, 5))x256 S0x7")
        #expect(!sendsClearly(conversation))
    }

    private func firstByte(_ conversation: Conversation, _ index: Int) -> String {
        String(conversation.transcript[index].payload.first ?? 0, radix: 16)
    }

    private func sendsClearly(_ conversation: Conversation) -> Bool {
        let secret = Array("secret".utf8)
        return conversation.transcript.contains { message in
            message.payload.indices.contains { message.payload[$0...].starts(with: secret) }
        }
    }

    @Test("inside TLS the full path sends the password as it is", arguments: [ClientHandshake.TLSMode.preferred, .required])
    func fullPathTLS(mode: ClientHandshake.TLSMode) {
        let conversation = run(
            Fixture.client(tlsMode: mode), Fixture.server(Fixture.serverConfiguration(offersTLS: true, asksForPassword: true)))
        #expect(conversation.succeeded)
        #expect(conversation.tlsStarted)
        #expect(conversation.transcript[1].payload.count == HandshakeResponse.SSLRequest.byteCount)
        #expect(conversation.transcript[4].payload == Array("secret".utf8) + [0])
    }

    @Test("a connection that is private without TLS sends the password as it is, and does not begin TLS")
    func unixSocket() {
        let configuration = Fixture.serverConfiguration(offersTLS: true, requiresTLS: true, asksForPassword: true)
        let conversation = run(Fixture.client(tlsMode: .required, isSecure: true), Fixture.server(configuration, isSecure: true))
        #expect(conversation.succeeded)
        #expect(!conversation.tlsStarted)
        #expect(path(conversation) == "S1x2 C73x7 S0x7")
    }

    @Test("the fast path works inside TLS")
    func fastPathTLS() {
        let conversation = run(
            Fixture.client(tlsMode: .required), Fixture.server(Fixture.serverConfiguration(offersTLS: true, requiresTLS: true)))
        #expect(conversation.succeeded)
        #expect(conversation.tlsStarted)
        #expect(conversation.client.capabilities.contains(.ssl))
    }

    @Test("mysql_native_password is greeted with and verified")
    func native() {
        let conversation = run(Fixture.client(), Fixture.server(Fixture.serverConfiguration(requiredPlugin: .nativePassword)))
        #expect(conversation.succeeded)
        #expect(path(conversation) == "S0x7")
    }

    @Test("a client with another plugin is asked to switch, either way", arguments: [AuthPlugin.nativePassword, .cachingSHA2])
    func authSwitch(required: AuthPlugin) throws {
        var server = Fixture.server(Fixture.serverConfiguration(requiredPlugin: required))
        let other: AuthPlugin = required == .cachingSHA2 ? .nativePassword : .cachingSHA2
        guard case .send(let greetingBytes) = server.greet() else { return #expect(Bool(false)) }
        var greeting = try HandshakeV10(decoding: greetingBytes.span.bytes)
        greeting.plugin = other.rawValue
        var client = Fixture.client()
        guard case .send(let response) = client.receive(greeting.encoded()) else { return #expect(Bool(false)) }
        guard case .send(let request) = server.receive(response) else { return #expect(Bool(false)) }
        #expect(server.state == .awaitingScramble(required))
        #expect(request.first == AuthSwitchRequest.header)
        guard case .send(let scramble) = client.receive(request) else { return #expect(Bool(false)) }
        guard case .accept(let packets) = server.receive(scramble) else { return #expect(Bool(false)) }
        #expect(packets.count == (required == .cachingSHA2 ? 2 : 1))
        #expect(packets.dropLast().allSatisfy { client.receive($0) == .wait })
        #expect(client.receive(packets[packets.count - 1]) == .done)
    }

    @Test("a plugin that the client does not know is answered with one that it knows")
    func unknownDefaultPlugin() throws {
        var client = Fixture.client()
        let greeting = HandshakeV10(
            serverVersion: "11.4.2-MariaDB", connectionID: 1, nonce: Fixture.nonce, capabilities: .supported, plugin: "client_ed25519")
        guard case .send(let response) = client.receive(greeting.encoded()) else { return #expect(Bool(false)) }
        #expect(try HandshakeResponse(decoding: response.span.bytes).plugin == "caching_sha2_password")
    }

    @Test(
        "a wrong password and an unknown user get the same error, on every path",
        arguments: [("repl", "wrong"), ("repl", "wrong password"), ("ghost", "secret")], [false, true])
    func refused(login: (user: String, password: String), tls: Bool) {
        for asksForPassword in [false, true] {
            for plugin in [AuthPlugin.nativePassword, .cachingSHA2] {
                let configuration = Fixture.serverConfiguration(
                    offersTLS: tls, requiredPlugin: plugin, asksForPassword: asksForPassword)
                let conversation = run(
                    Fixture.client(user: login.user, password: login.password, tlsMode: .preferred), Fixture.server(configuration))
                let expected = "Access denied for user '\(login.user)'@'10.0.0.9' (using password: YES)"
                #expect(conversation.serverRejection == ErrorPacket(.accessDenied, expected))
                #expect(conversation.clientFailure?.code == .refused(.accessDenied))
                #expect(conversation.clientFailure?.reason == expected + " (error 1045)")
                #expect(conversation.server.state == .failed)
                #expect(conversation.client.state == .failed)
            }
        }
    }

    @Test("an empty password logs in where the account has one, and nowhere else", arguments: AuthPlugin.allCases)
    func emptyPassword(plugin: AuthPlugin) {
        for asksForPassword in [false, true] {
            let configuration = Fixture.serverConfiguration(requiredPlugin: plugin, asksForPassword: asksForPassword)
            #expect(run(Fixture.client(user: "nobody", password: ""), Fixture.server(configuration)).succeeded)
            for user in ["repl", "ghost"] {
                let refused = run(Fixture.client(user: user, password: ""), Fixture.server(configuration))
                #expect(refused.serverRejection?.message == "Access denied for user '\(user)'@'10.0.0.9' (using password: NO)")
            }
            let refused = run(Fixture.client(user: "nobody", password: "secret"), Fixture.server(configuration))
            #expect(refused.serverRejection?.code == .accessDenied)
        }
    }

    @Test("who does not begin TLS where it is required gets error 3159")
    func tlsRequired() {
        let conversation = run(
            Fixture.client(tlsMode: .disabled), Fixture.server(Fixture.serverConfiguration(offersTLS: true, requiresTLS: true)))
        #expect(conversation.serverRejection?.code == .secureTransportRequired)
        #expect(conversation.clientFailure?.code == .refused(.secureTransportRequired))
    }

    @Test("a client that requires TLS says so when the server has none, and one that prefers it goes on")
    func tlsUnavailable() {
        let server = Fixture.server(Fixture.serverConfiguration())
        let required = run(Fixture.client(tlsMode: .required), server)
        #expect(required.clientFailure?.code == .tlsUnavailable)
        #expect(required.transcript.count == 1)
        #expect(run(Fixture.client(tlsMode: .preferred), server).succeeded)
    }
}
