import Common
import Foundation
import Log
import NIOCore
import NIOEmbedded
import NIOSSL
import Testing

@testable import kingbus_node

/// Mutations of recorded sessions in every state of the MySQL port: nothing traps, nothing is left behind, every answer is made of
/// whole packets.
///
/// KINGBUS_LONG=1 makes five times as many.
@Suite struct MySQLPortMutationTests {
    private enum PortState: String, CaseIterable {
        case awaitingResponse = "awaiting the login response"
        case tlsRequested = "TLS requested"
        case awaitingScramble = "awaiting a scramble"
        case awaitingPassword = "awaiting the password"
        case awaitingEncryptedPassword = "awaiting the encrypted password"
        case command = "command"
        case registered = "registered"
        case dumping = "dumping"
        case afterError = "after an error"

        /// Mutations per run; those that cost a private key's work are fewer.
        var count: Int {
            switch self {
            case .awaitingResponse, .command, .registered, .dumping, .afterError: 16_000
            case .awaitingScramble, .awaitingPassword: 8_000
            case .tlsRequested: 3_000
            case .awaitingEncryptedPassword: 2_000
            }
        }
    }

    private static let factor = ProcessInfo.processInfo.environment["KINGBUS_LONG"] == "1" ? 5 : 1

    private let fixture: LogFixture
    private let service: MySQLService
    private let switching: MySQLService
    private let asking: MySQLService

    init() throws {
        fixture = try LogFixture()
        var file = SourceFile("b.000001")
        try fixture.append([file.format()])
        _ = file.previousGTIDs(GTIDSet())
        for number: UInt64 in 1...4 { try fixture.append(file.transaction(number)) }
        service = try PortClient.service(fixture)
        switching = try PortClient.service(fixture, requiredPlugin: .nativePassword)
        asking = try PortClient.service(fixture, asksForPassword: true)
    }

    /// A connection that is in the state.
    private func client(in state: PortState) throws -> PortClient {
        switch state {
        case .awaitingResponse: return try PortClient(service)
        case .tlsRequested:
            let client = try PortClient(service)
            _ = client.ask(PortClient.tlsRequest)
            return client
        case .awaitingScramble:
            let client = try PortClient(switching)
            #expect(client.ask(client.response(.cachingSHA2))?.first?.bytes.first == AuthSwitchRequest.header)
            return client
        case .awaitingPassword, .awaitingEncryptedPassword:
            let client = try PortClient(asking)
            #expect(client.ask(client.response(.cachingSHA2))?.first?.bytes == [1, 4])
            if state == .awaitingEncryptedPassword { #expect(client.ask([2])?.count == 1) }
            return client
        case .command, .registered, .dumping, .afterError:
            let client = try PortClient(service)
            #expect(client.logIn())
            if state == .command { return client }
            if state == .afterError {
                #expect(client.ask(.query(Array("SELECT nonsense FROM".utf8)))?.first?.bytes.first == ErrorPacket.header)
                return client
            }
            _ = client.ask(RecordedSessions.announcement)
            _ = client.ask(RecordedSessions.register)
            if state == .dumping { #expect((client.ask(RecordedSessions.dump())?.count ?? 0) > 10) }
            return client
        }
    }

    /// What a client would send in the state.
    private func payload(in state: PortState, _ client: PortClient, hello: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        func any(_ list: [[UInt8]]) -> [UInt8] { list.randomElement(using: &random) ?? [] }
        switch state {
        case .awaitingResponse:
            return any([
                client.response(.cachingSHA2), client.response(.nativePassword), client.response(nil), client.response(.cachingSHA2, [2]),
                client.response(.cachingSHA2, [0]), PortClient.tlsRequest,
            ])
        case .tlsRequested: return hello
        case .awaitingScramble: return any([AuthPlugin.nativePassword.scramble(PortClient.password, nonce: client.nonce), [], [0]])
        case .awaitingPassword: return any([[2], [0], Array("secret\0".utf8)])
        case .awaitingEncryptedPassword: return client.encryptedPassword
        case .command, .afterError: return RecordedSessions.commands.randomElement(using: &random)?.encoded() ?? []
        case .registered: return RecordedSessions.dumps.randomElement(using: &random)?.encoded() ?? []
        case .dumping:
            return any([
                [0x0e], [0x0e], RecordedSessions.register.encoded(), RecordedSessions.dump().encoded(),
                SemiSyncACK(file: Array("b.000001".utf8), position: 400).encoded(), [3] + Array("SELECT 1".utf8), [1],
            ])
        }
    }

    /// The first bytes of a TLS client.
    private func clientHello() throws -> [UInt8] {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        let handler = try NIOSSLClientHandler(context: NIOSSLContext(configuration: configuration), serverHostname: nil)
        let channel = EmbeddedChannel(handler: handler)
        channel.connect(to: try SocketAddress(ipAddress: "10.0.0.1", port: 1), promise: nil)
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
        channel.close(promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        return bytes
    }

    private final class Weak {
        weak var connection: MySQLConnection?
        init(_ connection: MySQLConnection?) { self.connection = connection }
    }

    /// One connection that gets mutations until it ends or has had `most`; how many it got.
    private func storm(_ state: PortState, most: Int, hello: [UInt8], _ random: inout SeededGenerator, _ left: inout [Weak]) throws -> Int {
        let client = try client(in: state)
        left.append(Weak(client.connection))
        var sent = 0
        let isLogin = [.awaitingScramble, .awaitingPassword, .awaitingEncryptedPassword, .awaitingResponse].contains(state)
        while sent < most, client.isOpen {
            let payload = payload(in: state, client, hello: hello, &random)
            var bytes: [UInt8]
            if state == .tlsRequested {
                bytes = Mutation.damage(payload, &random)
            } else {
                let damaged = Int.random(in: 0..<8, using: &random) == 0 ? payload : Mutation.damage(payload, &random)
                bytes = Mutation.packet(damaged, sequence: isLogin ? client.sequence : 0, &random)
                if damaged == payload, bytes.count == payload.count + 4 { bytes = Mutation.damage(bytes, &random) }
            }
            var answer: [UInt8] = []
            for piece in Mutation.pieces(bytes, &random) {
                client.send(piece)
                answer += client.output()
            }
            sent += 1
            // Behind a TLS request the answers are TLS records, of which an alert is the first.
            let isTLS = state == .tlsRequested || state == .awaitingResponse && answer.starts(with: [0x15, 0x03])
            guard !isTLS, !(state == .awaitingResponse && answer.isEmpty) else { break }
            let received = payloads(of: answer)
            #expect(received != nil, "\(state.rawValue): an answer is no row of whole packets")
            // The states behind this one have storms of their own.
            if isLogin { break }
            if state == .registered, service.registry.connections.contains(where: \.isDumping) { break }
        }
        if Bool.random(using: &random) { client.send(Mutation.packet([1], sequence: 0, &random)) }
        client.close()
        return sent
    }

    @Test func `mutated sessions end without a trace in every state`() throws {
        var counts: [PortState: Int] = [:]
        let hello = try clientHello()
        for (index, state) in PortState.allCases.enumerated() {
            var random = SeededGenerator(seed: UInt64(index) + 90)
            let wanted = state.count * Self.factor
            var left: [Weak] = []
            let most = state == .dumping ? 30 : state == .command || state == .afterError ? 12 : 4
            while counts[state, default: 0] < wanted {
                counts[state, default: 0] += try storm(state, most: most, hello: hello, &random, &left)
                if left.count >= 500 { check(&left) }
            }
            check(&left)
        }
        let total = counts.values.reduce(0, +)
        print("mutations of sessions by state of the MySQL port:")
        for state in PortState.allCases { print("  \(counts[state, default: 0])\t\(state.rawValue)") }
        print("  \(total)\tin all")
        #expect(total >= 100_000 * Self.factor)
    }

    /// Nothing is left of connections that have ended.
    private func check(_ left: inout [Weak]) {
        #expect(left.count { $0.connection != nil } == 0)
        #expect(service.registry.count == 0 && switching.registry.count == 0 && asking.registry.count == 0)
        #expect(service.registry.openCount == 0 && switching.registry.openCount == 0 && asking.registry.openCount == 0)
        #expect(fixture.committed.readerCount == 0)
        left.removeAll()
    }
}
