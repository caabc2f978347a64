import Testing

@testable import Raft

@Suite("Learners that catch up")
struct CatchUpTests {
    @Test("rounds end where the log ended when they began, and only quick ones count")
    func rounds() {
        var rounds = CatchUpRounds()
        #expect(!rounds.isQuick(within: 10))
        rounds.reached(5, lastIndex: 100)
        #expect(!rounds.isQuick(within: 10))
        for _ in 0..<11 { rounds.tick() }
        rounds.reached(99, lastIndex: 150)
        rounds.reached(100, lastIndex: 160)
        #expect(!rounds.isQuick(within: 10))
        for _ in 0..<10 { rounds.tick() }
        rounds.reached(160, lastIndex: 170)
        #expect(rounds.isQuick(within: 10))
        for _ in 0..<10 { rounds.tick() }
        #expect(rounds.isQuick(within: 10))
        rounds.tick()
        #expect(!rounds.isQuick(within: 10))
    }

    @Test("a learner that is always an entry behind a log that grows has caught up all the same")
    func underLoad() throws {
        let cluster = Cluster(voters: 1, learners: 1)
        cluster.elect(1)
        var wasEqual = false
        for _ in 0..<3 * cluster.options.electionTimeoutTicks where !cluster.raft(1).hasCaughtUp(member(2)) {
            cluster.tick(member(1))
            // What comes back from the learner is older than what the leader commits meanwhile.
            let answers = cluster.take { $0.to == member(1) }
            try cluster.propose(1, count: 2)
            cluster.completeWrites(member(1))
            answers.forEach(cluster.deliver)
            let raft = cluster.raft(1)
            wasEqual = wasEqual || raft.peers.contains { $0.matchIndex >= raft.commitIndex }
            cluster.deliverOnce(to: [2])
            cluster.completeWrites(member(2))
        }
        #expect(!wasEqual)
        #expect(cluster.raft(1).hasCaughtUp(member(2)))
    }

    @Test("one that is silent, unknown, or far behind has not, and a follower knows of nobody")
    func notYet() throws {
        let cluster = Cluster(voters: 1, learners: 1)
        cluster.elect(1, among: [1])
        try cluster.propose(1, count: 50)
        cluster.settle(among: [1])
        #expect(!cluster.raft(1).hasCaughtUp(member(2)))
        #expect(!cluster.raft(1).hasCaughtUp(member(3)))
        cluster.tick(member(1))
        cluster.settle()
        #expect(cluster.raft(1).hasCaughtUp(member(2)))
        #expect(!cluster.raft(2).hasCaughtUp(member(1)))
        cluster.crash(member(2))
        cluster.tick(member(1), count: 2 * cluster.options.electionTimeoutTicks)
        #expect(!cluster.raft(1).hasCaughtUp(member(2)))
    }
}
