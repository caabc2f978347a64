import Testing

@testable import Raft

@Suite("Leadership transfer")
struct TransferTests {
    @Test("where the target does not take over in an election timeout, the leader goes on as before")
    func revert() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        cluster.crash(member(3))
        try cluster.transfer(from: 1, to: 3)
        for _ in 0..<cluster.options.electionTimeoutTicks - 1 {
            cluster.tick(member(1))
            cluster.settle(among: [1, 2])
            #expect(throws: ProposalError.isTransferring) { try cluster.propose(1) }
        }
        cluster.tick(member(1))
        let proposal = try cluster.propose(1)
        cluster.settle(among: [1, 2])
        #expect(cluster.raft(1).role == .leader)
        #expect(cluster.raft(1).commitIndex == proposal.firstIndex)
        #expect(proposal.term == 2)
    }

    @Test("the target is given all that it lacks before it campaigns")
    func catchUpFirst() throws {
        var options = Options()
        options.maxAppendEntries = 2
        let cluster = Cluster(voters: 3, options: options)
        cluster.elect(1)
        try cluster.propose(1, count: 20)
        cluster.settle(among: [1, 2])
        try cluster.transfer(from: 1, to: 3)
        #expect(!cluster.sent.contains { $0.body == .timeoutNow })
        // What was lost on the way is found by heartbeats.
        for _ in 0..<4 {
            cluster.tick(member(1))
            cluster.settle()
        }
        #expect(cluster.leaders == [member(3)])
        let asked = try #require(cluster.sent.firstIndex { $0.body == .timeoutNow })
        #expect(cluster.sent[..<asked].contains { $0.from == member(3) && $0.body == .appendAccepted(matchIndex: 22) })
        #expect(cluster.raft(1).commitIndex == 23)
        #expect(cluster.oracle.failures == [])
    }

    @Test("only another voter can be given leadership")
    func refused() throws {
        let cluster = Cluster(voters: 2, learners: 1)
        cluster.elect(1)
        for target: UInt64 in [1, 3, 9] { #expect(throws: ProposalError.notAVoter) { try cluster.transfer(from: 1, to: target) } }
        #expect(throws: ProposalError.notLeader(leader: member(1))) { try cluster.transfer(from: 2, to: 1) }
        try cluster.propose(1)
        let alone = Cluster(voters: 1, learners: 1)
        alone.elect(1)
        #expect(throws: ProposalError.notAVoter) { try alone.with(1) { raft throws(ProposalError) in try raft.transferLeadership() } }
    }

    @Test("another target takes the first one's place; the same one again has no more time than it had")
    func again() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        try cluster.transfer(from: 1, to: 2)
        cluster.network.removeAll()
        for _ in 0..<cluster.options.electionTimeoutTicks {
            #expect(cluster.raft(1).isTransferring)
            try cluster.transfer(from: 1, to: 2)
            cluster.tick(member(1))
            cluster.network.removeAll { $0.message.body == .timeoutNow }
            cluster.settle()
        }
        #expect(!cluster.raft(1).isTransferring)
        try cluster.transfer(from: 1, to: 2)
        cluster.network.removeAll()
        try cluster.transfer(from: 1, to: 3)
        cluster.settle()
        #expect(cluster.leaders == [member(3)])
    }

    @Test("one target after another has together no more time than one, and a leader that nobody hears steps down meanwhile")
    func alternating() throws {
        for isHeard in [true, false] {
            let cluster = Cluster(voters: 3)
            cluster.elect(1)
            let timeout = cluster.options.electionTimeoutTicks
            // So that nobody was heard since a quorum was last checked.
            cluster.tick(member(1), count: timeout)
            cluster.network.removeAll()
            for tick in 0..<timeout {
                try cluster.transfer(from: 1, to: tick.isMultiple(of: 2) ? 2 : 3)
                cluster.network.removeAll { $0.message.body == .timeoutNow || !isHeard }
                cluster.tick(member(1))
                cluster.network.removeAll { $0.message.body == .timeoutNow || !isHeard }
                cluster.settle()
            }
            #expect(!cluster.raft(1).isTransferring)
            #expect(cluster.raft(1).role == (isHeard ? .leader : .follower))
        }
    }

    @Test("where no target is named the one that leadership is on its way to remains")
    func unnamed() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        try cluster.propose(1)
        cluster.settle(among: [1, 2])
        try cluster.transfer(from: 1, to: 3)
        #expect(cluster.raft(1).furthestVoter == member(2))
        try cluster.with(1) { raft throws(ProposalError) in try raft.transferLeadership() }
        #expect(cluster.raft(1).transferee == member(3))
    }

    @Test("a late word to take over changes nothing for the leader of a later term")
    func late() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        try cluster.transfer(from: 1, to: 2)
        let word = try #require(cluster.take { $0.body == .timeoutNow }.first)
        cluster.elect(3, among: [2, 3])
        cluster.tick(member(3))
        cluster.settle()
        let term = cluster.raft(2).term
        cluster.deliver(word)
        cluster.settle()
        #expect(cluster.leaders == [member(3)])
        #expect(cluster.raft(2).term == term)
    }

    // MARK: - Disks that stand still

    @Test("a leader whose disk stands still hands over to a voter whose disk does not")
    func stalledDisk() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        cluster.tick(member(1))
        cluster.settle()
        try cluster.propose(1, count: 3)
        for _ in 0..<4 * cluster.options.electionTimeoutTicks where cluster.leaders == [member(1)] {
            advanceWithoutDisk(of: 1, in: cluster)
        }
        #expect(cluster.leaders.count == 1)
        #expect(cluster.leaders != [member(1)])
        // Nothing that was committed is lost, and when its disk moves again it follows.
        cluster.settle()
        #expect(cluster.raft(1).role == .follower)
        #expect(cluster.raft(1).durableIndex == 6)
        #expect(cluster.oracle.failures == [])
    }

    @Test("where all disks stand still the leader stays, and nobody campaigns")
    func allStalled() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        try cluster.propose(1, count: 3)
        for _ in 0..<100 {
            for id in cluster.ids { cluster.tick(id) }
            cluster.deliverOnce()
        }
        #expect(cluster.leaders == [member(1)])
        #expect(cluster.raft(1).isDiskStalled && !cluster.raft(1).isTransferring)
        for id in cluster.ids { cluster.with(id.rawValue) { $0.connectionClosed(with: member(1)) } }
        cluster.crash(member(1))
        for number: UInt64 in [2, 3] { cluster.tick(member(number), count: 100) }
        #expect(cluster.raft(2).role == .follower && cluster.raft(3).role == .follower)
        for _ in 0..<40 {
            for number: UInt64 in [2, 3] { cluster.tick(member(number)) }
            cluster.settle(among: [2, 3])
        }
        #expect(cluster.leaders.count == 1)
        #expect(cluster.oracle.failures == [])
    }

    @Test("a leader whose disk stands still goes on where the others could not elect one of them", arguments: [2, 3] as [UInt64])
    func stalledAndNeeded(voters: UInt64) throws {
        let cluster = Cluster(voters: voters)
        cluster.elect(1)
        if voters == 3 { cluster.crash(member(3)) }
        // Until the leader knows that nobody answers for the third.
        for _ in 0..<2 * cluster.options.electionTimeoutTicks {
            cluster.tick(member(1))
            cluster.settle()
        }
        let term = cluster.raft(1).term
        try cluster.propose(1)
        for _ in 0..<10 * cluster.options.electionTimeoutTicks {
            advanceWithoutDisk(of: 1, in: cluster)
            try #require(!cluster.raft(1).isTransferring)
        }
        #expect(cluster.raft(1).isDiskStalled)
        #expect(cluster.leaders == [member(1)] && cluster.raft(1).term == term)
        // With the third back, another can be elected.
        guard voters == 3 else { return }
        cluster.start(member(3))
        for _ in 0..<4 * cluster.options.electionTimeoutTicks where cluster.leaders == [member(1)] {
            advanceWithoutDisk(of: 1, in: cluster)
        }
        #expect(cluster.leaders.count == 1 && cluster.leaders != [member(1)])
        #expect(cluster.oracle.failures == [])
    }

    @Test("in a joint configuration the others must be able to elect one of them by both majorities")
    func stalledInJoint() throws {
        let cluster = Cluster(voters: 3)
        for number: UInt64 in [4, 5] { cluster.add(member(number), disk: SimulatedDisk()) }
        cluster.elect(1, among: [1, 2, 3])
        cluster.tick(member(1))
        cluster.settle()
        cluster.crash(member(2))
        for _ in 0..<2 * cluster.options.electionTimeoutTicks {
            cluster.tick(member(1))
            cluster.settle()
        }
        // Of the voters before only the third is left, which is not enough without the leader; of those behind it all are.
        let change: [ConfigurationChange] = [.addVoter(member(4)), .addVoter(member(5)), .remove(member(2))]
        try cluster.propose(1, configuration: cluster.raft(1).configuration.enteringJoint(change))
        for _ in 0..<10 * cluster.options.electionTimeoutTicks {
            advanceWithoutDisk(of: 1, in: cluster)
            try #require(!cluster.raft(1).isTransferring)
        }
        #expect(cluster.raft(1).configuration.isJoint && cluster.raft(1).isDiskStalled)
        #expect(cluster.raft(1).peers.filter { $0.matchIndex == cluster.raft(1).log.lastIndex }.count == 3)
        #expect(cluster.leaders == [member(1)])
        #expect(cluster.oracle.failures == [])
    }

    @Test("leadership does not go round where all disks are slow alike")
    func slowAlike() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        let timeout = cluster.options.electionTimeoutTicks
        for round in 1...5 {
            try cluster.propose(1)
            for tick in 1...2 * timeout {
                for id in cluster.ids { cluster.tick(id) }
                cluster.deliverOnce()
                if tick == timeout + 1 { for number: UInt64 in [2, 3] { cluster.completeWrites(member(number)) } }
                if tick == timeout + 3 {
                    #expect(cluster.raft(1).isDiskStalled)
                    cluster.completeWrites(member(1))
                }
                cluster.deliverOnce()
            }
            #expect(cluster.leaders == [member(1)])
            #expect(cluster.raft(1).commitIndex == LogIndex(2 + round))
        }
    }

    @Test(
        "leadership does not go round where all disks take the same time for a write and begin at different moments",
        arguments: [[0, 8, 40], [0, 12, 36], [0, 24, 24], [0, 30, 44], [0, 40, 8]])
    func slowOutOfPhase(beginnings: [Int]) throws {
        let cluster = try makeClusterOfSlowDisks()
        var disks = SlowDisks(ticksPerWrite: 48, beginnings: beginnings)
        var wasStalled = false
        for _ in 0..<20 * cluster.options.electionTimeoutTicks {
            try cluster.propose(1)
            disks.advance(cluster)
            wasStalled = wasStalled || cluster.raft(1).isDiskStalled
            try #require(!cluster.raft(1).isTransferring && cluster.leaders == [member(1)])
        }
        #expect(wasStalled)
        #expect(cluster.raft(1).commitIndex > 600)
    }

    @Test("of slow disks the one that stands still loses leadership, under traffic that goes on and under traffic that waits for it")
    func stalledAmongSlow() throws {
        for isWaitedFor in [false, true] {
            let cluster = try makeClusterOfSlowDisks()
            var disks = SlowDisks(ticksPerWrite: 12, beginnings: [0, 3, 9])
            for _ in 0..<200 {
                try cluster.propose(1)
                disks.advance(cluster)
            }
            #expect(cluster.leaders == [member(1)])
            disks.stop(member(1))
            for _ in 0..<12 * cluster.options.electionTimeoutTicks where cluster.leaders.isEmpty || cluster.leaders.contains(member(1)) {
                let takesProposals = cluster.raft(1).role == .leader && !cluster.raft(1).isTransferring
                if !isWaitedFor, takesProposals { try cluster.propose(1) }
                disks.advance(cluster)
            }
            #expect(cluster.leaders.count == 1 && cluster.leaders != [member(1)])
            #expect(cluster.oracle.failures == [])
        }
    }

    @Test("a large write may take its time")
    func largeWrite() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        let timeout = cluster.options.electionTimeoutTicks
        let rounds = 3
        _ = try cluster.nodes[member(1)]!.raft!.propose(byteCounts: [rounds * cluster.options.maxInflightBytes])
        var raft = cluster.raft(1)
        _ = raft.takeOutput()
        for tick in 1..<(rounds + 1) * timeout {
            raft.writes.tick()
            #expect(!raft.isDiskStalled, "\(tick)")
        }
        raft.writes.tick()
        #expect(raft.isDiskStalled)
    }

    @Test("a small write may take as long as the large one behind it, with which it is completed")
    func smallBeforeLargeWrite() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        let timeout = cluster.options.electionTimeoutTicks
        let rounds = 3
        var raft = cluster.raft(1)
        _ = try raft.propose(byteCounts: [100])
        _ = raft.takeOutput()
        _ = try raft.propose(byteCounts: [rounds * cluster.options.maxInflightBytes])
        let last = try #require(raft.takeOutput().write)
        for tick in 1..<(rounds + 1) * timeout {
            raft.writes.tick()
            #expect(!raft.isDiskStalled, "\(tick)")
        }
        raft.writes.tick()
        #expect(raft.isDiskStalled)
        raft.persisted(through: last.id)
        #expect(!raft.isDiskStalled && raft.durableIndex == raft.log.lastIndex)
    }

    private func makeClusterOfSlowDisks() throws -> Cluster {
        var options = Options()
        options.electionTimeoutTicks = 40
        let cluster = Cluster(voters: 3, options: options)
        cluster.elect(1)
        cluster.tick(member(1))
        cluster.settle()
        return cluster
    }

    /// One tick of all, with every disk at work but one.
    private func advanceWithoutDisk(of stalled: UInt64, in cluster: Cluster) {
        for id in cluster.ids { cluster.tick(id) }
        for _ in 0..<6 {
            for id in cluster.ids where id != member(stalled) { cluster.completeWrites(id) }
            cluster.deliverOnce()
        }
    }
}

/// Disks of members 1 to 3 that take all there is to write at once, and complete it so many ticks later.
private struct SlowDisks {
    private let ticksPerWrite: Int
    /// When each is free, and how many of its pending writes are done then.
    private var ends: [(tick: Int, count: Int)]
    private var tick = 0

    init(ticksPerWrite: Int, beginnings: [Int]) {
        self.ticksPerWrite = ticksPerWrite
        ends = beginnings.map { ($0, 0) }
    }

    /// The disk completes nothing any more.
    mutating func stop(_ id: MemberID) { ends[Int(id.rawValue) - 1].tick = .max }

    /// One tick of all members and disks.
    mutating func advance(_ cluster: Cluster) {
        tick += 1
        for id in cluster.ids { cluster.tick(id) }
        for _ in 0..<3 { cluster.deliverOnce() }
        for (place, id) in cluster.ids.enumerated() where ends[place].tick <= tick {
            cluster.completeWrites(id, count: ends[place].count)
            let count = cluster.nodes[id]!.disk.pending.count
            ends[place] = count == 0 ? (tick, 0) : (tick + ticksPerWrite, count)
        }
        for _ in 0..<3 { cluster.deliverOnce() }
    }
}
