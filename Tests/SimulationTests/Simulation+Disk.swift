import Log
import NIOCore
import NIOEmbedded
import Raft
import SimulatedDisk

@testable import kingbus_node

extension Simulation {
    /// Lets the disk take what is submitted, as the append thread does, unless it is at work.
    func startWriting(_ life: Life) {
        guard !life.isWriting, !life.consensus.writesInFlight.isEmpty else { return }
        life.isWriting = true
        if sabotage == .completesBeforeWriting {
            life.consensus.persisted(count: life.consensus.writesInFlight.count)
            life.loop.run()
        }
        later(draw(20...100), on: life) { $0.write($1) }
    }

    private func write(_ life: Life) {
        let raft = life.consensus.raft
        let view = life.view
        guard let count = step(life, becoming: view) else { return }
        let record = life.node.record
        record.durable = view
        record.term = raft.term
        record.vote = raft.hardState.vote?.rawValue ?? 0
        let stall = max(life.node.diskStalledUntil, now) - now
        later(stall + draw(plan.writeTime) * life.node.diskSlowness, on: life) { simulation, life in
            life.isWriting = false
            if simulation.sabotage != .completesBeforeWriting { life.consensus.persisted(count: count) }
        }
    }

    /// What the append thread does when nothing comes for a while.
    func writeIdle(_ life: Life) {
        guard !life.isWriting, life.consensus.writesInFlight.isEmpty, chance(5) else { return }
        _ = step(life, becoming: life.view)
    }

    /// Carries out what is submitted.
    ///
    /// - Returns: how many writes are done; nil where the disk failed, and the node died of it.
    private func step(_ life: Life, becoming view: [Mark]) -> Int? {
        do {
            return try life.log.step().count
        } catch {
            note(life.node, "cannot write: \(error.reason)")
            let record = life.node.record
            // What was being cut off may be gone.
            record.durable.removeLast(record.durable.count - oracle.commonPrefix(record.durable, view))
            life.node.disk.mend()
            let isKill = error.reason != Self.deadReason && chance(50)
            end(life.node, isKill ? .kill : randomDeath())
            // What was in memory only looks as if it were stored, until the machine goes down too.
            if !isHealed, chance(50) {
                later(draw(50_000...1_500_000)) { if !$0.isHealed { $0.end(life.node, .powerCut($0.randomSurvival())) } }
            }
            return nil
        }
    }

    /// Whether an error comes from the process's own death, which then takes place.
    func endIfDead(_ life: Life, _ reason: String) -> Bool {
        guard reason.contains(Self.deadReason) else { return false }
        later(0, on: life) { $0.end($1.node, $0.randomDeath()) }
        return true
    }

    // MARK: - Readers

    /// Lets a reader have what is visible.
    func read(_ life: Life) {
        let visible = sabotage == .servesUncommitted ? UInt64(life.node.record.durable.count) : life.consensus.committed.visibleIndex
        do { try life.follower.advance(through: visible, source) } catch {
            if endIfDead(life, "\(error)") { return }
            fail(Violation("a reader of \(life.node.name) through entry \(visible): \(error)"))
        }
    }

    /// Asks to have everything applied that is committed by now.
    func askForRead(_ life: Life) {
        let committed = UInt64(oracle.committed.count)
        life.consensus.catchUp { [unowned self, weak life] isCaughtUp in
            guard isCaughtUp, let life, life.node.life === life else { return }
            oracle.totals.reads += 1
            let index = life.consensus.appliedIndex
            guard index < committed else { return }
            fail(Violation("\(life.node.name) says it has caught up at \(index), and \(committed) were committed when it was asked"))
        }
    }
}
