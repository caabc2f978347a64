import Common
import Testing

@Suite struct PacketCodecTests {
    private static let classic: CapabilityFlags = [.protocol41]
    private static let modern: CapabilityFlags = [.protocol41, .deprecateEOF]

    /// Every proper prefix must throw.
    private func expectTruncationThrows(_ payload: [UInt8], upTo end: Int? = nil, _ decode: (RawSpan) throws(CodecError) -> Void) {
        for count in 0..<(end ?? payload.count) {
            do {
                try decode(payload.span.bytes.extracting(0..<count))
                Issue.record("\(count) bytes of \(payload.count) were decoded")
            } catch {}
        }
    }

    @Test("an OK packet survives, with the fields that the capabilities grant", arguments: [classic, [], [.transactions]])
    func ok(capabilities: CapabilityFlags) throws {
        var packet = OKPacket(affectedRows: 300, lastInsertID: 70_000, status: .autocommit, warnings: 2, info: Array("done".utf8))
        let payload = packet.encoded(for: capabilities)
        if !capabilities.contains(.protocol41) { packet.warnings = 0 }
        if capabilities.isEmpty { packet.status = [] }
        #expect(try OKPacket(decoding: payload.span.bytes, capabilities: capabilities) == packet)
        expectTruncationThrows(payload, upTo: payload.count - 4) { (span) throws(CodecError) in
            _ = try OKPacket(decoding: span, capabilities: capabilities)
        }
    }

    @Test("an EOF packet is five bytes, or an OK packet that begins with 0xfe")
    func eof() throws {
        let packet = EOFPacket(warnings: 1, status: .autocommit)
        #expect(packet.encoded(for: Self.classic) == [0xfe, 1, 0, 2, 0])
        #expect(packet.encoded(for: Self.modern) == [0xfe, 0, 0, 2, 0, 1, 0])
        #expect(EOFPacket().encoded(for: []) == [0xfe])
        for capabilities in [Self.classic, Self.modern] {
            let payload = packet.encoded(for: capabilities)
            let isEOF = EOFPacket.isEOF(payload.span.bytes, capabilities: capabilities)
            #expect(isEOF)
            #expect(try EOFPacket(decoding: payload.span.bytes, capabilities: capabilities) == packet)
            expectTruncationThrows(payload) { (span) throws(CodecError) in _ = try EOFPacket(decoding: span, capabilities: capabilities) }
        }
        let row: [UInt8] = [0xfe] + [UInt8](repeating: 0, count: 8)
        let rowIsEOF = EOFPacket.isEOF(row.span.bytes, capabilities: Self.classic)
        #expect(!rowIsEOF)
    }

    @Test("an error packet carries its SQLSTATE once the capabilities are known")
    func error() throws {
        let packet = ErrorPacket(.accessDenied, "no")
        #expect(packet.encoded(for: Self.classic) == [0xff, 0x15, 0x04] + Array("#28000no".utf8))
        #expect(packet.encoded(for: []) == [0xff, 0x15, 0x04] + Array("no".utf8))
        let full = packet.encoded(for: Self.classic)
        #expect(try ErrorPacket(decoding: full.span.bytes) == packet)
        expectTruncationThrows(full, upTo: 3) { (span) throws(CodecError) in _ = try ErrorPacket(decoding: span) }
        for count in 4..<9 {
            #expect(throws: CodecError.self) { try ErrorPacket(decoding: full.span.bytes.extracting(0..<count)) }
        }
    }

    @Test("a message is cut to what clients keep, between characters", arguments: ["a", "é", "€", "😀"])
    func longMessage(character: String) throws {
        for shift in 0..<4 {
            let text = String(repeating: "x", count: shift) + String(repeating: character, count: 600)
            let payload = ErrorPacket(.unknown, text).encoded(for: [])
            let message = try ErrorPacket(decoding: payload.span.bytes).message
            #expect(text.hasPrefix(message))
            #expect(message.utf8.count <= ErrorPacket.maxMessageBytes)
            #expect(message.utf8.count > ErrorPacket.maxMessageBytes - 4)
        }
        let exact = String(repeating: "x", count: ErrorPacket.maxMessageBytes)
        #expect(ErrorPacket(.unknown, exact).encoded(for: []).count == 3 + exact.utf8.count)
    }

    @Test(
        "error numbers have MySQL's SQLSTATE",
        arguments: [
            (1040, "08004"), (1043, "08S01"), (1045, "28000"), (1047, "08S01"), (1064, "42000"), (1153, "08S01"), (1158, "08S01"),
            (1193, "HY000"), (1227, "42000"), (1236, "HY000"), (1251, "08004"), (1835, "HY000"), (3159, "HY000"), (4711, "HY000"),
        ])
    func sqlState(number: UInt16, state: String) {
        #expect(ErrorCode(rawValue: number).sqlState.description == state)
    }

    @Test("a greeting survives, and its layout is the manual's")
    func greeting() throws {
        let greeting = HandshakeV10(
            serverVersion: "9.7.4", connectionID: 0x0403_0201, nonce: Fixture.nonce, capabilities: .supported, plugin: "p")
        let payload = greeting.encoded()
        #expect(payload.starts(with: [10] + Array("9.7.4".utf8) + [0, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 0]))
        #expect(Array(payload.suffix(15)) == Array(9...20) + [0, UInt8(ascii: "p"), 0])
        #expect(try HandshakeV10(decoding: payload.span.bytes) == greeting)
        expectTruncationThrows(payload) { (span) throws(CodecError) in _ = try HandshakeV10(decoding: span) }
        let version9: [UInt8] = [9] + payload.dropFirst()
        #expect(throws: CodecError(.unsupported, at: 0, "the server speaks protocol version 9, not 10")) {
            try HandshakeV10(decoding: version9.span.bytes)
        }
    }

    @Test(
        "a response survives with every set of capabilities",
        arguments: [
            CapabilityFlags.supported, .supported.union(.ssl), [.protocol41], [.protocol41, .secureConnection],
            [.protocol41, .secureConnection, .pluginAuth], [.protocol41, .secureConnection, .connectWithDatabase, .connectAttributes],
        ])
    func response(capabilities: CapabilityFlags) throws {
        var response = HandshakeResponse(
            capabilities: capabilities, maxPacketBytes: 1 << 24, collation: 45, user: "jörg", authResponse: [1, 2, 3, 4, 5],
            database: "shop", plugin: "caching_sha2_password",
            attributes: [.init(name: "_os", value: "Linux"), .init(name: "empty", value: "")])
        let payload = response.encoded()
        if !capabilities.contains(.connectWithDatabase) { response.database = "" }
        if !capabilities.contains(.pluginAuth) { response.plugin = "" }
        if !capabilities.contains(.connectAttributes) { response.attributes = [] }
        #expect(try HandshakeResponse(decoding: payload.span.bytes) == response)
        expectTruncationThrows(payload) { (span) throws(CodecError) in _ = try HandshakeResponse(decoding: span) }
    }

    @Test("a request for TLS is the first 32 bytes of a response, no fewer and no more")
    func sslRequest() throws {
        let request = HandshakeResponse.SSLRequest(capabilities: .supported.union(.ssl), maxPacketBytes: 99, collation: 45)
        let payload = request.encoded()
        #expect(payload.count == 32)
        #expect(HandshakeResponse.SSLRequest.byteCount == 32)
        #expect(try HandshakeResponse.SSLRequest(decoding: payload.span.bytes) == request)
        expectTruncationThrows(payload) { (span) throws(CodecError) in _ = try HandshakeResponse.SSLRequest(decoding: span) }
        let long = payload + [0]
        #expect(throws: CodecError.self) { try HandshakeResponse.SSLRequest(decoding: long.span.bytes) }
    }

    @Test("a request to switch plugins and a plugin's message survive")
    func authPackets() throws {
        let request = AuthSwitchRequest(plugin: "mysql_native_password", nonce: Fixture.nonce)
        let payload = request.encoded()
        #expect(payload.count == 1 + 22 + 21)
        #expect(try AuthSwitchRequest(decoding: payload.span.bytes) == request)
        expectTruncationThrows(payload, upTo: 1 + 22) { (span) throws(CodecError) in _ = try AuthSwitchRequest(decoding: span) }
        let message = AuthMoreData([4])
        let encoded = message.encoded()
        #expect(try AuthMoreData(decoding: encoded.span.bytes) == message)
        expectTruncationThrows(message.encoded(), upTo: 1) { (span) throws(CodecError) in _ = try AuthMoreData(decoding: span) }
    }
}
