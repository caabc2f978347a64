import Testing

@testable import Raft

@Suite("Replication and commit")
struct ReplicationTests {
    @Test("an entry is sent in parallel with the leader's own write, and commits when a quorum of disks has it")
    func quorumOfDisks() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        let index = try cluster.propose(1).firstIndex
        // The leader's disk is still at work; the append is under way.
        #expect(cluster.network.count == 2)
        cluster.deliverOnce()
        cluster.deliverOnce()
        #expect(cluster.raft(1).commitIndex < index)
        // Two followers are a quorum without the leader; but here it is not reported before it can be read here.
        cluster.completeWrites(member(2))
        cluster.completeWrites(member(3))
        cluster.deliverOnce()
        #expect(cluster.raft(1).commitIndex == index)
        #expect(cluster.nodes[member(1)]!.committedIndex < index)
        cluster.completeWrites(member(1))
        #expect(cluster.nodes[member(1)]!.committedIndex == index)
        cluster.settle()
        #expect(cluster.ids.allSatisfy { cluster.nodes[$0]!.committedIndex == index })
        #expect(cluster.oracle.failures == [])
    }

    @Test("appends follow each other without waiting, up to the limit in flight")
    func pipeline() throws {
        var options = Options()
        options.maxInflightMessages = 3
        let cluster = Cluster(voters: 2, options: options)
        cluster.elect(1)
        for _ in 0..<5 { try cluster.propose(1) }
        #expect(cluster.network.count == 3)
        cluster.settle()
        #expect(cluster.raft(2).commitIndex == 7)
    }

    @Test("bytes in flight are limited too")
    func byteLimit() throws {
        var options = Options()
        options.maxInflightBytes = 250
        options.maxAppendBytes = 100
        let cluster = Cluster(voters: 2, options: options)
        cluster.elect(1)
        try cluster.propose(1, count: 10)
        #expect(cluster.network.count == 3)
        cluster.settle()
        #expect(cluster.raft(2).commitIndex == 12)
    }

    @Test("a pipeline whose messages were all lost is found by a heartbeat and does not stay wedged")
    func lostPipeline() throws {
        var options = Options()
        options.maxInflightMessages = 2
        let cluster = Cluster(voters: 2, options: options)
        cluster.elect(1)
        for _ in 0..<5 { try cluster.propose(1) }
        cluster.network.removeAll()
        for _ in 0..<3 {
            cluster.tick(member(1))
            cluster.settle()
        }
        #expect(cluster.raft(2).commitIndex == 7)
    }

    @Test("a new leader replaces what the old one did not commit")
    func uncommittedIsDiscarded() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        try cluster.propose(1, count: 3)
        cluster.settle(among: [1])
        #expect(cluster.nodes[member(1)]!.disk.lastIndex == 5)
        cluster.elect(2, among: [2, 3])
        try cluster.propose(2)
        cluster.settle()
        for _ in 0..<3 {
            cluster.tick(member(2))
            cluster.settle()
        }
        #expect(cluster.nodes[member(1)]!.disk.entries == cluster.nodes[member(2)]!.disk.entries)
        #expect(cluster.nodes[member(1)]!.disk.lastIndex == 4)
        #expect(cluster.oracle.failures == [])
    }

    @Test("an entry of an older term on a majority is not committed by counting (figure 8)")
    func figure8() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        // Entry 3 of term 2 on member 1 only.
        try cluster.propose(1)
        cluster.settle(among: [1])
        // Member 2 leads in term 3 without it, and dies with its no-op unsent.
        for id in [member(2), member(3)] { cluster.nodes[id]!.raft!.connectionClosed(with: member(1)) }
        cluster.timeOut(2)
        while cluster.raft(2).role != .leader {
            cluster.completeWrites(member(2))
            cluster.completeWrites(member(3))
            cluster.deliverOnce(to: [2, 3])
        }
        cluster.completeWrites(member(2))
        cluster.network.removeAll()
        cluster.crash(member(2))
        // Member 1 leads again and brings entry 3 to member 3, but not its own no-op.
        cluster.crash(member(1))
        cluster.start(member(1))
        for _ in 0..<20 where cluster.raft(1).role != .leader {
            cluster.timeOut(1)
            cluster.completeWrites(member(1))
            cluster.completeWrites(member(3))
            cluster.deliverOnce(to: [1, 3])
        }
        #expect(cluster.raft(1).role == .leader)
        cluster.completeWrites(member(1))
        let noOp = cluster.raft(1).log.lastIndex
        cluster.network.removeAll()
        let term = cluster.raft(1).term
        cluster.with(1) { try! $0.step(Message(from: member(3), to: member(1), term: term, body: .appendAccepted(matchIndex: noOp - 1))) }
        #expect(cluster.raft(1).commitIndex < noOp - 1)
        cluster.with(1) { try! $0.step(Message(from: member(3), to: member(1), term: term, body: .appendAccepted(matchIndex: noOp))) }
        #expect(cluster.raft(1).commitIndex == noOp)
    }

    @Test("an append below the commit index never truncates")
    func appendBelowCommit() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        try cluster.propose(1, count: 5)
        cluster.settle()
        let before = cluster.raft(2).log
        let late = Append(previous: LogPosition(index: 1, term: 1), entries: [Entry(term: 2, byteCount: 1)], commitIndex: 2)
        cluster.with(2) { try! $0.step(Message(from: member(1), to: member(2), term: 2, body: .append(late))) }
        #expect(cluster.raft(2).log == before)
        #expect(cluster.sent.last?.body == .appendAccepted(matchIndex: 7))
    }

    @Test("a repeated append does not cut off what a later one brought")
    func overtakenAppend() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        try cluster.propose(1)
        let first = try #require(cluster.network.first { $0.message.to == member(2) })
        try cluster.propose(1)
        cluster.deliverOnce(to: [2])
        #expect(cluster.raft(2).log.lastIndex == 4)
        cluster.deliver(first)
        #expect(cluster.raft(2).log.lastIndex == 4)
    }

    @Test("an append that contradicts what is committed is refused, and changes nothing")
    func contradiction() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        var raft = cluster.raft(2)
        let lie = Append(previous: LogPosition(index: 1, term: 1), entries: [Entry(term: 3, byteCount: 1)], commitIndex: 2)
        #expect(throws: MessageError.contradictsCommitted(LogPosition(index: 2, term: 3))) {
            try raft.step(Message(from: member(3), to: member(2), term: 3, body: .append(lie)))
        }
        #expect(raft.term == 2)
        #expect(raft.takeOutput().isEmpty)
    }

    @Test("a rejection that was delayed never makes next ≤ match")
    func delayedRejection() {
        var progress = Progress(id: member(2), nextIndex: 8, options: Options())
        progress.rejected(7, hint: 3)
        #expect(progress.nextIndex == 4)
        progress.accepted(6, firstIndex: 1)
        #expect(progress.state == .replicate)
        progress.rejected(3, hint: 1)
        #expect(progress.state == .replicate)
        progress.rejected(7, hint: 1)
        #expect(progress.state == .probe)
        #expect(progress.nextIndex == 7)
        progress.rejected(6, hint: 1)
        #expect(progress.nextIndex == 7)
    }

    @Test("a rejection skips a whole term in one round trip")
    func termHint() {
        let log = TermRuns(runs: [.init(first: 1, term: 1), .init(first: 100, term: 3), .init(first: 500, term: 7)], lastIndex: 900)
        #expect(log.lastIndex(upTo: 800, withTermAtMost: 5) == 499)
        #expect(log.lastIndex(upTo: 800, withTermAtMost: 2) == 99)
        #expect(log.lastIndex(upTo: 800, withTermAtMost: 0) == 0)
        #expect(log.lastIndex(upTo: 300, withTermAtMost: 3) == 300)
    }

    @Test("a peer behind the first entry is reported once, and goes on from the segments it was given")
    func needsSegments() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1, among: [1, 2])
        try cluster.propose(1, count: 10)
        cluster.settle(among: [1, 2])
        cluster.with(1) { $0.purged(through: 8) }
        // Member 3 has entry 1 only.
        for _ in 0..<3 {
            cluster.tick(member(1))
            cluster.settle()
        }
        #expect(cluster.nodes[member(1)]!.needsSegments == [member(3)])
        #expect(cluster.raft(1).peers.last?.state == .awaitingSegments)
        cluster.crash(member(3))
        var disk = cluster.nodes[member(2)]!.disk
        disk.hardState = cluster.nodes[member(3)]!.disk.hardState
        disk.entries.removeLast(2)
        cluster.add(member(3), disk: disk)
        cluster.with(1) { $0.segmentsDelivered(to: member(3), through: 10) }
        cluster.settle()
        #expect(cluster.raft(3).commitIndex == 12)
        #expect(cluster.raft(1).peers.last?.state == .replicate)
        #expect(cluster.oracle.failures == [])
    }

    @Test("a term that is known only from the log is taken up, without a vote in it")
    func termFromLog() {
        let log = TermRuns(runs: [.init(first: 1, term: 4)], lastIndex: 3)
        var raft = Raft(id: member(1), recovered: .init(hardState: HardState(term: 2, vote: member(2)), log: log), seed: 1)
        #expect(raft.hardState == HardState(term: 4))
        #expect(raft.takeOutput().write?.hardState == HardState(term: 4))
    }
}
