import Common
import Foundation
import Log
import NIOCore
import NIOEmbedded
import NIOSSL
import Testing

@testable import kingbus_node

@Suite struct MySQLConnectionTests {
    private let fixture: LogFixture
    private let service: MySQLService

    init() throws {
        fixture = try LogFixture()
        var file = SourceFile("b.000001")
        try fixture.append([file.format()])
        _ = file.previousGTIDs(GTIDSet())
        try fixture.append(file.transaction(1))
        service = try PortClient.service(fixture)
    }

    private func dumping() throws -> PortClient {
        let client = try PortClient(service)
        #expect(client.logIn())
        _ = client.ask(RecordedSessions.announcement)
        let events = try #require(client.ask(RecordedSessions.dump()))
        #expect(events.map { $0.bytes[5] } == [4, 15, 33, 2, 30, 16])
        #expect(events.map(\.sequence) == [1, 2, 3, 4, 5, 6])
        return client
    }

    @Test func `a login leaves its mark in the registry, and its end removes it`() throws {
        let client = try PortClient(service)
        #expect((service.registry.openCount, service.registry.count) == (1, 0))
        #expect(client.logIn())
        #expect(service.registry.connections.map(\.user) == ["repl"])
        client.close()
        #expect((service.registry.openCount, service.registry.count) == (0, 0))
        #expect(client.connection == nil)
    }

    @Test func `every command's answer is numbered from one`() throws {
        let client = try PortClient(service)
        #expect(client.logIn())
        for _ in 0..<3 {
            #expect(client.ask(.ping)?.map(\.sequence) == [1])
            #expect(client.ask(.query(Array("SELECT 1".utf8)))?.map(\.sequence) == [1, 2, 3, 4])
            #expect(client.ask(.query(Array("SELECT @@nothing".utf8)))?.map(\.sequence) == [1])
        }
        client.close()
    }

    @Test func `pings while a dump runs are passed over, and a quit ends it`() throws {
        let client = try dumping()
        for _ in 0..<3 { #expect(client.ask(.ping) == []) }
        #expect(client.isOpen && service.registry.connections[0].isDumping)
        #expect(fixture.committed.readerCount == 1)
        #expect(client.ask(.quit) == [])
        #expect(!client.isOpen)
        #expect(fixture.committed.readerCount == 0 && service.registry.count == 0)
    }

    @Test func `a waiting dump gets what is committed later`() throws {
        let client = try dumping()
        var file = SourceFile("b.000001")
        file.position = fixture.state.position
        try fixture.append(file.transaction(2))
        let events = payloads(of: client.output())
        #expect(events?.map { $0.bytes[5] } == [33, 2, 30, 16])
        #expect(events?.map(\.sequence) == [7, 8, 9, 10])
        client.close()
    }

    @Test func `a dump breaks off at a rotten entry without an error, behind everything that stands before`() throws {
        var file = SourceFile("b.000001")
        file.position = fixture.state.position
        try fixture.append(file.transaction(2))
        try fixture.append(file.transaction(3))
        let segment = try #require(fixture.log.catalog.segments().last)
        var bytes = try Data(contentsOf: URL(filePath: segment.path))
        bytes[Int(segment.byteCount) - 1] ^= 0x10
        try bytes.write(to: URL(filePath: segment.path), options: [])
        let client = try PortClient(service)
        #expect(client.logIn())
        _ = client.ask(RecordedSessions.announcement)
        let events = try #require(client.ask(RecordedSessions.dump()))
        #expect(events.map { $0.bytes[5] } == [4, 15, 33, 2, 30, 16, 33, 2, 30, 16])
        #expect(!client.isOpen)
        #expect(fixture.committed.readerCount == 0 && service.registry.count == 0)
    }

    @Test func `a dump that need not wait ends with EOF, and the connection takes commands again`() throws {
        let client = try PortClient(service)
        #expect(client.logIn())
        _ = client.ask(RecordedSessions.announcement)
        for _ in 0..<2 {
            let events = try #require(client.ask(RecordedSessions.dump(flags: [.nonBlocking])))
            #expect(events.last?.bytes.first == EOFPacket.header)
            #expect(client.ask(.ping)?.map(\.sequence) == [1])
        }
        #expect(fixture.committed.readerCount == 0)
        client.close()
    }

    @Test func `a dump that the node's stop cuts short is not ended with EOF`() throws {
        var file = SourceFile("b.000001")
        file.position = fixture.state.position
        for number: UInt64 in 2...5 { try fixture.append(file.transaction(number, rowBytes: [200_000])) }
        let client = try PortClient(service, before: StallAfterLargeWrite())
        #expect(client.logIn())
        _ = client.ask(RecordedSessions.announcement)
        var command = PacketWriter(sequence: 0)
        command.append(RecordedSessions.dump(flags: [.nonBlocking]).encoded())
        client.send(command.bytes)
        var sent = client.output()
        #expect(!sent.isEmpty && client.isOpen && !client.channel.isWritable)

        service.registry.closeAll()
        sent += client.output()
        client.channel.isWritable = true
        client.channel.pipeline.fireChannelWritabilityChanged()
        sent += client.output()

        let events = try #require(payloads(of: sent))
        #expect(events.count { $0.bytes[5] == EventType.xid.rawValue } < 5)
        #expect(events.allSatisfy { $0.bytes.first == OKPacket.header } && events.last?.bytes[5] == EventType.xid.rawValue)
        #expect(!client.isOpen)
    }

    @Test func `the same replica's second dump ends its first`() throws {
        let uuid = ClientCommand.query(Array("SET @replica_uuid = '4e11fa47-71ca-11e1-9e33-c80aa9429562'".utf8))
        var clients: [PortClient] = []
        for _ in 0..<2 {
            let client = try PortClient(service)
            #expect(client.logIn())
            _ = client.ask(RecordedSessions.announcement)
            _ = client.ask(uuid)
            _ = client.ask(RecordedSessions.dump())
            clients.append(client)
        }
        #expect(clients.map(\.isOpen) == [false, true])
        clients[1].close()
        #expect(service.registry.openCount == 0)
    }

    @Test func `a client that reads no answers is not read from`() throws {
        let reads = ReadCounter()
        let client = try PortClient(service, before: reads)
        #expect(client.logIn())
        var pings = PacketWriter(sequence: 0)
        pings.append(ClientCommand.ping.encoded())
        let flood = (0..<1000).flatMap { _ in pings.bytes }

        client.channel.isWritable = false
        client.channel.pipeline.fireChannelWritabilityChanged()
        client.send(flood)
        #expect(client.output() == [])
        let before = reads.count
        client.channel.read()
        #expect(reads.count == before)

        client.channel.isWritable = true
        client.channel.pipeline.fireChannelWritabilityChanged()
        #expect(payloads(of: client.output())?.count == 1000)
        #expect(reads.count == before + 1)
        client.channel.read()
        #expect(reads.count == before + 2)
        client.close()
    }

    @Test func `a quit ends a dump whose reader has stalled`() throws {
        let client = try dumping()
        client.channel.isWritable = false
        client.channel.pipeline.fireChannelWritabilityChanged()
        _ = client.ask(.quit)
        #expect(!client.isOpen)
    }

    @Test func `one connection too many is told so`() throws {
        var taken = 0
        while service.registry.admit() { taken += 1 }
        #expect(taken == ReplicaRegistry.maxConnections)
        let client = try PortClient(service)
        #expect(!client.isOpen)
        let refusal = try #require(client.first.first).bytes
        let error = try ErrorPacket(decoding: refusal.span.bytes)
        #expect(error.code == .tooManyConnections)
        #expect(client.first.first?.sequence == 0)
        service.registry.leave()
        let next = try PortClient(service)
        #expect(next.logIn())
        next.close()
        #expect(service.registry.openCount == ReplicaRegistry.maxConnections - 1)
    }

    @Test func `who kills a connection is its own user`() throws {
        let client = try PortClient(service)
        #expect(client.logIn())
        var killed: [UInt32] = []
        for (id, user) in [(4242, PortClient.user), (4243, "other")] as [(UInt32, String)] {
            service.registry.add(
                ReplicaRegistry.Connection(id: id, user: user, address: "10.0.0.8:1", database: nil, since: .now()), close: { _ in })
            let answer = try #require(client.ask(.processKill(id))?.first).bytes
            if answer.first == OKPacket.header {
                killed.append(id)
            } else {
                #expect(try ErrorPacket(decoding: answer.span.bytes).code == .killDenied)
            }
            service.registry.remove(id)
        }
        #expect(killed == [4242])
        client.close()
    }

    @Test func `a login that takes too long is ended`() throws {
        let client = try PortClient(service)
        client.channel.embeddedEventLoop.advanceTime(by: MySQLConnection.loginTimeout)
        #expect(!client.isOpen)
        #expect(service.registry.openCount == 0)
        let other = try PortClient(service)
        #expect(other.logIn())
        other.channel.embeddedEventLoop.advanceTime(by: MySQLConnection.loginTimeout)
        #expect(other.isOpen)
        other.close()
    }

    @Test(arguments: [false, true]) func `TLS begins with bytes that came behind the request`(inOneRead: Bool) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        let tls = EmbeddedChannel(
            handler: try NIOSSLClientHandler(context: NIOSSLContext(configuration: configuration), serverHostname: nil))
        tls.connect(to: try SocketAddress(ipAddress: "10.0.0.1", port: 1), promise: nil)
        func fromTLS() throws -> [UInt8] {
            tls.embeddedEventLoop.run()
            var bytes: [UInt8] = []
            while let buffer = try tls.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
            return bytes
        }
        let client = try PortClient(service)
        var request = PacketWriter(sequence: 1)
        request.append(PortClient.tlsRequest)
        let hello = try fromTLS()
        if inOneRead {
            client.send(request.bytes + hello)
        } else {
            client.send(request.bytes)
            client.send(hello)
        }
        func shuttle() throws {
            for _ in 0..<6 {
                let down = client.output()
                if !down.isEmpty { try tls.writeInbound(ByteBuffer(bytes: down)) }
                let up = try fromTLS()
                if !up.isEmpty { client.send(up) }
            }
        }
        try shuttle()
        var login = PacketWriter(sequence: 2)
        login.append(client.response(.cachingSHA2))
        try tls.writeOutbound(ByteBuffer(bytes: login.bytes))
        client.send(try fromTLS())
        try shuttle()
        var plain: [UInt8] = []
        while let buffer = try tls.readInbound(as: ByteBuffer.self) { plain += buffer.readableBytesView }
        let answer = try #require(payloads(of: plain))
        #expect(answer.map(\.sequence) == [3, 4])
        #expect(answer.last?.bytes.first == OKPacket.header)
        client.close()
        tls.close(promise: nil)
        tls.embeddedEventLoop.advanceTime(by: .seconds(10))
    }
}

/// A socket that is full behind the first large write.
private final class StallAfterLargeWrite: ChannelOutboundHandler, @unchecked Sendable {  // Used on one thread.
    typealias OutboundIn = ByteBuffer
    private var hasStalled = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let isLarge = unwrapOutboundIn(data).readableBytes > 100_000
        context.write(data, promise: promise)
        guard isLarge, !hasStalled, let channel = context.channel as? EmbeddedChannel else { return }
        hasStalled = true
        channel.isWritable = false
        context.fireChannelWritabilityChanged()
    }
}

/// Counts the reads that reach the channel.
private final class ReadCounter: ChannelOutboundHandler, @unchecked Sendable {  // Used on one thread.
    typealias OutboundIn = ByteBuffer
    private(set) var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}
