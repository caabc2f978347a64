import Common
import Log
import NIOCore
import Raft
import Synchronization
import Testing

@testable import kingbus_node

/// Requests, reports, probes, foundings, and connections that come and go.
@Suite struct PeerConversationTests {
    @Test func `a request gets its answer, however long both are`() async throws {
        let (first, second) = try await PeerNode.pair()
        for count in [0, 1, 256 << 10, (256 << 10) + 1, 1 << 20] {
            let body = SampleEntries.payload(count)
            let answer = try await first.peers.request(body, of: second.id, timeout: .seconds(10))
            #expect(answer == body.reversed())
        }
        await #expect(throws: PeerError.self) {
            try await first.peers.request([UInt8](repeating: 0, count: (1 << 20) + 1), of: second.id, timeout: .seconds(1))
        }
        await PeerNode.close(first, second)
    }

    @Test func `a request that is not answered in time fails, and the next one is answered`() async throws {
        let (first, second) = try await PeerNode.pair()
        let error = await #expect(throws: PeerError.self) {
            try await first.peers.request(Array("slow".utf8), of: second.id, timeout: .milliseconds(30))
        }
        #expect(error?.code == .timeout)
        #expect(try await first.peers.request([1, 2], of: second.id, timeout: .seconds(10)) == [2, 1])
        await PeerNode.close(first, second)
    }

    @Test func `a request to a member that is gone fails at once`() async throws {
        let (first, second) = try await PeerNode.pair()
        let slow = Task { try await first.peers.request(Array("slow".utf8), of: second.id, timeout: .seconds(60)) }
        try await eventually { second.heard.withLock { $0.asked } == 1 }
        await second.peers.close()
        await #expect(throws: PeerError.self) { _ = try await slow.value }
        try await eventually { first.peers.reachable.isEmpty }
        let error = await #expect(throws: PeerError.self) {
            try await first.peers.request([1], of: second.id, timeout: .seconds(60))
        }
        #expect(error?.code == .unreachable)
        await first.peers.close()
    }

    @Test func `a report reaches every member`() async throws {
        let (first, second) = try await PeerNode.pair()
        let long = SampleEntries.payload(700_000)
        first.peers.broadcast(report: [1, 2, 3])
        first.peers.broadcast(report: long)
        try await eventually { second.heard.withLock { $0.reports.count } == 2 }
        let reports = second.heard.withLock { $0.reports }
        #expect(reports[0].bytes == [1, 2, 3] && reports[1].bytes == long && reports[0].member == first.id)
        await PeerNode.close(first, second)
    }

    @Test func `a connection comes back after the listener was away`() async throws {
        // On an address of its own, where nothing else is given the port in between.
        let (first, second) = try await PeerNode.pair(host: "127.0.0.77")
        let address = await second.address
        await second.peers.close()
        try await eventually { first.heard.withLock { $0.closed }.contains(second.id) && first.peers.reachable.isEmpty }
        let before = first.heard.withLock { $0.connected.count }
        let again = try await PeerNode("n2", host: address.host, port: address.port)
        try await eventually { first.peers.reachable == [second.id] }
        // More than once where a busy machine had them dial again.
        #expect(first.heard.withLock { $0.connected.count } > before)
        first.peers.send([OutgoingMessage(message: first.message(to: second, .staleTerm))])
        try await eventually { again.heard.withLock { $0.messages.count } == 1 }
        await PeerNode.close(first, again)
    }

    @Test func `a second connection of a member replaces the first without a word`() async throws {
        let (first, second) = try await PeerNode.pair()
        let twin = try await PeerNode("n1")
        twin.peers.setMembers([await second.member()])
        try await eventually { twin.peers.reachable == [second.id] }
        try await eventually { first.heard.withLock { $0.closed }.contains(second.id) }
        #expect(second.heard.withLock { $0.closed }.isEmpty)
        await PeerNode.close(first, second, twin)
    }

    @Test func `members that are gone are dialed no more`() async throws {
        let (first, second) = try await PeerNode.pair()
        first.peers.setMembers([await first.member()])
        // Not for the first time where a busy machine had them dial twice.
        try await eventually { second.heard.withLock { $0.closed }.last == first.id && first.peers.reachable.isEmpty }
        #expect(first.peers.reachable.isEmpty)
        await PeerNode.close(first, second)
    }

    @Test func `a refusal is told to those who ask`() async throws {
        let node = try await PeerNode("n1")
        let other = try await PeerNode("n2", cluster: SourceID(high: 9, low: 9))
        node.peers.setMembers([await other.member()])
        try await eventually { node.peers.refusals.count == 1 }
        #expect(node.peers.refusals[0].name == "n2" && node.peers.refusals[0].code == "other_cluster")
        #expect(node.peers.reachable.isEmpty)
        await PeerNode.close(node, other)
    }

    // MARK: - Probes and foundings

    @Test func `empty nodes look at each other`() async throws {
        let first = try await PeerNode("n1", cluster: nil, initialCluster: "n1=a:1,n2=b:2")
        let second = try await PeerNode("n2", incarnation: 22, cluster: nil, initialCluster: "n1=a:1,n2=b:2")
        let hello = try await first.peers.probe(second.address, expecting: nil)
        #expect(hello.name == "n2" && hello.incarnation == 22 && hello.clusterID == nil && hello.initialCluster == "n1=a:1,n2=b:2")
        #expect(hello.mysql == "127.0.0.1:3307" && hello.segmentSize == 1 << 30)
        let error = await #expect(throws: PeerError.self) { _ = try await first.peers.probe(second.address, expecting: ("n2", 21)) }
        #expect(error?.code == .otherMember)
        await PeerNode.close(first, second)
    }

    @Test func `an empty node gets the first entry of its cluster, and only the one that is meant`() async throws {
        let seed = try await PeerNode("n1")
        let empty = try await PeerNode("n2", incarnation: 22, cluster: nil)
        var maker = SampleEntries()
        let entry = maker.founding()
        let error = await #expect(throws: PeerError.self) {
            try await seed.peers.found(entry, at: empty.address, expecting: ("n2", 21))
        }
        #expect(error?.code == .otherMember)
        #expect(error?.message.contains("members remove n2") == true)
        try await seed.peers.found(entry, at: empty.address, expecting: ("n2", 22))
        #expect(empty.heard.withLock { $0.founded.map(\.header) } == [entry.header])
        var failing = SampleEntries()
        let refused = await #expect(throws: PeerError.self) {
            try await seed.peers.found(failing.founding(position: 666), at: empty.address, expecting: ("n2", 22))
        }
        #expect(refused?.code == .notFounded && refused?.message.contains("the disk is full") == true)
        await PeerNode.close(seed, empty)
    }

    @Test func `an empty node learns that its cluster exists`() async throws {
        let node = try await PeerNode("n1")
        let empty = try await PeerNode("n2", incarnation: 22, cluster: nil)
        let error = await #expect(throws: PeerError.self) { _ = try await empty.peers.probe(node.address, expecting: nil) }
        #expect(error?.code == .clusterExists)
        await PeerNode.close(node, empty)
    }

    @Test func `nobody there is an error that names the address`() async throws {
        let node = try await PeerNode("n1")
        let gone = try await PeerNode("n2")
        let address = await gone.address
        await gone.peers.close()
        let error = await #expect(throws: PeerError.self) { _ = try await node.peers.probe(address, expecting: nil) }
        #expect(error?.code == .unreachable && error?.message.contains("\(address)") == true)
        await node.peers.close()
    }

    @Test func `a port that is in use is an error that names the flag`() async throws {
        let node = try await PeerNode("n1")
        let port = await node.address.port
        let error = await #expect(throws: SetupError.self) { _ = try await PeerNode("n2", port: port) }
        #expect(error?.description.contains("--peer-listen") == true)
        await node.peers.close()
    }
}
