import NIOCore
import NIOEmbedded
import Raft
import Testing

@testable import kingbus_node

/// How long the peer port waits, and for how many; on a clock of its own.
@Suite struct PeerTimeTests {
    @Test func `half a preface is waited for, but not for ever`() throws {
        let port = try PeerPort()
        let channel = try port.connect()
        try channel.writeInbound(ByteBuffer(bytes: PeerPreface.magic.prefix(3)))
        port.loop.advanceTime(by: .milliseconds(4900))
        #expect(channel.isActive)
        port.loop.advanceTime(by: .milliseconds(200))
        #expect(!channel.isActive && port.peers.accepted.isEmpty)
    }

    @Test func `the hello must come as soon after the connection as the preface`() throws {
        let port = try PeerPort()
        let channel = try port.connect()
        port.loop.advanceTime(by: .milliseconds(900))
        try channel.writeInbound(ByteBuffer(bytes: PeerPreface.encoded()))
        port.loop.advanceTime(by: .milliseconds(4000))
        #expect(channel.isActive)
        port.loop.advanceTime(by: .milliseconds(200))
        #expect(!channel.isActive && port.peers.accepted.isEmpty)
    }

    @Test func `a member that is silent for too long is gone`() throws {
        let port = try PeerPort()
        let channel = try port.member(2)
        #expect(port.peers.inbound.count == 1)
        port.loop.advanceTime(by: .seconds(14))
        let heartbeat = Message(
            from: MemberID(name: "m2", incarnation: 1), to: MemberID(name: "n1", incarnation: 1), term: 1,
            body: .heartbeat(commitIndex: 0, readRound: 0))
        try channel.writeInbound(
            ByteBuffer(bytes: RecordedFrame(kind: 3, flags: 0, body: PeerMessageCodec.encode(heartbeat)).bytes))
        port.loop.advanceTime(by: .seconds(14))
        #expect(channel.isActive)
        port.loop.advanceTime(by: .seconds(7))
        #expect(!channel.isActive && port.peers.inbound.isEmpty)
    }

    @Test func `strangers cannot take all places`() throws {
        let port = try PeerPort()
        let strangers = try (0..<Peers.maxHandshakes).map { _ in try port.connect() }
        let late = try port.connect()
        #expect(!late.isActive && strangers.allSatisfy(\.isActive))
        // They go by themselves, and leave room.
        port.loop.advanceTime(by: .seconds(2))
        #expect(strangers.allSatisfy { !$0.isActive })
        let members = try (0..<Peers.maxConnections).map { try port.member($0) }
        #expect(members.allSatisfy(\.isActive) && port.peers.inbound.count == Peers.maxConnections)
        let one = try port.connect()
        #expect(!one.isActive)
        for channel in members { channel.close(promise: nil) }
        port.loop.run()
        #expect(port.peers.accepted.isEmpty && port.peers.inbound.isEmpty)
    }
}
