import Common
import Testing

/// Whatever arrives, in whatever state: an answer or an error, never a trap.
@Suite struct ProtocolMutationTests {
    private static let mutationsPerState = 50_000

    /// Flips, overwrites, inserts, removes, cuts, lengthens.
    private func mutated(_ payload: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = payload
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let position = Int.random(in: 0...max(0, bytes.count - 1), using: &generator)
            let byte =
                [0, 1, 0x7f, 0x80, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff, UInt8.random(in: 0...255, using: &generator)]
                .randomElement(using: &generator) ?? 0
            switch Int.random(in: 0..<6, using: &generator) {
            case 0 where !bytes.isEmpty: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1 where !bytes.isEmpty: bytes[position] = byte
            case 2: bytes.insert(byte, at: min(position, bytes.count))
            case 3 where !bytes.isEmpty: bytes.remove(at: position)
            case 4: bytes.removeSubrange(min(position, bytes.count)...)
            default: bytes += (0..<Int.random(in: 0..<20, using: &generator)).map { _ in byte }
            }
        }
        return bytes
    }

    /// Feeds mutations of `payloads` to copies of `machine` and counts the outcomes.
    private func storm<Machine, State: Hashable>(
        _ machine: Machine, payloads: [[UInt8]], seed: UInt64, _ feed: (inout Machine, [UInt8]) -> State
    ) -> [State: Int] {
        var generator = SeededGenerator(seed: seed)
        var outcomes: [State: Int] = [:]
        for _ in 0..<Self.mutationsPerState {
            var copy = machine
            let payload = mutated(payloads.randomElement(using: &generator) ?? [], &generator)
            outcomes[feed(&copy, payload), default: 0] += 1
            // Once more, so that states behind this one are stormed too.
            _ = feed(&copy, mutated(payload, &generator))
        }
        return outcomes
    }

    private static let serverPayloads: [[UInt8]] = [
        HandshakeV10(
            serverVersion: "9.7.4", connectionID: 1, nonce: Fixture.nonce, capabilities: .supported,
            plugin: AuthPlugin.cachingSHA2.rawValue
        ).encoded(),
        OKPacket().encoded(for: .supported),
        ErrorPacket(.accessDenied, "no").encoded(for: .supported),
        AuthSwitchRequest(plugin: AuthPlugin.nativePassword.rawValue, nonce: Fixture.nonce).encoded(),
        AuthMoreData([CachingSHA2Message.performFullAuthentication]).encoded(),
        AuthMoreData([CachingSHA2Message.fastAuthSuccess]).encoded(),
        AuthMoreData(Fixture.keyPair.publicKeyPEM).encoded(),
    ]

    @Test("the client's side of a login stands 50 000 mutations in each state", arguments: 0..<5)
    func client(index: Int) {
        let greeting = Self.serverPayloads[0]
        let fullAuth = Self.serverPayloads[4]
        let before = [[], [greeting], [greeting, fullAuth], [greeting, Self.serverPayloads[5]], [greeting, Self.serverPayloads[1]]]
        let states: [ClientHandshake.State] = [.awaitingGreeting, .awaitingVerdict, .awaitingPublicKey, .awaitingFinalVerdict, .done]
        var client = Fixture.client()
        for payload in before[index] { _ = client.receive(payload) }
        #expect(client.state == states[index])
        let payloads = index == 0 ? [greeting] : index == 2 ? [Self.serverPayloads[6]] : Array(Self.serverPayloads.dropFirst())
        let outcomes = storm(client, payloads: payloads, seed: UInt64(index)) { client, payload in
            _ = client.receive(payload)
            return client.state
        }
        #expect(outcomes[.failed, default: 0] > 0)
    }

    @Test("the server's side of a login stands 50 000 mutations in each state", arguments: 0..<4)
    func server(index: Int) throws {
        let scramble = AuthPlugin.cachingSHA2.scramble(Fixture.password, nonce: Fixture.nonce)
        func response(_ plugin: String, _ authResponse: [UInt8]) -> [UInt8] {
            HandshakeResponse(
                capabilities: .supported, maxPacketBytes: 1, collation: 45, user: "repl", authResponse: authResponse, database: "d",
                plugin: plugin, attributes: [.init(name: "a", value: "b")]
            ).encoded()
        }
        let request = HandshakeResponse.SSLRequest(capabilities: .supported.union(.ssl), maxPacketBytes: 1, collation: 45).encoded()
        let encrypted = try RSAPublicKey(pem: Fixture.keyPair.publicKeyPEM).encrypt(Fixture.password, nonce: Fixture.nonce)
        let before = [[], [response("dialog", [])], [response("caching_sha2_password", [9])], [response("caching_sha2_password", [2])]]
        let payloads: [[[UInt8]]] = [
            [response("caching_sha2_password", scramble), response("dialog", []), request], [scramble, [2], [0]], [[2], [0], scramble],
            [Array(encrypted.dropLast(100))],
        ]
        let states: [ServerHandshake.State] = [
            .awaitingResponse, .awaitingScramble(.cachingSHA2), .awaitingPassword, .awaitingEncryptedPassword,
        ]
        var server = Fixture.server(Fixture.serverConfiguration(offersTLS: true))
        _ = server.greet()
        for payload in before[index] { _ = server.receive(payload) }
        #expect(server.state == states[index])
        let outcomes = storm(server, payloads: payloads[index], seed: UInt64(index)) { server, payload in
            _ = server.receive(payload)
            return server.state
        }
        #expect(outcomes[.failed, default: 0] > 0)
        // Only the password or its scramble opens the door.
        #expect(outcomes[.done, default: 0] < Self.mutationsPerState / 2)
    }

    @Test("commands and ACKs stand 50 000 mutations")
    func commands() {
        let payloads = CommandTests.commands.map(\.command).map { $0.encoded() } + [SemiSyncACK(file: [65], position: 9).encoded()]
        let outcomes = storm(0, payloads: payloads, seed: 1) { _, payload in
            let ack = try? SemiSyncACK(decoding: payload.span.bytes)
            return ((try? ClientCommand(decoding: payload.span.bytes)) == nil ? 0 : 1) + (ack == nil ? 0 : 2)
        }
        #expect(outcomes.keys.contains(0) && outcomes.keys.contains(1))
    }

    /// Capabilities, and how many payloads of the answer have come before the storm.
    private static let queryStates =
        (0..<8).map { (ResultSetTests.capabilities[1], $0) } + [3, 5].map { (ResultSetTests.capabilities[0], $0) }

    @Test("the answer to a query stands 50 000 mutations in each state", arguments: queryStates)
    func queries(capabilities: CapabilityFlags, index: Int) throws {
        let result = ResultSet(columns: [.text("a"), .integer("b")], rows: [[[65], nil], [nil, [66]]])
        var writer = PacketWriter(sequence: 1)
        writer.append(result, capabilities: capabilities)
        var parser = PacketParser(nextSequence: 1)
        parser.feed(writer.bytes.span.bytes)
        var payloads: [[UInt8]] = []
        while let range = try parser.next() { payloads.append(parser.payload(range).array) }
        var response = QueryResponse(capabilities: capabilities)
        for payload in payloads.prefix(index) { _ = response.receive(payload) }
        let outcomes = storm(response, payloads: payloads, seed: UInt64(index)) { response, payload in
            _ = response.receive(payload)
            return response.state
        }
        #expect(outcomes[.failed, default: 0] > 0)
    }

    @Test("packet framing stands 50 000 mutations of a stream, fed in pieces, and never holds more than it was fed")
    func framing() {
        var writer = PacketWriter(sequence: 0)
        for count in [0, 1, 5, 250, 3, 0, 40] { writer.append([UInt8](repeating: 3, count: count)) }
        let outcomes = storm(PacketParser(maxPayloadBytes: 4_096), payloads: [writer.bytes], seed: 3) { parser, bytes in
            for start in stride(from: 0, to: bytes.count, by: 100) {
                parser.feed(bytes.span.bytes.extracting(start..<min(start + 100, bytes.count)))
                do {
                    while let range = try parser.next() { _ = parser.payload(range).byteCount }
                } catch {
                    return 1
                }
            }
            return parser.bufferedByteCount <= bytes.count ? 0 : 2
        }
        #expect(outcomes.keys.contains(1))
        #expect(!outcomes.keys.contains(2))
    }
}
