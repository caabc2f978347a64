import Foundation
import Testing

@testable import Raft

@Suite("Under loss, repetition, reordering, partitions, crashes and slow disks")
struct RandomisedTests {
    /// `KINGBUS_RAFT_SEEDS` asks for more.
    static let seedsPerPart = (ProcessInfo.processInfo.environment["KINGBUS_RAFT_SEEDS"].flatMap { Int($0) } ?? 300) / 10

    @Test("nothing committed is lost, and after the faults the cluster agrees and goes on", arguments: 0..<10)
    func faults(part: Int) {
        for seed in (part * Self.seedsPerPart)..<((part + 1) * Self.seedsPerPart) {
            var run = FaultRun(seed: UInt64(seed) + 1)
            run.play(steps: 2000)
            #expect(run.cluster.oracle.failures.isEmpty, "seed \(seed + 1): \(run.cluster.oracle.failures)")
            if let complaint = run.heal() { Issue.record("seed \(seed + 1): \(complaint)") }
        }
    }
}

/// One run: random faults, then a quiet time.
struct FaultRun {
    let cluster: Cluster
    private var random: RandomSource
    private var cut: Set<MemberID> = []
    private let lossPercent: UInt64

    init(seed: UInt64) {
        random = RandomSource(seed: seed)
        var options = Options()
        options.electionTimeoutTicks = 5
        options.maxAppendEntries = 1 + Int(random.next() % 4)
        options.maxInflightMessages = 1 + Int(random.next() % 4)
        cluster = Cluster(voters: [1, 3, 3, 5][Int(random.next() % 4)], learners: random.next() % 2, seed: seed, options: options)
        cluster.keepsHistory = false
        lossPercent = [0, 2, 10, 30][Int(random.next() % 4)]
    }

    private mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
    private mutating func anyone() -> MemberID { cluster.ids[below(cluster.nodes.count)] }
    private func isUp(_ id: MemberID) -> Bool { cluster.nodes[id]!.raft != nil }

    mutating func play(steps: Int) {
        for _ in 0..<steps where cluster.oracle.failures.isEmpty { step() }
    }

    private mutating func step() {
        let id = anyone()
        switch below(1000) {
        case 0..<540: moveMessage()
        case 540..<740: if isUp(id) { cluster.completeWrites(id, count: 1 + below(3)) }
        case 740..<880:
            // Who is cut off is slow as well: a paused leader believes in itself for longest.
            if !cut.contains(id) || below(4) == 0 { cluster.tick(id) }
        case 880..<940: if isUp(id) { _ = try? cluster.propose(id.rawValue, count: 1 + below(3)) }
        case 940..<960: if isUp(id) { _ = try? cluster.requestRead(id.rawValue) }
        case 960..<964: if isUp(id) { cluster.crash(id, surviving: below(cluster.nodes[id]!.disk.pending.count + 1)) }
        case 964..<980: if !isUp(id) { cluster.start(id) }
        case 980..<984: cut = below(2) != 0 ? [] : [anyone(), cluster.leaders.last ?? anyone()]
        default: changeSomething(id)
        }
    }

    private mutating func moveMessage() {
        guard !cluster.network.isEmpty else { return }
        if cluster.network.count > 200 { cluster.network.removeFirst(100) }
        // Mostly in order, as connections do; sometimes not, as reconnections do.
        let at = below(10) == 0 ? below(cluster.network.count) : 0
        let envelope = cluster.network[at]
        if below(30) != 0 { cluster.network.remove(at: at) }
        let isCut = cut.contains(envelope.message.from) != cut.contains(envelope.message.to)
        guard !isCut, UInt64(below(100)) >= lossPercent else { return }
        cluster.deliver(envelope)
    }

    private mutating func changeSomething(_ id: MemberID) {
        guard isUp(id), let raft = cluster.nodes[id]!.raft else { return }
        let other = anyone()
        switch below(4) {
        case 0: try? cluster.transfer(from: id.rawValue, to: other.rawValue)
        case 1: cluster.with(id.rawValue) { $0.connectionClosed(with: other) }
        case 2:
            let third = anyone()
            let changes: [ConfigurationChange] = [
                below(2) == 0 ? .addVoter(other) : .remove(other), below(2) == 0 ? .addVoter(third) : .addLearner(third),
            ]
            if let next = try? raft.configuration.enteringJoint(changes) { try? cluster.propose(id.rawValue, configuration: next) }
        default:
            let change: ConfigurationChange = [.addVoter(other), .addLearner(other), .remove(other)][below(3)]
            if let next = try? raft.configuration.changing([change]) { try? cluster.propose(id.rawValue, configuration: next) }
        }
    }

    /// The network is whole, the disks are quick, everyone runs: says what is still wrong.
    func heal() -> String? {
        for id in cluster.ids where !isUp(id) { cluster.start(id) }
        var complaint: String?
        for round in 0..<200 {
            cluster.settle()
            for id in cluster.ids { cluster.tick(id) }
            cluster.settle()
            guard round % 10 == 9 else { continue }
            if let leader = cluster.leaders.last { _ = try? cluster.propose(leader.rawValue) }
            cluster.settle()
            complaint = whatIsWrong()
            if complaint == nil { break }
        }
        return complaint
    }

    private func whatIsWrong() -> String? {
        if !cluster.oracle.failures.isEmpty { return "after healing: \(cluster.oracle.failures)" }
        guard let leader = cluster.leaders.last, let raft = cluster.nodes[leader]!.raft else { return "no leader comes up" }
        if raft.commitIndex != raft.log.lastIndex { return "the leader \(leader) does not commit" }
        if raft.configuration.isJoint { return "the membership change does not end" }
        for id in raft.configuration.members where cluster.nodes[id]!.disk.entries != cluster.nodes[leader]!.disk.entries {
            return "\(id) does not catch up"
        }
        if cluster.nodes[leader]!.disk.entries != cluster.oracle.committed { return "the log is not what was committed" }
        return nil
    }
}
