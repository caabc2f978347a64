import Common
import Log
import Logging
import NIOCore
import NIOEmbedded
import NIOSSL

@testable import kingbus_node

/// A client of the MySQL port whose connection is the real handler, without a socket.
final class PortClient {
    static let user = "repl"
    static let password = SecretBytes(Array("secret".utf8))
    private static let keyPair = try! RSAKeyPair()
    private static let tls = try! SelfSignedCertificate.serverContext()

    let channel: EmbeddedChannel
    private(set) weak var connection: MySQLConnection?
    private(set) var greeting: HandshakeV10?
    /// What the next packet of a login is numbered.
    private(set) var sequence: UInt8 = 0
    /// What the greeting was before it was taken apart.
    private(set) var first: [ReceivedPayload] = []

    static func service(
        _ fixture: LogFixture, requiredPlugin: AuthPlugin? = nil, asksForPassword: Bool = false
    ) throws -> MySQLService {
        let handshake = try ServerHandshake.Configuration(
            serverVersion: "8.4.0-kingbus", offersTLS: true, requiredPlugin: requiredPlugin, asksForPassword: asksForPassword,
            keyPair: keyPair)
        return MySQLService(
            handshake: handshake, committed: fixture.committed, catalog: fixture.log.catalog, tls: tls, hostname: "n1", port: 3307,
            allowsAnyone: false, verifiers: [user: PasswordVerifier(password)],
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    init(_ service: MySQLService, before: (any ChannelHandler & Sendable)? = nil) throws {
        let connection = try MySQLConnection(service: service)
        self.connection = connection
        channel = EmbeddedChannel()
        if let before { try channel.pipeline.syncOperations.addHandler(before) }
        try channel.pipeline.syncOperations.addHandler(connection)
        channel.connect(to: try SocketAddress(ipAddress: "10.0.0.9", port: 4000), promise: nil)
        first = payloads(of: output()) ?? []
        if let payload = first.first { greeting = try? HandshakeV10(decoding: payload.bytes.span.bytes) }
        sequence = 1
    }

    var isOpen: Bool { channel.isActive }

    /// Everything that was sent since it was asked last.
    func output() -> [UInt8] {
        channel.embeddedEventLoop.run()
        var bytes: [UInt8] = []
        while let buffer = try? channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
        return bytes
    }

    func send(_ bytes: [UInt8]) {
        guard channel.isActive else { return }
        _ = try? channel.writeInbound(ByteBuffer(bytes: bytes))
    }

    /// Sends a payload in packets of its own and returns the answer's payloads; nil where it is no row of whole packets.
    func ask(_ payload: [UInt8], sequence: UInt8? = nil) -> [ReceivedPayload]? {
        var writer = PacketWriter(sequence: sequence ?? self.sequence)
        writer.append(payload)
        send(writer.bytes)
        let answer = payloads(of: output())
        self.sequence = (answer?.last?.sequence ?? writer.sequence) &+ 1
        return answer
    }

    func ask(_ command: ClientCommand) -> [ReceivedPayload]? { ask(command.encoded(), sequence: 0) }

    // MARK: - Login

    var nonce: Nonce { try! Nonce(greeting?.nonce ?? []) }

    func response(_ plugin: AuthPlugin?, _ authResponse: [UInt8]? = nil) -> [UInt8] {
        HandshakeResponse(
            capabilities: .supported, maxPacketBytes: 1 << 24, collation: 45, user: Self.user,
            authResponse: authResponse ?? plugin?.scramble(Self.password, nonce: nonce) ?? [], database: "",
            plugin: plugin?.rawValue ?? "dialog", attributes: [.init(name: "_client_name", value: "libmysql")]
        ).encoded()
    }

    var encryptedPassword: [UInt8] {
        (try? RSAPublicKey(pem: Self.keyPair.publicKeyPEM).encrypt(Self.password, nonce: nonce)) ?? []
    }

    static let tlsRequest = HandshakeResponse.SSLRequest(
        capabilities: .supported.union(.ssl), maxPacketBytes: 1 << 24, collation: 45
    ).encoded()

    /// Logs in by the fast path; whether it succeeded.
    func logIn() -> Bool {
        let answer = ask(response(.cachingSHA2))
        return answer?.last?.bytes.first == OKPacket.header
    }

    /// Ends the connection from this side.
    func close() {
        channel.close(promise: nil)
        // TLS gives the other side some seconds to say that it has ended too.
        channel.embeddedEventLoop.advanceTime(by: .seconds(10))
    }
}
