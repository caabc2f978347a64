import Common
import Log
import NIOCore
import Raft
import Synchronization
import Testing

@testable import kingbus_node

/// What goes over real connections between two nodes.
@Suite struct PeerMessageTests {
    private static let bodies: [Message.Body] = [
        .voteRequest(VoteRequest(last: LogPosition(index: 7, term: 2), isPreVote: true, isTransfer: false)),
        .voteRequest(VoteRequest(last: .origin, isPreVote: false, isTransfer: true)),
        .voteResponse(isPreVote: true, isGranted: false), .voteResponse(isPreVote: false, isGranted: true),
        .append(Append(previous: LogPosition(index: 9, term: 3), entries: [], commitIndex: 8)), .appendAccepted(matchIndex: 12),
        .appendRejected(AppendRejection(index: 9, hint: LogPosition(index: 4, term: 1))), .heartbeat(commitIndex: 5, readRound: 6),
        .heartbeatResponse(readRound: .max), .commit(commitIndex: 8), .staleTerm, .timeoutNow, .readIndex(ReadID(rawValue: 77)),
        .readIndexResponse(ReadID(rawValue: 78), index: 3),
    ]

    @Test func `every message of the core arrives as it was sent`() async throws {
        let (first, second) = try await PeerNode.pair()
        let messages = Self.bodies.map { first.message(to: second, $0) }
        first.peers.send(messages.map { OutgoingMessage(message: $0) })
        try await eventually { second.heard.withLock { $0.messages.count } == messages.count }
        #expect(second.heard.withLock { $0.messages.map(\.message) } == messages)
        await PeerNode.close(first, second)
    }

    @Test func `entries arrive from memory, from a spool and from disk`() async throws {
        let (first, second) = try await PeerNode.pair(group: PeerNode.busyGroup)
        var maker = SampleEntries()
        let entries = try maker.written(to: first.log, payloads: [10, 300_000, 0, 1 << 20, 5])
        let spooled = try maker.spooled(byteCount: 33 << 20, directory: first.log.spoolDirectory)
        first.peers.send([first.append(entries, to: second), first.append([spooled], to: second)])
        try await eventually { second.heard.withLock { $0.messages.count } == 2 }
        first.peers.send([first.append(entries, to: second, inMemory: false)])
        try await eventually { second.heard.withLock { $0.messages.count } == 3 }
        let received = second.heard.withLock { $0.messages }
        for message in [received[0], received[2]] {
            #expect(message.entries.map(\.header) == entries.map(\.header))
            #expect(message.entries.map { SampleEntries.bytes($0) } == entries.map { SampleEntries.bytes($0) })
            guard case .append(let append) = message.message.body else { throw PeerError(.foreign, "no append") }
            #expect(append.entries.map(\.byteCount) == entries.map { Int($0.header.payloadLength) + EntryHeader.fixedByteCount })
        }
        #expect(received[1].entries.first?.header == spooled.header)
        guard case .spool(let spool)? = received[1].entries.first?.payload else { throw PeerError(.foreign, "not spooled") }
        #expect(spool.crc32c == spooled.header.payloadChecksum)
        await PeerNode.close(first, second)
    }

    @Test func `entries that are larger together than their leader thought come in parts`() async throws {
        let (first, second) = try await PeerNode.pair(group: PeerNode.busyGroup)
        var maker = SampleEntries()
        let large = try maker.spooled(byteCount: Int(PeerFrame.maxAppendBytes), directory: first.log.spoolDirectory)
        let entries = [maker.entry(5), large, maker.entry(0), maker.entry(7), maker.entry(8)]
            .sorted { $0.header.index < $1.header.index }
        first.peers.send([first.append(entries, to: second)])
        try await eventually(within: 60) { second.heard.withLock { $0.messages.flatMap(\.entries).count } == entries.count }
        let parts = second.heard.withLock { $0.messages }
        #expect(parts.flatMap(\.entries).map(\.header) == entries.map(\.header))
        #expect(parts.count > 1)
        for part in parts {
            guard case .append(let append) = part.message.body else { throw PeerError(.foreign, "no append") }
            #expect(append.previous.index + 1 == part.entries[0].header.index && append.entries.count == part.entries.count)
        }
        await PeerNode.close(first, second)
    }

    @Test(arguments: [Chunk.whole, .begin])
    func `what bears on the state comes into memory, also where it is larger than an event may be there`(chunk: Chunk) async throws {
        let (first, second) = try await PeerNode.pair(group: PeerNode.busyGroup)
        var maker = SampleEntries()
        let payload = SampleEntries.payload(Int(PeerFrame.maxPayloadBytesInMemory) + (1 << 20))
        first.peers.send([first.append([maker.entry(.bytes(payload), kind: .events, chunk: chunk)], to: second)])
        try await eventually(within: 60) { second.heard.withLock { $0.messages.count } == 1 }
        #expect(second.heard.withLock { $0.messages[0].entries.map { SampleEntries.bytes($0).count } } == [payload.count])
        await PeerNode.close(first, second)
    }
}
