import Common
import Log
import NIOCore
import Raft
import SimulatedDisk

@testable import kingbus_node

extension Simulation {
    /// Something goes wrong, and later something else.
    func causeFault() {
        guard !isHealed else { return }
        defer { later(draw(plan.faultGap / 10...2 * plan.faultGap)) { $0.causeFault() } }
        let node = nodes.randomElement(using: &random)!
        switch plan.faults.randomElement(using: &random)! {
        case .death: end(node, randomDeath())
        case .leaderDeath: if let life = leader { end(life.node, randomDeath()) }
        case .deathOfAll: endAll()
        case .disk: failDisk(node)
        case .slowDisk: slowDisk(node)
        case .stalledDisk: stallDisk(chance(70) ? leader?.node ?? node : node)
        case .pause: pause(node)
        case .partition: partition()
        case .leaderCutOff: if let life = leader { cutOff(life.node) }
        case .closedConnections: closeConnections(node)
        case .sourceGone: if let life = leader { later(0, on: life) { $0.disconnect($1) } }
        case .handOver: if let life = leader { later(0, on: life) { $0.handOver($1) } }
        case .transfer: if let life = leader { later(0, on: life) { $0.transfer($1, to: node.id) } }
        case .settings: if let life = leader { later(0, on: life) { $0.changeSettings($1) } }
        case .members: if let life = leader { changeMembers(by: life) }
        case .wipe: wipe(node)
        }
    }

    private var leader: Life? { nodes.compactMap(\.life).last(where: \.isLeader) }

    private func endAll() {
        let survival = randomSurvival()
        for node in nodes { end(node, .powerCut(survival)) }
    }

    /// An operation of the disk fails soon, or the node dies in the middle of one.
    private func failDisk(_ node: SimulatedNode) {
        oracle.totals.diskFaults += 1
        switch Int.random(in: 0..<6, using: &random) {
        case 0: node.disk.fail(.sync, LogError(.io, file: "/data", "the sync failed"), after: Int.random(in: 0...8, using: &random))
        case 1: node.disk.fail(.write, LogError(.io, file: "/data", "the write failed"), after: Int.random(in: 0...8, using: &random))
        case 2: node.disk.setFreeBytes(draw(0...4000))
        default: node.disk.die(afterOperations: Int.random(in: 1...20, using: &random))
        }
        note(node, "has a disk that is about to fail")
    }

    private func slowDisk(_ node: SimulatedNode) {
        node.diskSlowness = draw(10...200)
        note(node, "has a disk that is \(node.diskSlowness) times slower")
        later(draw(200_000...2_000_000)) { _ in node.diskSlowness = 1 }
    }

    /// The write that the disk is at takes longer than an election timeout, or much longer.
    private func stallDisk(_ node: SimulatedNode) {
        oracle.totals.stalls += 1
        node.diskStalledUntil = now + draw(plan.electionTimeout...8 * plan.electionTimeout)
        note(node, "has a disk that stands still for \((node.diskStalledUntil - now) / 1000) ms")
    }

    private func pause(_ node: SimulatedNode) {
        guard node.life != nil else { return }
        oracle.totals.pauses += 1
        node.pausedUntil = now + draw(plan.electionTimeout / 4...4 * plan.electionTimeout)
        note(node, "is stopped for \((node.pausedUntil - now) / 1000) ms")
    }

    private func partition() {
        var fresh: Set<Link> = []
        let isOneWay = chance(30)
        let side = nodes.map { _ in chance(40) }
        for from in nodes.indices {
            for to in nodes.indices where side[from] != side[to] && (!isOneWay || side[from]) { fresh.insert(Link(from: from, to: to)) }
        }
        // Or only one link, so that two hear each other through a third only.
        if nodes.count > 1, chance(25) {
            let pair = nodes.indices.shuffled(using: &random)
            fresh = [Link(from: pair[0], to: pair[1])]
            if !isOneWay { fresh.insert(Link(from: pair[1], to: pair[0])) }
        }
        cut(fresh)
    }

    /// Nobody hears the node, or it hears nobody, or both: a leader goes on appending for a while, and another one takes over.
    private func cutOff(_ node: SimulatedNode) {
        let others = nodes.filter { $0 !== node }
        var fresh: Set<Link> = []
        if !chance(20) { for other in others { fresh.insert(Link(from: node.number, to: other.number)) } }
        if fresh.isEmpty || !chance(30) { for other in others { fresh.insert(Link(from: other.number, to: node.number)) } }
        cut(fresh)
    }

    private func cut(_ fresh: Set<Link>) {
        guard !fresh.isEmpty else { return }
        oracle.totals.partitions += 1
        cuts.formUnion(fresh)
        trace.note(now, "--", "nothing passes \(fresh.map { "n\($0.from + 1) to n\($0.to + 1)" }.sorted().joined(separator: ", "))")
        if chance(50) { for node in nodes { closeConnections(node) } }
        later(draw(100_000...6 * plan.electionTimeout + 200_000)) { simulation in
            simulation.cuts.subtract(fresh)
            simulation.trace.note(simulation.now, "--", "it passes again")
        }
    }

    private func closeConnections(_ node: SimulatedNode) {
        guard let life = node.life else { return }
        for other in nodes where other !== node && chance(60) {
            let id = other.id
            later(draw(0...5000), on: life) { $1.consensus.connectionClosed(with: id) }
        }
    }

    private func handOver(_ life: Life) {
        note(life.node, "hands leadership over")
        life.consensus.handOver()
    }

    private func transfer(_ life: Life, to target: MemberID) {
        note(life.node, "is to let \(oracle.name(target)) lead")
        do {
            try life.consensus.transferLeadership(to: target) { [unowned self] outcome in
                switch outcome {
                case .done: oracle.totals.transfers += 1
                case .reverted: oracle.totals.reverted += 1
                case .unknown: break
                }
            }
        } catch { note(life.node, "cannot: \(error)") }
    }

    private func changeSettings(_ life: Life) {
        let size: UInt64 = [4096, 8192, 64 << 10].randomElement(using: &random)!
        note(life.node, "changes the segment size to \(size)")
        do {
            try life.consensus.changeSettings({ $0.segmentSize = size }) { [unowned self] outcome in
                if case .committed = outcome { oracle.totals.settings += 1 }
            }
        } catch { fail(error) }
    }
}
