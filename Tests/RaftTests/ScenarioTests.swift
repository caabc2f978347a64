import Testing

@testable import Raft

/// Counterparts of etcd/raft's scenarios that no other test has; `docs/scenarios.md` lists all of them.
@Suite("Scenarios")
struct ScenarioTests {
    @Test("three voters elect the one that asks, and all follow it")
    func campaign() {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        #expect(cluster.leaders == [member(1)])
        for number: UInt64 in 1...3 {
            #expect(cluster.raft(number).leader == member(1) && cluster.raft(number).term == 2)
            #expect(cluster.raft(number).log.last == LogPosition(index: 2, term: 2))
            #expect(cluster.raft(number).hardState.vote == member(1))
        }
        #expect(cluster.raft(1).commitIndex == 2)
    }

    @Test("a voter is added in one step, and needed for a majority from then on")
    func addOne() throws {
        let cluster = Cluster(voters: 1)
        cluster.add(member(2), disk: SimulatedDisk())
        cluster.elect(1, among: [1])
        let next = try cluster.raft(1).configuration.changing([.addVoter(member(2))])
        #expect(!next.isJoint)
        try cluster.propose(1, configuration: next)
        cluster.completeWrites(member(1))
        #expect(cluster.raft(1).commitIndex == 2)
        for _ in 0..<3 {
            cluster.settle()
            cluster.tick(member(1))
        }
        #expect(cluster.raft(1).commitIndex == 3)
        #expect(cluster.raft(2).log.lastIndex == 3)
        #expect(cluster.raft(2).configuration == next)
    }

    @Test("voters are added to a single one through a joint configuration, which ends by itself", arguments: [[2], [2, 3]] as [[UInt64]])
    func addJointly(numbers: [UInt64]) throws {
        let cluster = Cluster(voters: 1)
        for number in numbers { cluster.add(member(number), disk: SimulatedDisk()) }
        cluster.elect(1, among: [1])
        let joint = try cluster.raft(1).configuration.enteringJoint(numbers.map { .addVoter(member($0)) })
        try cluster.propose(1, configuration: joint)
        #expect(throws: ProposalError.changeInProgress) { try cluster.propose(1, configuration: joint.leavingJoint()) }
        for _ in 0..<5 {
            cluster.settle()
            cluster.tick(member(1))
        }
        cluster.settle()
        let done = Configuration(voters: ([1] + numbers).map(member))
        for id in cluster.ids { #expect(cluster.nodes[id]!.raft!.configuration == done) }
        #expect(cluster.raft(1).commitIndex == 4)
        #expect(cluster.oracle.failures == [])
    }

    @Test("a leader that is replaced hands over within the joint configuration, its successor ends it, and the old one campaigns no more")
    func replaceLeader() throws {
        let cluster = Cluster(voters: 3)
        cluster.add(member(4), disk: SimulatedDisk())
        cluster.elect(1, among: [1, 2, 3])
        let change: [ConfigurationChange] = [.remove(member(1)), .addVoter(member(4))]
        try cluster.propose(1, configuration: cluster.raft(1).configuration.enteringJoint(change))
        #expect(throws: ProposalError.notAVoter) { try cluster.transfer(from: 1, to: 1) }
        try cluster.transfer(from: 1, to: 4)
        for _ in 0..<5 {
            cluster.settle()
            cluster.tick(member(1))
        }
        for _ in 0..<3 {
            for id in cluster.ids { cluster.tick(id) }
            cluster.settle()
        }
        #expect(cluster.leaders == [member(4)])
        #expect(cluster.raft(4).configuration == Configuration(voters: [2, 3, 4].map(member)))
        let term = cluster.raft(4).term
        // What it lacks of the end of the change it may still ask for: the others hear their leader and answer nothing.
        for _ in 0..<100 {
            for id in cluster.ids { cluster.tick(id) }
            cluster.settle()
        }
        #expect(cluster.leaders == [member(4)])
        #expect(cluster.raft(4).term == term)
        #expect(cluster.oracle.failures == [])
    }

    @Test("a peer that holds everything comes out of probing with an answer to a heartbeat")
    func probing() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        cluster.settle()
        #expect(cluster.raft(1).peers.map(\.state) == [.replicate, .replicate])
        cluster.with(1) { $0.connectionClosed(with: member(2)) }
        #expect(cluster.raft(1).peers.first?.state == .probe)
        cluster.network.removeAll()
        cluster.tick(member(1))
        cluster.settle()
        #expect(cluster.raft(1).peers.first?.state == .replicate)
    }

    @Test("a follower that was not told of a commit learns of it from a heartbeat, as far as it is known to hold the log")
    func laggingCommit() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        try cluster.propose(1, count: 2)
        for _ in 0..<4 {
            for id in cluster.ids { cluster.completeWrites(id) }
            _ = cluster.take { message in
                guard message.to == member(3) else { return false }
                if case .commit = message.body { return true } else { return false }
            }
            cluster.deliverOnce()
        }
        #expect(cluster.raft(1).commitIndex == 4)
        #expect(cluster.raft(2).commitIndex == 4)
        #expect(cluster.raft(3).commitIndex < 4)
        cluster.tick(member(1))
        cluster.settle()
        #expect(cluster.raft(3).commitIndex == 4)
    }

    @Test("a member whose log is behind gets no pre-vote, and one that is not behind does")
    func preVoteBehind() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        try cluster.propose(1)
        cluster.settle(among: [1, 2])
        cluster.crash(member(1))
        cluster.tick(member(2), count: 3 * cluster.options.electionTimeoutTicks)
        cluster.network.removeAll()
        for _ in 0..<20 {
            cluster.tick(member(3))
            cluster.settle(among: [2, 3])
            #expect(cluster.raft(3).role != .candidate && cluster.raft(3).role != .leader)
        }
        #expect(cluster.raft(3).term == 2)
        for _ in 0..<20 where cluster.leaders.isEmpty {
            cluster.tick(member(2))
            cluster.settle(among: [2, 3])
        }
        #expect(cluster.leaders == [member(2)])
    }

    @Test("a majority that no longer hears the leader replaces it, though it lives")
    func preCandidates() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        for _ in 0..<100 where cluster.leaders == [member(1)] {
            for number: UInt64 in [2, 3] { cluster.tick(member(number)) }
            cluster.settle(among: [2, 3])
        }
        #expect(cluster.leaders.count == 2)
        #expect(cluster.raft(1).term == 2)
        cluster.tick(member(1))
        cluster.settle()
        for id in cluster.ids { cluster.tick(id) }
        cluster.settle()
        #expect(cluster.leaders.count == 1 && cluster.leaders != [member(1)])
        #expect(cluster.oracle.failures == [])
    }

    @Test("a new leader finds where each of the logs of figure 7 agrees with its own, in one round trip, and replaces the rest")
    func figure7() throws {
        let logs: [[Term]] = [
            [1, 1, 1, 4, 4, 5, 5, 6, 6, 6], [1, 1, 1, 4, 4, 5, 5, 6, 6], [1, 1, 1, 4], [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
            [1, 1, 1, 4, 4, 5, 5, 6, 7, 7, 7, 7], [1, 1, 1, 4, 4, 4, 4], [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
        ]
        let cluster = Cluster(voters: 7)
        let first = cluster.nodes[member(1)]!.disk.entries[0]
        for (number, terms) in logs.enumerated() {
            var disk = SimulatedDisk(hardState: HardState(term: 7), entries: [first])
            for (index, term) in terms.enumerated().dropFirst() {
                disk.entries.append(StoredEntry(term: term, payload: term * 100 + UInt64(index)))
            }
            cluster.add(member(UInt64(number) + 1), disk: disk)
        }
        for _ in 0..<10 where cluster.leaders.isEmpty {
            for number: UInt64 in 2...7 { cluster.tick(member(number), count: 1) }
            cluster.timeOut(1)
            cluster.settle()
        }
        #expect(cluster.leaders == [member(1)])
        cluster.tick(member(1))
        cluster.settle()
        for id in cluster.ids { #expect(cluster.nodes[id]!.disk.entries == cluster.nodes[member(1)]!.disk.entries) }
        #expect(cluster.nodes[member(1)]!.disk.entries.map(\.term) == logs[0] + [cluster.raft(1).term])
        for number: UInt64 in 2...7 {
            let rejections = cluster.sent.filter { message in
                guard message.from == member(number) else { return false }
                if case .appendRejected = message.body { return true } else { return false }
            }
            #expect(rejections.count <= 1, "\(number)")
        }
        #expect(cluster.oracle.failures == [])
    }

    @Test("a slow follower whose window is full when its next entries are purged is given segments")
    func slowFollower() throws {
        var options = Options()
        options.maxInflightMessages = 2
        let cluster = Cluster(voters: 3, options: options)
        cluster.elect(1)
        try cluster.propose(1, count: 3)
        cluster.settle()
        for _ in 0..<6 {
            try cluster.propose(1)
            cluster.settle(among: [1, 2])
        }
        #expect(cluster.raft(1).peers.last?.inflights.isFull == true)
        #expect(cluster.raft(1).commitIndex == 11)
        cluster.with(1) { $0.purged(through: 10) }
        for _ in 0..<4 {
            cluster.tick(member(1))
            cluster.settle()
        }
        #expect(cluster.nodes[member(1)]!.needsSegments == [member(3)])
        #expect(cluster.raft(1).peers.last?.state == .awaitingSegments)
        // Where they cannot be delivered it is asked again, and reported again.
        cluster.with(1) { $0.segmentsDelivered(to: member(3), through: nil) }
        for _ in 0..<4 {
            cluster.tick(member(1))
            cluster.settle()
        }
        #expect(cluster.nodes[member(1)]!.needsSegments == [member(3), member(3)])
        #expect(cluster.oracle.failures == [])
    }
}
