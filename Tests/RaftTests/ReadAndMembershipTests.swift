import Testing

@testable import Raft

@Suite("Reads and membership")
struct ReadAndMembershipTests {
    @Test("a single member answers a read at once, but only after its no-op is committed")
    func singleRead() throws {
        let cluster = Cluster(voters: 1)
        cluster.timeOut(1)
        cluster.completeWrites(member(1), count: 1)
        let early = try cluster.requestRead(1)
        #expect(cluster.nodes[member(1)]!.reads.isEmpty)
        cluster.completeWrites(member(1))
        #expect(cluster.nodes[member(1)]!.reads == [ReadState(id: early, index: 2)])
        let read = try cluster.requestRead(1)
        #expect(cluster.nodes[member(1)]!.reads.last == ReadState(id: read, index: 2))
    }

    @Test("a read waits until a quorum confirms the leader, and an answer to an earlier heartbeat does not do")
    func readWaitsForQuorum() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        cluster.tick(member(1))
        cluster.deliverOnce(to: [2, 3])
        let older = cluster.take { $0.to == member(1) }
        #expect(older.count == 2)
        let read = try cluster.requestRead(1)
        for envelope in older { cluster.deliver(envelope) }
        #expect(cluster.nodes[member(1)]!.reads.isEmpty)
        cluster.settle()
        #expect(cluster.nodes[member(1)]!.reads == [ReadState(id: read, index: 2)])
    }

    @Test("a paused leader that was replaced meanwhile answers no stale read")
    func staleRead() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        cluster.elect(2, among: [2, 3])
        try cluster.propose(2)
        cluster.settle(among: [2, 3])
        let read = try cluster.requestRead(1)
        cluster.settle()
        #expect(cluster.nodes[member(1)]!.reads == [ReadState(id: read, index: nil)])
    }

    @Test("a follower's read is answered by its leader")
    func followerRead() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        cluster.tick(member(1))
        cluster.settle()
        let read = try cluster.requestRead(3)
        cluster.settle()
        #expect(cluster.nodes[member(3)]!.reads == [ReadState(id: read, index: 2)])
    }

    @Test("a change of several voters goes through a joint configuration, which the leader ends by itself")
    func joint() throws {
        let cluster = Cluster(voters: 3)
        for number: UInt64 in [4, 5] { cluster.add(member(number), disk: SimulatedDisk()) }
        cluster.elect(1)
        let change: [ConfigurationChange] = [.addVoter(member(4)), .addVoter(member(5)), .remove(member(2)), .remove(member(3))]
        #expect(throws: ConfigurationChangeError.needsJoint) { try cluster.raft(1).configuration.changing(change) }
        try cluster.propose(1, configuration: cluster.raft(1).configuration.enteringJoint(change))
        // Both majorities are needed.
        cluster.settle(among: [1, 2, 3])
        #expect(cluster.raft(1).commitIndex == 2)
        for _ in 0..<5 {
            cluster.tick(member(1))
            cluster.settle()
        }
        #expect(cluster.raft(1).configuration == Configuration(voters: [1, 4, 5].map(member)))
        #expect(cluster.raft(5).configuration == cluster.raft(1).configuration)
        #expect(cluster.raft(1).commitIndex == 4)
        #expect(cluster.oracle.failures == [])
    }

    @Test("a crash of the leader in a joint configuration leaves it to the next one to end it")
    func crashInJoint() throws {
        let cluster = Cluster(voters: 3)
        cluster.add(member(4), disk: SimulatedDisk())
        cluster.elect(1)
        let change: [ConfigurationChange] = [.addVoter(member(4)), .remove(member(1))]
        try cluster.propose(1, configuration: cluster.raft(1).configuration.enteringJoint(change))
        cluster.deliverOnce()
        cluster.completeWrites(member(2))
        cluster.completeWrites(member(3))
        cluster.crash(member(1))
        cluster.network.removeAll()
        cluster.elect(2, among: [2, 3, 4])
        for _ in 0..<5 {
            cluster.tick(member(2))
            cluster.settle(among: [2, 3, 4])
        }
        #expect(cluster.raft(4).configuration == Configuration(voters: [2, 3, 4].map(member)))
        #expect(cluster.oracle.failures == [])
    }

    @Test("one change at a time, and none before the leader has committed in its term (the single-server membership bug)")
    func oneChange() throws {
        let cluster = Cluster(voters: 3)
        cluster.timeOut(1)
        while cluster.raft(1).role != .leader {
            for id in cluster.ids { cluster.completeWrites(id) }
            cluster.deliverOnce()
        }
        let next = try cluster.raft(1).configuration.changing([.addVoter(member(4))])
        #expect(throws: ProposalError.changeInProgress) { try cluster.propose(1, configuration: next) }
        cluster.settle()
        try cluster.propose(1, configuration: next)
        #expect(throws: ProposalError.changeInProgress) {
            try cluster.propose(1, configuration: next.changing([.addVoter(member(5))]))
        }
    }

    @Test("a truncated change of membership is taken back")
    func truncatedChange() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        let before = cluster.raft(1).configuration
        try cluster.propose(1, configuration: before.changing([.addLearner(member(4))]))
        #expect(cluster.raft(1).configuration != before)
        cluster.settle(among: [1])
        cluster.elect(2, among: [2, 3])
        for _ in 0..<3 {
            cluster.tick(member(2))
            cluster.settle()
        }
        #expect(cluster.raft(1).configuration == before)
    }

    @Test("a leader that removes itself commits the change without its own disk, then hands over")
    func removedLeader() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        try cluster.propose(1, configuration: cluster.raft(1).configuration.changing([.remove(member(1))]))
        cluster.settle()
        #expect(cluster.raft(1).role == .follower)
        #expect(cluster.leaders.count == 1)
        #expect(cluster.leaders != [member(1)])
        #expect(cluster.oracle.failures == [])
    }

    @Test("a leader that died with its own removal unsent still campaigns, or the rest would wait for its vote for ever")
    func removedButNeeded() throws {
        let cluster = Cluster(voters: 2)
        cluster.elect(1)
        try cluster.propose(1, configuration: cluster.raft(1).configuration.changing([.remove(member(1))]))
        cluster.settle(among: [1])
        cluster.crash(member(1))
        cluster.start(member(1))
        for _ in 0..<60 {
            for id in cluster.ids { cluster.tick(id) }
            cluster.settle()
        }
        #expect(cluster.leaders == [member(2)])
        #expect(cluster.raft(2).configuration == Configuration(voters: [member(2)]))
        #expect(cluster.oracle.failures == [])
    }
}
