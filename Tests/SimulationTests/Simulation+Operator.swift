import Common
import NIOCore
import Raft
import SimulatedDisk

@testable import kingbus_node

extension Simulation {
    private static let interval: UInt64 = 250_000

    /// What a person does about nodes that came back with an empty data directory: the leader removes the old incarnation, then adds the
    /// new one as a learner, which is given the first entry. It votes once it has caught up.
    func operate() {
        defer { later(Self.interval) { $0.operate() } }
        guard let life = nodes.compactMap(\.life).first(where: { $0.isLeader && $0.node.pausedUntil <= now }) else { return }
        let members = life.consensus.factory.state.membership.members
        for node in nodes {
            if let old = members.first(where: { $0.name == node.name && $0.incarnation != node.incarnation }) {
                return change(life, "removes \(old.name)'s old incarnation") { $0.members.removeAll { $0 == old } }
            }
            if !members.contains(where: { $0.name == node.name }) {
                let member = Self.member(node, .learner)
                return change(life, "adds \(node.name)") { $0.members.append(member) }
            }
            let committed = life.consensus.committed.snapshot.state.membership.members
            if !node.isAdmitted, committed.contains(where: { $0.name == node.name && $0.incarnation == node.incarnation }) {
                oracle.totals.joins += 1
                node.isAdmitted = true
                start(node)
            }
        }
    }

    private func change(_ life: Life, _ what: String, _ change: @escaping (inout Membership) -> Void) {
        later(0, on: life) { simulation, life in
            do {
                try life.consensus.changeMembership(change) { _ in }
                simulation.note(life.node, what)
            } catch { simulation.note(life.node, "cannot yet: \(what): \(error)") }
        }
    }

    /// All nodes are there, and all know that all vote. Only then may one be taken away: what two of three have forgotten nobody can
    /// bring back.
    private var isWhole: Bool {
        let lives = nodes.compactMap(\.life)
        let voters = Set(nodes.map { Self.member($0, .voter) })
        return nodes.count > 1 && lives.count == nodes.count
            && lives.allSatisfy { life in
                Set(life.consensus.factory.state.membership.members) == voters
                    && life.consensus.committed.snapshot.state.membership == life.consensus.factory.state.membership
            }
    }

    /// Takes nodes out, the leader perhaps, or lets them only listen: all of it in one change. Those that are taken out go on with their
    /// data directories, and are added again; learners vote again by themselves.
    func changeMembers(by life: Life) {
        guard isWhole else { return }
        let count = Int.random(in: 1..<max(2, nodes.count), using: &random)
        let chosen = nodes.shuffled(using: &random).prefix(count).map { (name: $0.name, isRemoved: chance(60)) }
        for (_, isRemoved) in chosen { if isRemoved { oracle.totals.removals += 1 } else { oracle.totals.demotions += 1 } }
        let what = chosen.map { ($0.isRemoved ? "removes " : "demotes ") + $0.name }.joined(separator: ", ")
        change(life, what) { membership in
            membership.members = membership.members.compactMap { member in
                guard let choice = chosen.first(where: { $0.name == member.name }) else { return member }
                guard !choice.isRemoved else { return nil }
                var member = member
                member.role = .learner
                return member
            }
        }
    }

    /// Empties a node's data directory.
    func wipe(_ node: SimulatedNode) {
        guard isWhole else { return }
        end(node, .kill)
        note(node, "loses its data directory")
        oracle.totals.wipes += 1
        node.disk = SimulatedFileSystem(seed: random.next(), shortTransfers: plan.hasShortTransfers)
        if let sabotage { Self.damage(node.disk, sabotage) }
        if sabotage == .wipedMemberVotes {
            node.isFounded = false
            node.record.durable = []
            node.record.term = 0
            node.record.vote = 0
            return
        }
        node.record.isWiped = true
        node.record = MemberRecord(name: node.name)
        node.isFounded = false
        node.isAdmitted = false
        node.incarnation += 1000
        oracle.records[node.id] = node.record
    }
}
