import Common
import Foundation
import Log
import Logging
import NIOCore
import NIOEmbedded
import Raft
import Testing

@testable import kingbus_node

/// What comes to a leader at the wrong moment, or could not come from a correct member, over a log whose disk and clock the test moves.
@Suite struct ConsensusInputTests {
    private final class Leader {
        let loop = EmbeddedEventLoop()
        let log: Log
        let consensus: Consensus
        let other = Common.Member(name: "n2", incarnation: 2, role: .voter, peerAddress: "", mysqlAddress: "", adminAddress: "")

        init(_ directory: String) throws {
            log = try Log.open(directory: directory, options: LogOptions(name: "n1"))
            let own = Common.Member(
                name: "n1", incarnation: log.recovered.identity.incarnation, role: .voter, peerAddress: "", mysqlAddress: "",
                adminAddress: "")
            let empty = LogState(
                clusterID: SourceID(high: 7, low: 7), serverID: 77, serverUUID: SourceID(high: 7, low: 8),
                membership: Membership(members: [own]), settings: ClusterSettings(segmentSize: 1 << 20))
            var factory = EntryFactory(state: empty)
            log.submit(LogWrite(hardState: StoredHardState(term: 1), entries: [try factory.segment(empty, term: 1, commitIndex: 0)]))
            _ = try log.step()
            let committed = log.catalog.segments()[0].startState
            var options = Options()
            options.electionTimeoutTicks = 5
            let raft = try Raft(
                log: log, committedState: committed, lastIndex: 1, termRuns: [TermRun(firstIndex: 1, term: 1)],
                hardState: StoredHardState(term: 1), options: options)
            consensus = Consensus(
                loop: loop, log: log, state: factory.state, committedState: committed, raft: raft,
                committed: CommittedLog(CommittedLog.Snapshot(state: committed, visibleIndex: 0, purged: GTIDSet())),
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            consensus.onFatal = { Issue.record("fatal: \($0)") }
            consensus.start(tick: .milliseconds(10))
            try settle()
        }

        deinit { log.stop() }

        var otherID: MemberID { memberID(other) }

        /// Carries out what is to be written, until nothing is.
        func settle() throws {
            loop.run()
            while case let count = try log.step().count, count > 0 {
                consensus.persisted(count: count)
                loop.run()
            }
        }

        func receive(_ body: Message.Body) throws {
            consensus.receive(
                IncomingMessage(message: Message(from: otherID, to: consensus.raft.id, term: consensus.raft.term, body: body)))
            try settle()
        }

        /// - Returns: nil while it is neither committed nor rejected.
        func propose(_ events: [SourceEvent], isFormat: Bool = false) throws -> Consensus.Outcome? {
            let outcome = NIOLoopBoundBox<Consensus.Outcome?>(nil, eventLoop: loop)
            let bytes = events.flatMap(\.bytes)
            let batch = Batch(
                chunk: .whole, file: events[0].file, position: events[0].position, payload: .bytes(bytes), newFormat: isFormat ? bytes : nil
            )
            consensus.propose(batch, term: consensus.raft.term, firstContact: nil) { outcome.value = $0 }
            try settle()
            return outcome.value
        }
    }

    private func withLeader(_ body: (Leader) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "kingbus-input-\(UInt64.random(in: .min ... .max))").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let leader = try Leader(directory)
        try #require(leader.consensus.ingestTerm != nil)
        try body(leader)
        leader.consensus.stop()
    }

    @Test(arguments: [0, UInt64.max - 1, .max]) func `an append behind an index that cannot be is refused`(index: UInt64) throws {
        try withLeader { leader in
            let last = leader.consensus.raft.log.last
            try leader.receive(.append(Append(previous: LogPosition(index: index, term: 1), entries: [], commitIndex: 0)))
            #expect(leader.consensus.raft.log.last == last)
        }
    }

    @Test func `behind a batch that a handover rejects no other of its connection is taken`() throws {
        try withLeader { leader in
            let consensus = leader.consensus
            var file = SourceFile("b.000001")
            #expect(try leader.propose([file.format()], isFormat: true) == .committed)
            try consensus.changeMembership({ $0.members.append(leader.other) }, completion: { _ in })
            try leader.settle()
            try leader.receive(.appendAccepted(matchIndex: consensus.raft.log.lastIndex))
            let last = consensus.raft.log.last
            consensus.handOver()
            #expect(try leader.propose(file.transaction(1)) == .rejected)
            while consensus.raft.isTransferring {
                consensus.receivedBytes(from: leader.otherID)
                leader.loop.advanceTime(by: .milliseconds(10))
            }
            try #require(consensus.raft.role == .leader)
            #expect(try leader.propose(file.transaction(2)) == .rejected)
            #expect(consensus.raft.log.last == last)
            // The next connection's are.
            consensus.ingestEnded(term: consensus.raft.term)
            try leader.settle()
            #expect(try leader.propose(file.transaction(3)) == nil)
            #expect(consensus.raft.log.lastIndex == last.index + 1)
        }
    }

    @Test func `who waits for a transfer is answered in time, also where one transfer follows the other`() throws {
        try withLeader { leader in
            let consensus = leader.consensus
            try consensus.changeMembership({ $0.members.append(leader.other) }, completion: { _ in })
            try leader.settle()
            try leader.receive(.appendAccepted(matchIndex: consensus.raft.log.lastIndex))
            let outcome = NIOLoopBoundBox<Consensus.TransferOutcome?>(nil, eventLoop: leader.loop)
            try consensus.transferLeadership(to: leader.otherID) { outcome.value = $0 }
            // The next begins at the moment at which the one before it is given up.
            consensus.onMessages = { _ in if !consensus.raft.isTransferring { try? consensus.raft.transferLeadership() } }
            for _ in 0..<4 * consensus.raft.options.electionTimeoutTicks {
                #expect(outcome.value == nil && consensus.raft.isTransferring)
                consensus.receivedBytes(from: leader.otherID)
                leader.loop.advanceTime(by: .milliseconds(10))
            }
            #expect(outcome.value == .reverted)
            #expect(consensus.waitingTransfers.isEmpty && consensus.raft.role == .leader)
            consensus.onMessages = nil
        }
    }

    @Test func `who waits for a change that is not committed is answered by a stop`() throws {
        try withLeader { leader in
            let outcome = NIOLoopBoundBox<Consensus.Outcome?>(nil, eventLoop: leader.loop)
            try leader.consensus.changeMembership({ $0.members.append(leader.other) }, completion: { outcome.value = $0 })
            try leader.settle()
            #expect(outcome.value == nil)
            leader.consensus.stop()
            #expect(outcome.value == .unknown)
        }
    }
}
