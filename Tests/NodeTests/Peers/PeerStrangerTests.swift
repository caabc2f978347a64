import Common
import Logging
import NIOCore
import NIOEmbedded
import NIOSSL
import Synchronization
import Testing

@testable import kingbus_node

/// Who speaks to the peer port and is no node of this cluster.
@Suite struct PeerStrangerTests {
    @Test(arguments: ["GET /status HTTP/1.1\r\nHost: n1\r\n\r\n", "POST /members HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
    func `an HTTP client is told where the admin port is`(_ request: String) throws {
        let channel = try PeerPort().connect()
        try channel.writeInbound(ByteBuffer(string: request))
        let text = String(decoding: try PeerPort.output(channel), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(text.contains("peer port of kingbus-node") && text.contains("a:3"))
        #expect(!channel.isActive)
    }

    @Test(arguments: [false, true]) func `a MySQL client is told that it is at the wrong port`(_ hasTLS: Bool) async throws {
        let node = try await PeerNode("n1", tls: hasTLS ? PeerCertificates.tls() : nil)
        let client = try await RawClient(node.address)
        try await eventually { client.isClosed }
        let packet = try #require(payloads(of: client.received)?.first)
        let error = try ErrorPacket(decoding: packet.bytes.span.bytes)
        #expect(packet.sequence == 0 && error.code == .unknown && error.message.contains("peer port of kingbus-node"))
        await node.peers.close()
    }

    @Test func `whoever speaks nonsense is cut off`() throws {
        let channel = try PeerPort().connect()
        try channel.writeInbound(ByteBuffer(bytes: [1, 2, 3, 4]))
        #expect(try PeerPort.output(channel).isEmpty && !channel.isActive)
    }

    @Test func `another version is refused in words`() throws {
        let channel = try PeerPort().connect()
        try channel.writeInbound(ByteBuffer(bytes: PeerPreface.encoded(version: 7)))
        #expect(String(decoding: try PeerPort.output(channel), as: UTF8.self).contains("not version 7"))
        #expect(!channel.isActive)
    }

    @Test func `a node says what it found instead of another one`() async throws {
        let node = try await PeerNode("n1")
        let server = try await RawServer(answer: Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
        let error = await #expect(throws: PeerError.self) { _ = try await node.peers.probe(server.address, expecting: nil) }
        #expect(error?.message.contains("what answers there speaks HTTP") == true)
        await server.close()
        await node.peers.close()
    }

    // MARK: - TLS

    @Test func `nodes of one authority talk over TLS`() async throws {
        let (first, second) = try await PeerNode.pair(tls: PeerCertificates.tls())
        var maker = SampleEntries()
        let entry = maker.entry(3 << 20)
        first.peers.send([first.append([entry], to: second)])
        try await eventually { second.heard.withLock { $0.messages.count } == 1 }
        #expect(second.heard.withLock { $0.messages[0].entries.map { SampleEntries.bytes($0) } } == [SampleEntries.bytes(entry)])
        await PeerNode.close(first, second)
    }

    @Test func `a node of another authority is refused, and so is one without a certificate`() async throws {
        let node = try await PeerNode("n1", tls: PeerCertificates.tls())
        let foreign = try await PeerNode("n2", tls: PeerCertificates.foreign())
        // Trusts the right authority, and shows the wrong certificate.
        let impostor = try await PeerNode(
            "n3", tls: PeerCertificates.tls(certificate: PeerCertificates.foreignCertificate, key: PeerCertificates.foreignKey))
        for (other, reason) in [(foreign, "no authority in --peer-tls-ca has signed"), (impostor, "signed this node's --peer-tls-cert?")] {
            let error = await #expect(throws: PeerError.self) { _ = try await other.peers.probe(node.address, expecting: nil) }
            #expect(error?.message.contains(reason) == true)
            #expect(error?.message.contains("OPENSSL") == false)
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        let client = try await RawClient(node.address, tls: NIOSSLContext(configuration: configuration))
        client.send(PeerPreface.encoded())
        try await eventually { client.isClosed }
        #expect(client.received.isEmpty)
        await PeerNode.close(node, foreign, impostor)
    }

    @Test func `a node with TLS and one without say what is wrong`() async throws {
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "test", factory: { _ in LineKeeper { line in lines.withLock { $0.append(line) } } })
        let with = try await PeerNode("n1", tls: PeerCertificates.tls(), logger: logger)
        let without = try await PeerNode("n2", logger: logger)
        await #expect(throws: PeerError.self) { _ = try await without.peers.probe(with.address, expecting: nil) }
        #expect(lines.withLock { $0 }.contains { $0.contains("speaks without TLS") })
        await #expect(throws: PeerError.self) { _ = try await with.peers.probe(without.address, expecting: nil) }
        #expect(lines.withLock { $0 }.contains { $0.contains("speaks TLS, and this node's peer port has none") })
        await PeerNode.close(with, without)
    }

    @Test func `files that are no certificates are an error that names the flag`() throws {
        let error = #expect(throws: SetupError.self) { _ = try PeerCertificates.tls(certificate: "nonsense") }
        #expect(error?.description.contains("--peer-tls-cert") == true)
    }
}

/// Hands over each line that is logged.
private struct LineKeeper: LogHandler {
    let keep: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(keep: @escaping @Sendable (String) -> Void) { self.keep = keep }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { keep("\(event.message)") }
}
