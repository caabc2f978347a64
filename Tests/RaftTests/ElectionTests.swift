import Testing

@testable import Raft

@Suite("Elections")
struct ElectionTests {
    @Test("a single member elects itself and commits, each step only when its disk has it")
    func single() throws {
        let cluster = Cluster(voters: 1)
        cluster.timeOut(1)
        #expect(cluster.raft(1).role == .candidate)
        #expect(cluster.raft(1).term == 2)
        cluster.completeWrites(member(1), count: 1)
        #expect(cluster.raft(1).role == .leader)
        #expect(cluster.raft(1).log.last == LogPosition(index: 2, term: 2))
        // Commit before the local append: the only copy would be in memory.
        #expect(cluster.raft(1).commitIndex == 0)
        cluster.completeWrites(member(1))
        #expect(cluster.raft(1).commitIndex == 2)
        let proposal = try cluster.propose(1, count: 3)
        #expect(proposal == Proposal(term: 2, firstIndex: 3))
        #expect(cluster.nodes[member(1)]!.committedIndex == 2)
        cluster.completeWrites(member(1))
        #expect(cluster.nodes[member(1)]!.committedIndex == 5)
        #expect(cluster.oracle.failures == [])
    }

    @Test(
        "a vote and the request for it are sent only when the hard state is durable; a crash before forgets nothing that was said"
    )
    func voteAfterHardState() {
        let cluster = Cluster(voters: 3)
        cluster.timeOut(1)
        cluster.deliverOnce()
        cluster.deliverOnce()
        #expect(cluster.raft(1).role == .candidate)
        #expect(cluster.network.isEmpty)
        cluster.completeWrites(member(1))
        cluster.deliverOnce(to: [2])
        #expect(cluster.raft(2).hardState == HardState(term: 2, vote: member(1)))
        #expect(
            !cluster.sent.contains { $0.from == member(2) && $0.term == 2 && $0.body == .voteResponse(isPreVote: false, isGranted: true) })
        cluster.crash(member(2))
        cluster.start(member(2))
        #expect(cluster.raft(2).hardState == HardState(term: 1))
        #expect(cluster.oracle.failures == [])
    }

    @Test("a voter that restarts keeps its vote")
    func noDoubleVote() {
        let cluster = Cluster(voters: 3)
        let request = Message.Body.voteRequest(VoteRequest(last: LogPosition(index: 1, term: 1), isPreVote: false))
        cluster.deliver(Envelope(message: Message(from: member(1), to: member(2), term: 5, body: request)))
        cluster.completeWrites(member(2))
        cluster.crash(member(2))
        cluster.start(member(2))
        cluster.deliver(Envelope(message: Message(from: member(3), to: member(2), term: 5, body: request)))
        cluster.completeWrites(member(2))
        #expect(
            cluster.sent.filter { $0.from == member(2) }.map(\.body) == [
                .voteResponse(isPreVote: false, isGranted: true), .voteResponse(isPreVote: false, isGranted: false),
            ])
    }

    @Test("a pre-vote of a member that was cut off does not disturb")
    func preVote() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        cluster.tick(member(3), count: 100)
        #expect(cluster.raft(3).role == .preCandidate)
        #expect(cluster.raft(3).term == 2)
        cluster.settle()
        cluster.tick(member(1))
        cluster.settle()
        #expect(cluster.leaders == [member(1)])
        #expect(cluster.raft(3).leader == member(1))
        #expect(cluster.raft(1).term == 2)
    }

    @Test("a leader without a quorum steps down within two election timeouts, and its reads fail")
    func checkQuorum() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        let read = try cluster.requestRead(1)
        cluster.tick(member(1), count: 2 * cluster.options.electionTimeoutTicks)
        #expect(cluster.raft(1).role == .follower)
        #expect(cluster.nodes[member(1)]!.reads == [ReadState(id: read, index: nil)])
        #expect(throws: ProposalError.notLeader(leader: nil)) { try cluster.propose(1) }
    }

    @Test("bytes of a message that is still arriving keep a follower from campaigning")
    func partialMessage() {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        for _ in 0..<100 {
            cluster.with(2) { $0.receivedBytes(from: member(1)) }
            cluster.tick(member(2))
        }
        #expect(cluster.raft(2).role == .follower)
        #expect(cluster.raft(2).leader == member(1))
    }

    @Test("when the leader's connections close, a follower takes over long before the timeout")
    func connectionClosed() {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        cluster.crash(member(1))
        for number: UInt64 in [2, 3] { cluster.with(number) { $0.connectionClosed(with: member(1)) } }
        for _ in 0..<4 {
            cluster.tick(member(2))
            cluster.settle(among: [2, 3])
            cluster.tick(member(3))
            cluster.settle(among: [2, 3])
        }
        #expect(cluster.leaders.count == 1)
    }

    @Test("followers that see the leader's connections close at the same moment do not split the vote", arguments: [UInt64(1), 2, 3])
    func connectionsClosedTogether(leader: UInt64) {
        let cluster = Cluster(voters: 3)
        cluster.elect(leader)
        let followers = [1, 2, 3].filter { $0 != leader }
        let term = cluster.raft(leader).term
        cluster.crash(member(leader))
        for number in followers { cluster.with(number) { $0.connectionClosed(with: member(leader)) } }
        for _ in 0..<cluster.options.electionTimeoutTicks / 2 {
            for number in followers { cluster.tick(member(number)) }
            cluster.settle(among: followers)
        }
        #expect(cluster.leaders.count == 1)
        #expect(followers.map { cluster.raft($0).term } == [term + 1, term + 1])
    }

    @Test("the follower that is next takes over soon where the first cannot win")
    func connectionClosedFirstBehind() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        try cluster.propose(1)
        cluster.settle(among: [1, 3])
        cluster.network.removeAll()
        cluster.crash(member(1))
        for number: UInt64 in [2, 3] { cluster.with(number) { $0.connectionClosed(with: member(1)) } }
        for _ in 0..<cluster.options.electionTimeoutTicks / 2 {
            for number: UInt64 in [2, 3] { cluster.tick(member(number)) }
            cluster.settle(among: [2, 3])
        }
        #expect(cluster.leaders == [member(3)])
    }

    @Test("a member that asked while another still believed in the leader asks again soon")
    func preVoteRepeated() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        // Only member 2 can win.
        try cluster.propose(1)
        cluster.settle(among: [1, 2])
        cluster.network.removeAll()
        cluster.crash(member(1))
        cluster.timeOut(2)
        cluster.settle(among: [2, 3])
        #expect(cluster.raft(2).role == .preCandidate)
        cluster.tick(member(3), count: cluster.options.electionTimeoutTicks)
        cluster.settle(among: [2, 3])
        for _ in 0..<cluster.options.electionTimeoutTicks / 2 {
            cluster.tick(member(2))
            cluster.settle(among: [2, 3])
        }
        #expect(cluster.raft(2).role == .leader)
    }

    @Test("a member stuck in a higher term makes the leader step down, and one election unites them")
    func staleTerm() {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        let request = Message.Body.voteRequest(VoteRequest(last: .origin, isPreVote: false, isTransfer: true))
        cluster.deliver(Envelope(message: Message(from: member(2), to: member(3), term: 9, body: request)))
        cluster.tick(member(1))
        cluster.settle()
        #expect(cluster.raft(1).role == .follower)
        for _ in 0..<40 {
            for id in cluster.ids { cluster.tick(id) }
            cluster.settle()
        }
        #expect(cluster.leaders.count == 1)
        #expect(cluster.ids.allSatisfy { cluster.nodes[$0]!.raft!.leader == cluster.leaders.first })
    }

    @Test("a just promoted learner that does not know it yet gives the vote without which nobody wins; learners do not campaign")
    func learnerMustVote() throws {
        let cluster = Cluster(voters: 2, learners: 1)
        cluster.elect(1)
        cluster.tick(member(3), count: 100)
        #expect(cluster.raft(3).role == .follower)
        try cluster.propose(1, configuration: cluster.raft(1).configuration.changing([.addVoter(member(3))]))
        cluster.settle(among: [1, 2])
        cluster.crash(member(1))
        #expect(!cluster.raft(3).configuration.isVoter(member(3)))
        cluster.elect(2, among: [2, 3])
        #expect(cluster.leaders == [member(2)])
        #expect(cluster.raft(3).configuration.isVoter(member(3)))
    }

    @Test("a member that lost a part of its log neither votes nor campaigns")
    func unfit() {
        let cluster = Cluster(voters: 3)
        cluster.with(2) { $0.mayVote = false }
        cluster.with(3) { $0.mayVote = false }
        cluster.tick(member(2), count: 100)
        #expect(cluster.raft(2).role == .follower)
        cluster.elect(1)
        #expect(cluster.leaders.isEmpty)
        cluster.with(2) { $0.mayVote = true }
        cluster.tick(member(1), count: 30)
        cluster.settle()
        #expect(cluster.leaders == [member(1)])
    }

    @Test("leadership goes to a chosen voter once it has everything; proposals wait until then")
    func transfer() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        try cluster.propose(1)
        try cluster.transfer(from: 1, to: 3)
        #expect(throws: ProposalError.isTransferring) { try cluster.propose(1) }
        cluster.settle()
        #expect(cluster.leaders == [member(3)])
        #expect(cluster.raft(3).commitIndex == 4)
        #expect(cluster.oracle.failures == [])
    }

    @Test("a message for another incarnation is refused")
    func otherIncarnation() {
        var raft = Raft(id: MemberID(name: "n1", incarnation: 2), recovered: .init(), seed: 1)
        let old = MemberID(name: "n1", incarnation: 1)
        #expect(throws: MessageError.notForThisMember(old)) {
            try raft.step(Message(from: member(2), to: old, term: 3, body: .heartbeat(commitIndex: 0, readRound: 0)))
        }
        #expect(raft.takeOutput().isEmpty)
    }

    @Test("leadership is handed to a voter that is alive, before one that is as far and silent", arguments: [0, 1])
    func transferToTheLiving(alive: Int) throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        var raft = cluster.raft(1)
        for peer in raft.peers.indices {
            raft.peers[peer].matchIndex = raft.log.lastIndex
            raft.peers[peer].isRecentlyActive = peer == alive
        }
        #expect(raft.furthestVoter == raft.peers[alive].id)
    }
}
