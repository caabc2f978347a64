import Common
import Log
import Logging
import NIOCore
import NIOEmbedded
import Raft
import SimulatedDisk

@testable import kingbus_node

/// One run: a cluster of real nodes' consensus and logs on simulated disks, network and clocks, under faults and then without.
///
/// Everything happens on one thread, in the order of ``EventQueue``, and all chance comes from the seed: the same seed is the same run.
final class Simulation: @unchecked Sendable {  // One thread.
    let seed: UInt64
    let plan: Plan
    let sabotage: Sabotage?
    let trace: Trace
    var random: SeededGenerator
    let source: Source
    var nodes: [SimulatedNode] = []
    var oracle = Oracle()
    var violation: Violation?

    var queue = EventQueue()
    /// Microseconds since the beginning.
    var now: UInt64 = 0
    /// Faults are over.
    var isHealed = false
    private var isOver = false

    /// Pairs of nodes, from and to, between which nothing passes.
    var cuts: Set<Link> = []
    var lastArrival: [Link: UInt64] = [:]
    /// When the next append's entries may be read and sent.
    var appendTurn: [Link: UInt64] = [:]
    /// What every log begins with.
    let firstEntry: LogEntry

    struct Link: Hashable {
        var from: Int
        var to: Int
    }

    /// How long after the end of the faults the cluster may need, in microseconds.
    private static let patience: UInt64 = 60_000_000
    private static let checkInterval: UInt64 = 200_000

    /// - Parameter adjust: changes what the seed says.
    init(
        seed: UInt64, sabotage: Sabotage? = nil, trace: Trace = Trace(isOn: false), adjust: (inout Plan) -> Void = { _ in }
    ) throws {
        self.seed = seed
        self.sabotage = sabotage
        self.trace = trace
        random = SeededGenerator(seed: seed)
        var plan = Plan(&random)
        adjust(&plan)
        self.plan = plan
        source = Source(plan, &random)
        for number in 0..<plan.nodes {
            let disk = SimulatedFileSystem(seed: random.next(), shortTransfers: plan.hasShortTransfers)
            if let sabotage { Self.damage(disk, sabotage) }
            nodes.append(
                SimulatedNode(
                    number: number, incarnation: UInt64(number) + 1, disk: disk, clockRate: UInt64.random(in: 850...1150, using: &random)))
        }
        let empty = LogState(
            clusterID: SourceID(high: 7, low: seed), serverID: 77, serverUUID: SourceID(high: 7, low: 8),
            membership: Membership(members: nodes.map { Self.member($0, .voter) }), settings: ClusterSettings(segmentSize: plan.segmentSize)
        )
        var factory = EntryFactory(state: empty)
        firstEntry = try factory.segment(empty, term: 1, commitIndex: 0)
        oracle.found(Mark(term: 1, chain: factory.state.chain))
        for node in nodes { oracle.records[node.id] = node.record }
    }

    static func member(_ node: SimulatedNode, _ role: Member.Role) -> Member {
        Member(
            name: node.name, incarnation: node.incarnation, role: role, peerAddress: "\(node.name):1", mysqlAddress: "\(node.name):2",
            adminAddress: "\(node.name):3")
    }

    // MARK: - Running

    /// - Returns: what was violated, or nil.
    func run() -> Violation? {
        TrapReport.begin(seed)
        trace.note(0, "--", "seed \(seed): \(plan)")
        for node in nodes { start(node) }
        later(plan.faultGap) { $0.causeFault() }
        later(300_000) { $0.operate() }
        at(plan.duration) { $0.heal() }
        while violation == nil, !isOver, let (time, action) = queue.next() {
            now = time
            oracle.totals.steps += 1
            action()
        }
        for node in nodes {
            node.life?.end()
            node.life = nil
        }
        oracle.totals.runs = 1
        oracle.totals.seconds = Double(now) / 1_000_000
        oracle.totals.transactions = Int(source.lastGTID - plan.purgedAtStart)
        return violation
    }

    func fail(_ error: any Error) {
        guard violation == nil else { return }
        violation = error as? Violation ?? Violation("\(error)")
        trace.note(now, "--", "VIOLATION: \(violation!)")
    }

    // MARK: - Chance and time

    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    func draw(_ range: ClosedRange<UInt64>) -> UInt64 { UInt64.random(in: range, using: &random) }

    func at(_ time: UInt64, _ action: @escaping (Simulation) -> Void) {
        queue.add(at: time) { [unowned self] in action(self) }
    }

    func later(_ delay: UInt64, _ action: @escaping (Simulation) -> Void) { at(now + delay, action) }

    /// Does something with a node, unless that life of it is over by then; waits while the node is stopped.
    func later(_ delay: UInt64, on life: Life, _ action: @escaping (Simulation, Life) -> Void) {
        later(delay) { simulation in
            simulation.perform(on: life, action)
        }
    }

    private func perform(on life: Life, _ action: @escaping (Simulation, Life) -> Void) {
        guard life.node.life === life else { return }
        guard life.node.pausedUntil <= now else { return at(life.node.pausedUntil) { $0.perform(on: life, action) } }
        action(self, life)
        settle(life)
    }

    /// Lets a node's loop do what is due, looks at what became of it, and lets its disk begin.
    func settle(_ life: Life) {
        guard life.node.life === life else { return }
        life.loop.run()
        sabotage(life)
        do { try oracle.observe(life) } catch { return fail(error) }
        startWriting(life)
    }

    func note(_ node: SimulatedNode, _ text: @autoclosure () -> String) { trace.note(now, node.name, text()) }

    // MARK: - The end

    /// Ends all faults; what is down comes up.
    private func heal() {
        isHealed = true
        trace.note(now, "--", "the faults end")
        cuts = []
        for node in nodes {
            node.disk.mend()
            node.diskSlowness = 1
            node.diskStalledUntil = 0
            node.pausedUntil = min(node.pausedUntil, now)
            start(node)
        }
        later(1_000_000) { $0.source.writeMore(at: $0.now, &$0.random) }
        later(2_000_000) { $0.check(since: $0.now) }
    }

    /// Liveness: without faults all comes to agree, and goes on.
    private func check(since start: UInt64) {
        guard let missing = unfinished() else {
            isOver = true
            return
        }
        guard now < start + Self.patience else {
            return fail(Violation("liveness: \(missing), \(Self.patience / 1_000_000) s after the end of all faults"))
        }
        later(Self.checkInterval) { $0.check(since: start) }
    }

    /// What is not yet as it should be at the end; nil for nothing.
    private func unfinished() -> String? {
        let lives = nodes.compactMap(\.life)
        guard lives.count == nodes.count else { return "a node is not there" }
        let leaders = lives.filter(\.isLeader)
        guard leaders.count == 1, let leader = leaders.first else { return "\(leaders.count) nodes lead" }
        let state = leader.consensus.committed.snapshot.state
        let all = Source.set(through: source.lastGTID)
        guard state.executed == all else { return "\(leader.node.name) leads and has executed \(state.executed) of \(source.lastGTID)" }
        for life in lives {
            let own = life.consensus.committed.snapshot
            guard own.state.index == state.index, own.state.chain == state.chain, own.state == state, own.visibleIndex == state.index else {
                return "\(life.node.name) is at entry \(own.state.index) and shows \(own.visibleIndex), the leader at \(state.index)"
            }
            read(life)
            guard life.follower.byteCount == source.bytes.count else {
                return "a reader of \(life.node.name) has \(life.follower.byteCount) bytes of \(source.bytes.count)"
            }
        }
        oracle.count(log: leader.log)
        let members = state.membership.members
        guard members.count == nodes.count, nodes.allSatisfy({ node in members.contains(Self.member(node, .voter)) }) else {
            return "the members are \(members.map { "\($0.name) (\($0.role))" })"
        }
        return nil
    }
}
