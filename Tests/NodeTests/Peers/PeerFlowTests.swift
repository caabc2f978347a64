import Common
import Log
import NIOCore
import Raft
import Synchronization
import Testing

@testable import kingbus_node

/// How much is in memory, and what waits for what.
@Suite struct PeerFlowTests {
    private static let heartbeat = Message.Body.heartbeat(commitIndex: 1, readRound: 2)

    @Test func `heartbeats pass an entry of 200 MB`() async throws {
        let (first, second) = try await PeerNode.pair(group: PeerNode.busyGroup)
        var maker = SampleEntries()
        let entry = try maker.spooled(byteCount: 200 << 20, directory: first.log.spoolDirectory)
        // On a machine that is busy otherwise the entry may be through before the heartbeat is sent: it is tried again then.
        var hasPassed = false
        for _ in 1...10 where !hasPassed {
            second.heard.withLock { $0.order = [] }
            let before = second.heard.withLock { $0.messages.count }
            first.peers.send([first.append([entry], to: second)])
            try await eventually { second.heard.withLock { $0.order.count } > 8 }
            first.peers.send([OutgoingMessage(message: first.message(to: second, Self.heartbeat))])
            try await eventually(within: 60) { second.heard.withLock { $0.messages.count } == before + 2 }
            let heard = second.heard.withLock { Array($0.messages[before...]) }
            hasPassed = heard[0].message.body == Self.heartbeat && heard[1].entries.first?.header == entry.header
        }
        #expect(hasPassed)
        await PeerNode.close(first, second)
    }

    @Test func `an append that waits already is not sent twice, and the question whether it came does not pass it`() async throws {
        let node = try await PeerNode("n1")
        let other = MemberID(name: "n2", incarnation: 1)
        var maker = SampleEntries()
        let entry = maker.entry(1 << 20)
        let core = coreEntry(term: entry.header.term, payloadBytes: entry.header.payloadLength)
        let append = Append(previous: .origin, entries: [core], commitIndex: 0)
        let question = Append(previous: LogPosition(index: 1, term: 2), entries: [], commitIndex: 0)
        func message(_ append: Append) -> Message { Message(from: node.id, to: other, term: 2, body: .append(append)) }
        var outbox = PeerOutbox(catalog: node.log.catalog)
        var session = InboundSession(spoolDirectory: node.log.spoolDirectory)
        session.admit(from: node.id, to: other)
        // As the core does while a large entry travels and heartbeats are answered.
        var received: [Message] = []
        for _ in 0..<8 {
            outbox.put(OutgoingMessage(message: message(append), entries: [entry]))
            outbox.put(OutgoingMessage(message: message(question)))
            if case .bytes(let buffer) = try outbox.next(ByteBufferAllocator()) { session.feed(buffer) }
            while let action = try session.next() { if case .message(let incoming) = action { received.append(incoming.message) } }
            if !received.isEmpty { break }
        }
        while case .bytes(let buffer) = try outbox.next(ByteBufferAllocator()) { session.feed(buffer) }
        while let action = try session.next() { if case .message(let incoming) = action { received.append(incoming.message) } }
        #expect(received == [message(append), message(question)])
        await node.peers.close()
    }

    @Test func `a member that does not read costs no memory`() async throws {
        let node = try await PeerNode("n1", group: PeerNode.busyGroup)
        var accepted = ByteBuffer(bytes: PeerPreface.encoded())
        let hello = PeerHello(
            clusterID: PeerNode.cluster, name: "n2", incarnation: 1, initialCluster: "", peer: "", mysql: "", admin: "", segmentSize: 1)
        accepted.writeFrame(.answer, body: PeerAnswer(refusal: nil, hello: hello).encoded())
        let server = try await RawServer(answer: Array(accepted.readableBytesView))
        let deaf = Common.Member(
            name: "n2", incarnation: 1, role: .voter, peerAddress: "\(server.address)", mysqlAddress: "", adminAddress: "")
        node.peers.setMembers([deaf])
        let id = MemberID(name: "n2", incarnation: 1)
        try await eventually { node.peers.reachable == [id] }
        var maker = SampleEntries()
        let entry = try maker.spooled(byteCount: 64 << 20, directory: node.log.spoolDirectory)
        let core = coreEntry(term: entry.header.term, payloadBytes: entry.header.payloadLength)
        let append = Append(previous: .origin, entries: [core], commitIndex: 0)
        let report = SampleEntries.payload(1 << 20)
        for _ in 0..<32 {
            node.peers.send([
                OutgoingMessage(message: Message(from: node.id, to: id, term: 2, body: .append(append)), entries: [entry])
            ])
            node.peers.broadcast(report: report)
        }
        let buffered = { @Sendable () async throws -> (channel: Int, controls: Int) in
            try await node.peers.loop.submit {
                let connection = node.peers.dialers[id]?.connection
                return (connection?.bufferedBytes ?? 0, connection?.waitingControlBytes ?? 0)
            }.get()
        }
        // Between the low-water mark and the high one and a frame, once nothing more goes into the socket.
        try await eventually { try await buffered().channel >= 256 << 10 }
        for _ in 0..<20 {
            let now = try await buffered()
            #expect(now.channel < 2 << 20 && now.channel + now.controls <= 6 << 20)
        }
        await server.close()
        await node.peers.close()
    }

    @Test func `an entry that is not in the log any more ends the connection, which comes back`() async throws {
        let (first, second) = try await PeerNode.pair(group: PeerNode.busyGroup)
        var maker = SampleEntries()
        let entries = try maker.written(to: first.log, payloads: [10, 20])
        var replaced = first.append(entries, to: second, inMemory: false)
        guard case .append(var append) = replaced.message.body else { throw PeerError(.foreign, "no append") }
        append.entries[1].term = 3
        replaced.message.body = .append(append)
        let before = first.heard.withLock { $0.connected.count }
        first.peers.send([replaced])
        try await eventually { first.heard.withLock { $0.connected.count } > before }
        #expect(second.heard.withLock { $0.messages.isEmpty })
        first.peers.send([first.append(entries, to: second, inMemory: false)])
        try await eventually { second.heard.withLock { $0.messages.count } == 1 }
        await PeerNode.close(first, second)
    }

    @Test func `any one flipped bit of a frame ends the connection`() throws {
        let me = MemberID(name: "n1", incarnation: 1)
        let other = MemberID(name: "n2", incarnation: 1)
        var frame = ByteBuffer()
        frame.writeFrame(.message, body: PeerMessageCodec.encode(Message(from: other, to: me, term: 1, body: .timeoutNow)))
        let bytes = Array(frame.readableBytesView)
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            var session = InboundSession(spoolDirectory: "/nowhere")
            session.admit(from: other, to: me)
            session.feed(ByteBuffer(bytes: flipped))
            // A length that became larger leaves the frame incomplete; more bytes then do not fit it.
            #expect(throws: (any Error).self) {
                #expect(try session.next() == nil)
                session.feed(ByteBuffer(bytes: [UInt8](repeating: 0, count: PeerFrame.maxBodyBytes)))
                _ = try session.next()
            }
        }
    }
}
