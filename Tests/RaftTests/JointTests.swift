import Testing

@testable import Raft

/// From voters 1, 2, 3 to voters 3, 4, 5: each majority without a member of the other.
@Suite("Joint configurations")
struct JointTests {
    private static let change: [ConfigurationChange] = [
        .addVoter(member(4)), .addVoter(member(5)), .remove(member(1)), .remove(member(2)),
    ]

    /// Five members, of which 1 leads and has the joint configuration in its log and nowhere else.
    private func begin() throws -> Cluster {
        let cluster = Cluster(voters: 3)
        for number: UInt64 in [4, 5] { cluster.add(member(number), disk: SimulatedDisk()) }
        cluster.elect(1, among: [1, 2, 3])
        try cluster.propose(1, configuration: cluster.raft(1).configuration.enteringJoint(Self.change))
        return cluster
    }

    /// The joint configuration is in all logs and not committed: no acknowledgement has arrived.
    private func spread() throws -> Cluster {
        let cluster = try begin()
        for _ in 0..<10 {
            cluster.tick(member(1))
            for number: UInt64 in 1...5 { cluster.completeWrites(member(number)) }
            // Of what 4 and 5 hold nothing is told but that they lack what comes before.
            _ = cluster.take { message in
                if case .appendAccepted(let index) = message.body { return index >= cluster.raft(1).log.lastIndex } else { return false }
            }
            cluster.deliverOnce()
        }
        cluster.network.removeAll()
        for number: UInt64 in 1...5 { #expect(cluster.raft(number).configuration.isJoint) }
        #expect(cluster.raft(1).commitIndex == 2)
        return cluster
    }

    @Test("nothing is committed without a majority of each set", arguments: [[1, 2, 3], [1, 4, 5]] as [[UInt64]])
    func commit(members: [UInt64]) throws {
        let cluster = try begin()
        for _ in 0..<3 {
            cluster.tick(member(1))
            cluster.settle(among: members)
        }
        #expect(cluster.raft(1).commitIndex == 2)
        cluster.tick(member(1))
        cluster.settle(among: [1, 2, 4, 5])
        for _ in 0..<10 {
            for id in cluster.ids { cluster.tick(id) }
            cluster.settle()
        }
        #expect(cluster.raft(3).configuration == Configuration(voters: [3, 4, 5].map(member)))
        #expect(cluster.oracle.failures == [])
    }

    @Test("nobody is elected without a majority of each set", arguments: [[1, 2, 3], [3, 4, 5]] as [[UInt64]])
    func election(members: [UInt64]) throws {
        let cluster = try spread()
        cluster.crash(member(1))
        cluster.start(member(1))
        for _ in 0..<100 {
            for number in members { cluster.tick(member(number)) }
            cluster.settle(among: members)
        }
        #expect(cluster.leaders.isEmpty)
        for _ in 0..<100 where cluster.leaders.isEmpty {
            for number: UInt64 in [2, 3, 4] { cluster.tick(member(number)) }
            cluster.settle(among: [2, 3, 4])
        }
        #expect(cluster.leaders.count == 1)
        #expect(cluster.oracle.failures == [])
    }

    @Test("a leader that hears only one of the majorities steps down", arguments: [[1, 2, 3], [1, 4, 5]] as [[UInt64]])
    func checkQuorum(members: [UInt64]) throws {
        let cluster = try spread()
        for _ in 0..<3 * cluster.options.electionTimeoutTicks {
            cluster.tick(member(1))
            cluster.settle(among: members)
        }
        #expect(cluster.raft(1).role == .follower)
    }

    @Test("a read waits for a majority of each set")
    func read() throws {
        let cluster = Cluster(voters: 3)
        for number: UInt64 in [4, 5] { cluster.add(member(number), disk: SimulatedDisk()) }
        cluster.elect(1, among: [1, 2, 3])
        try cluster.propose(1, configuration: cluster.raft(1).configuration.enteringJoint(Self.change))
        cluster.network.removeAll()
        let read = try cluster.requestRead(1)
        cluster.settle(among: [1, 2, 3])
        #expect(cluster.nodes[member(1)]!.reads.isEmpty)
        for _ in 0..<3 {
            cluster.tick(member(1))
            cluster.settle()
        }
        #expect(cluster.nodes[member(1)]!.reads.map(\.id) == [read])
        #expect(cluster.oracle.failures == [])
    }

    @Test("a voter that is to become a learner votes until the change is done, and leads no longer then")
    func demotion() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        let change: [ConfigurationChange] = [.addLearner(member(1)), .addLearner(member(2))]
        let joint = try cluster.raft(1).configuration.enteringJoint(change)
        #expect(joint.learnersNext == [member(1), member(2)])
        try cluster.propose(1, configuration: joint)
        // A majority of the outgoing set, and nobody of the incoming one.
        cluster.settle(among: [1, 2])
        #expect(cluster.raft(1).commitIndex == 2)
        for _ in 0..<40 {
            for id in cluster.ids { cluster.tick(id) }
            cluster.settle()
        }
        #expect(cluster.leaders == [member(3)])
        #expect(cluster.raft(1).configuration == Configuration(voters: [member(3)], learners: [1, 2].map(member)))
        #expect(cluster.raft(1).commitIndex == cluster.raft(3).commitIndex)
        #expect(cluster.oracle.failures == [])
    }

    @Test("no change follows a joint configuration but its end")
    func end() throws {
        let before = Configuration(voters: [1, 2, 3].map(member))
        let joint = try before.enteringJoint(Self.change)
        #expect(joint.mayBeFollowed(by: Configuration(voters: [3, 4, 5].map(member))))
        for next in [before, joint, Configuration(voters: [3, 4].map(member)), Configuration(voters: [3, 4, 5, 6].map(member))] {
            #expect(!joint.mayBeFollowed(by: next))
        }
        #expect(!before.mayBeFollowed(by: Configuration(voters: [3, 4, 5].map(member), outgoing: [1, 2].map(member))))
    }
}
