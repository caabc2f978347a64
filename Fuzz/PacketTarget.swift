import Common

/// What comes over a connection: both sides of a login, commands, answers, framing, SQL and the addresses that users write.
///
/// Input: what it is, in one byte, then its bytes; for conversations several payloads, each behind its length (`halves`).
///
/// A password that was encrypted for the server is left to the tests: libcrypto's private key operation takes a thousand times as long as
/// all else here.
enum PacketTarget: Target {
    private static let kinds: [@Sendable (UnsafeRawBufferPointer) throws -> Bool] = [
        client, server, command,
        { bytes in
            _ = try SQLStatement(parsing: bytes.bytes, version: 90_704)
            return true
        },
        { bytes in try answer(bytes, .supported) },
        { bytes in try answer(bytes, CapabilityFlags.supported.subtracting(.deprecateEOF)) },
        framing,
        { bytes in
            _ = try HandshakeV10(decoding: bytes.bytes)
            return true
        },
        { bytes in
            _ = try HandshakeResponse(decoding: bytes.bytes)
            return true
        },
        packet, address,
    ]

    static func run(_ input: UnsafeRawBufferPointer) -> Depth {
        guard let kind = input.first else { return .refused }
        do {
            return try kinds[Int(kind) % kinds.count](input.dropping(1)) ? .answered : .pastHeader
        } catch let error as CodecError {
            return error.offset > 1 ? .pastHeader : .refused
        } catch let error as SQLError {
            // A statement that the grammar does not know was cut into its words all the same.
            return error == .emptyQuery ? .refused : .pastHeader
        } catch {
            return .refused
        }
    }

    // MARK: - Logins

    private static let password = SecretBytes(Array("secret".utf8))
    private static let verifier = PasswordVerifier(password)
    private static let nonce = made { try Nonce(Array(1...20)) }
    private static let serverConfiguration = made {
        try ServerHandshake.Configuration(serverVersion: "9.7.4", offersTLS: true, keyPair: RSAKeyPair())
    }

    private static func made<Value>(_ body: () throws -> Value) -> Value {
        do { return try body() } catch { fatalError("a fixture cannot be made: \(error)") }
    }

    /// Hands over the payloads of a conversation; returns how many there were.
    private static func forEachPayload(_ bytes: UnsafeRawBufferPointer, _ body: (RawSpan) -> Bool) -> Int {
        var rest = bytes
        var count = 0
        while rest.count >= 2 {
            let (payload, others) = rest.halves
            guard body(payload.bytes) else { break }
            rest = others
            count += 1
        }
        return count
    }

    private static func client(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var client = ClientHandshake(.init(user: "repl", password: password, tlsMode: .preferred), isSecure: bytes.first == 1)
        let count = forEachPayload(bytes.dropping(1)) { payload in
            if case .startTLS = client.receive(payload) { _ = client.tlsEstablished() }
            return client.state != .failed
        }
        return count > 0
    }

    private static func server(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var server = ServerHandshake(serverConfiguration, connectionID: 7, nonce: nonce, host: "10.0.0.9", isSecure: bytes.first == 1)
        _ = server.greet()
        let count = forEachPayload(bytes.dropping(1)) { payload in
            guard server.state != .awaitingEncryptedPassword else { return false }
            if case .startTLS = server.receive(payload, lookup: { $0 == "repl" ? verifier : nil }) { server.tlsEstablished() }
            return server.state != .failed
        }
        return count > 0
    }

    // MARK: - Commands and answers

    private static func command(_ bytes: UnsafeRawBufferPointer) throws -> Bool {
        if let ack = try? SemiSyncACK(decoding: bytes.bytes) { precondition((try? SemiSyncACK(decoding: ack.encoded().span.bytes)) == ack) }
        let command = try ClientCommand(decoding: bytes.bytes)
        precondition((try? ClientCommand(decoding: command.encoded().span.bytes)) == command)
        return true
    }

    private static func answer(_ bytes: UnsafeRawBufferPointer, _ capabilities: CapabilityFlags) throws -> Bool {
        var response = QueryResponse(capabilities: capabilities)
        let count = forEachPayload(bytes) { payload in
            _ = response.receive(payload)
            return response.state != .failed
        }
        return count > 0
    }

    private static func framing(_ bytes: UnsafeRawBufferPointer) throws -> Bool {
        var parser = PacketParser(maxPayloadBytes: 4096)
        var count = 0
        for start in stride(from: 0, to: bytes.count, by: 100) {
            parser.feed(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + 100, bytes.count)]).bytes)
            while let range = try parser.next() { count += parser.payload(range).byteCount + 1 }
        }
        precondition(parser.bufferedByteCount <= bytes.count)
        return count > 0
    }

    private static func packet(_ bytes: UnsafeRawBufferPointer) throws -> Bool {
        let answers = [
            (try? OKPacket(decoding: bytes.bytes, capabilities: .supported)) != nil,
            (try? ErrorPacket(decoding: bytes.bytes)) != nil,
            (try? EOFPacket(decoding: bytes.bytes, capabilities: .supported)) != nil,
            (try? AuthSwitchRequest(decoding: bytes.bytes)) != nil,
            (try? AuthMoreData(decoding: bytes.bytes)) != nil,
            (try? HandshakeResponse.SSLRequest(decoding: bytes.bytes)) != nil,
        ]
        _ = try ColumnDefinition(decoding: bytes.bytes)
        return answers.contains(true)
    }

    private static func address(_ bytes: UnsafeRawBufferPointer) throws -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        let place = HostPort(parsing: text, defaultPort: 3306)
        let url = try MySQLURL(parsing: text)
        return place != nil || !url.withoutPassword.isEmpty
    }

    // MARK: - Seeds

    static func seeds() throws -> [[UInt8]] {
        let greeting = HandshakeV10(
            serverVersion: "9.7.4", connectionID: 1, nonce: nonce, capabilities: .supported.union(.ssl),
            plugin: AuthPlugin.cachingSHA2.rawValue
        ).encoded()
        let response = HandshakeResponse(
            capabilities: .supported, maxPacketBytes: 1, collation: 45, user: "repl",
            authResponse: AuthPlugin.cachingSHA2.scramble(password, nonce: nonce), database: "d", plugin: "caching_sha2_password",
            attributes: [.init(name: "a", value: "b")]
        ).encoded()
        let request = HandshakeResponse.SSLRequest(capabilities: .supported.union(.ssl), maxPacketBytes: 1, collation: 45).encoded()
        let ok = OKPacket().encoded(for: .supported)
        let refusal = ErrorPacket(.accessDenied, "no").encoded(for: .supported)
        let fromServer = [
            ok, refusal, AuthSwitchRequest(plugin: AuthPlugin.nativePassword.rawValue, nonce: nonce).encoded(),
            AuthMoreData([4]).encoded(), AuthMoreData([3]).encoded(), AuthMoreData(serverConfiguration.keyPair.publicKeyPEM).encoded(),
        ]
        var seeds: [[UInt8]] = [[7] + greeting, [8] + response, [9] + request]
        for payload in fromServer {
            seeds.append([9] + payload)
            for isSecure in [UInt8(0), 1] { seeds.append([0, isSecure] + conversation([greeting, payload, ok])) }
        }
        for payloads in [[response], [request, response], [response, [2]], [response, []]] {
            seeds.append([1, 0] + conversation(payloads))
        }
        for command in commands { seeds.append([2] + command.encoded()) }
        seeds.append([2] + SemiSyncACK(file: [65], position: 9).encoded())
        for statement in statements { seeds.append([3] + statement.utf8) }
        for (kind, capabilities) in [(UInt8(4), CapabilityFlags.supported), (5, CapabilityFlags.supported.subtracting(.deprecateEOF))] {
            let result = ResultSet(columns: [.text("a"), .integer("b")], rows: [[[65], nil], [nil, [66]]])
            var writer = PacketWriter(sequence: 1)
            writer.append(result, capabilities: capabilities)
            seeds.append([6] + writer.bytes)
            var parser = PacketParser(nextSequence: 1)
            parser.feed(writer.bytes.span.bytes)
            var payloads: [[UInt8]] = []
            while let range = try parser.next() { payloads.append(parser.payload(range).array) }
            seeds.append([kind] + conversation(payloads))
            seeds.append([kind] + conversation([refusal]))
        }
        for text in ["mysql://repl:secret@db1:3306/shop", "mysql://[::1]:3307", "db1", "[fe80::1]:1", "10.0.0.1:99999"] {
            seeds.append([10] + text.utf8)
        }
        return seeds
    }

    private static func conversation(_ payloads: [[UInt8]]) -> [UInt8] { payloads.reduce(into: []) { $0 += joined($1, []) } }

    private static let commands: [ClientCommand] = [
        .quit, .ping, .statistics, .resetConnection, .initDatabase(Array("shop".utf8)), .query(Array("SELECT 1".utf8)), .processKill(77),
        .setOption(1), .unsupported(0x16),
        .registerReplica(.init(serverID: 2, host: Array("replica-1".utf8), user: [], password: [], port: 3306, rank: 0, sourceID: 1)),
        .binlogDump(.init(position: 4, flags: .nonBlocking, serverID: 0, file: Array("binlog.000001".utf8))),
        .binlogDumpGTID(
            .init(flags: [.heartbeatV2, .throughGTID], serverID: 9, file: [0, 0, 0], position: 1 << 33, encodedGTIDSet: [8, 7, 6])),
    ]

    private static let statements = [
        "SELECT 1", "select @@GLOBAL.server_id, @@version_comment limit 1;", "SET @master_heartbeat_period = 30000001024",
        "SET NAMES utf8mb4 COLLATE 'utf8mb4_bin'", "SET @slave_uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562', @rpl_semi_sync_slave = 1",
        "SHOW GLOBAL VARIABLES LIKE 'gtid\\_%'", "SHOW VARIABLES WHERE Variable_name IN ('a', \"b\") OR Value = 0x41", "KILL QUERY 7",
        "/*!40101 SET @x := -1.5e3 */", "SHOW BINARY LOGS", "SHOW REPLICAS",
        "SELECT GTID_SUBSET('a:1', @@gtid_executed) AS `x y` FROM dual",
        "-- c\nBEGIN", "SHOW BINLOG EVENTS IN 'binlog.000001' FROM 4 LIMIT 1, 2", "SELECT UNIX_TIMESTAMP(), (1 + 2) * NOT 3 <=> NULL",
    ]
}
