import Common
import Log
import Logging
import NIOCore
import NIOEmbedded
import Raft
import SimulatedDisk

@testable import kingbus_node

/// How a node ends.
enum Death {
    /// The process is killed; the machine goes on.
    case kill
    /// The machine loses its power; what was not synced is there as the survival says.
    case powerCut(SimulatedFileSystem.Survival)
}

extension Simulation {
    // MARK: - Birth

    /// Starts a node on what its disk holds; tries again later where the disk does not let it.
    func start(_ node: SimulatedNode) {
        guard node.life == nil, node.isAdmitted else { return }
        do {
            try open(node)
        } catch let error as LogError {
            note(node, "does not start: \(error)")
            guard error.code == .io || error.code == .noSpace, !isHealed || error.reason == Self.deadReason else { return fail(error) }
            end(node.disk)
            later(draw(50_000...500_000)) { $0.start(node) }
        } catch { fail(error) }
    }

    static let deadReason = "the process is dead"

    private func open(_ node: SimulatedNode) throws {
        var logOptions = LogOptions(name: node.name, newIncarnation: node.incarnation)
        logOptions.sliceBytes = 128 << 10
        var log = try Log.open(directory: "/data", fileSystem: node.disk, options: logOptions)
        if log.recovered.state == nil {
            guard !node.isFounded else { throw Violation("\(node.name) comes back with an empty log") }
            log.submit(LogWrite(hardState: StoredHardState(term: 1), entries: [firstEntry]))
            _ = try log.step()
            log.stop()
            log = try Log.open(directory: "/data", fileSystem: node.disk, options: logOptions)
        }
        node.isFounded = true
        let recovered = log.recovered
        if recovered.cutOff != nil { oracle.totals.tornTails += 1 }
        var marks: [Mark] = []
        try log.catalog.forEachEntry(from: 1, through: recovered.lastIndex) { header, _ in
            marks.append(Mark(term: header.term, chain: header.chain))
        }
        try oracle.observeRecovery(
            node, marks, term: recovered.hardState.term, vote: recovered.hardState.vote, commitIndex: recovered.commitIndex)
        guard let state = recovered.state else { throw Violation("\(node.name) has no state behind its first entry") }
        let life = Life(node, EmbeddedEventLoop(), log, state, view: marks, try makeParts(log, state))
        node.life = life
        note(node, "starts with \(marks.count) entries, \(recovered.commitIndex) of them committed, in term \(recovered.hardState.term)")
        wire(life)
        life.consensus.start(tick: .microseconds(Int64(plan.tick)))
        settle(life)
        scheduleTick(life)
    }

    private func makeParts(_ log: Log, _ state: LogState) throws -> Life.Parts {
        let recovered = log.recovered
        let first = log.catalog.segments()[0]
        let known = recovered.committedState ?? first.startState
        let committed = CommittedLog(
            CommittedLog.Snapshot(state: known, visibleIndex: known.visibleIndex, purged: first.startState.executed.union(known.lost)))
        var options = Options()
        options.heartbeatTicks = plan.heartbeatTicks
        options.electionTimeoutTicks = plan.electionTimeoutTicks
        options.maxAppendEntries = plan.maxAppendEntries
        options.maxInflightMessages = plan.maxInflightMessages
        let raft = try Raft(
            log: log, committedState: known, lastIndex: state.index, termRuns: recovered.termRuns, hardState: recovered.hardState,
            seed: random.next(), options: options)
        return Life.Parts(committed: committed, known: known, raft: raft)
    }

    private func wire(_ life: Life) {
        let consensus = life.consensus
        consensus.onMessages = { [unowned self, weak life] messages in if let life { send(messages, from: life) } }
        consensus.onIngestTermChange = { [unowned self, weak life] term in
            guard let life else { return }
            later(200, on: life) { $0.ingestTermChanged($1, term) }
        }
        let name = life.node.name
        consensus.onFatal = { [unowned self, weak life] reason in
            if let life, endIfDead(life, reason) { return }
            fail(Violation("\(name) ends itself: \(reason)"))
        }
    }

    // MARK: - Clock

    private func scheduleTick(_ life: Life) {
        let interval = plan.tick * life.node.clockRate / 1000
        later(draw(interval * 95 / 100...interval * 105 / 100), on: life) { simulation, life in
            let (role, term) = (life.consensus.raft.role, life.term)
            let wasTransferring = life.consensus.raft.isTransferring
            life.loop.advanceTime(by: .microseconds(Int64(simulation.plan.tick)))
            if life.consensus.raft.role != role || life.consensus.raft.term != term {
                simulation.note(life.node, "by its clock is \(life.consensus.raft.role) in term \(life.consensus.raft.term)")
            }
            if !wasTransferring, life.consensus.raft.isTransferring { simulation.oracle.totals.stallTransfers += 1 }
            if simulation.chance(4) { simulation.read(life) }
            if simulation.chance(3) { simulation.askForRead(life) }
            simulation.writeIdle(life)
            simulation.scheduleTick(life)
        }
    }

    // MARK: - Death

    func end(_ node: SimulatedNode, _ death: Death) {
        guard let life = node.life else { return }
        note(node, "dies: \(death)")
        oracle.totals.crashes += 1
        life.end()
        node.life = nil
        node.pausedUntil = 0
        switch death {
        case .kill: node.disk.kill()
        case .powerCut(let survival): node.disk.crash(survival)
        }
        let id = node.id
        for other in nodes {
            guard let peer = other.life, chance(70) else { continue }
            later(draw(500...30_000), on: peer) { $1.consensus.connectionClosed(with: id) }
        }
        later(draw(20_000...(isHealed ? 100_000 : 1_200_000))) { $0.start(node) }
    }

    /// A process died while it opened its log.
    private func end(_ disk: SimulatedFileSystem) {
        if chance(40) { disk.kill() } else { disk.crash(randomSurvival()) }
        disk.setFreeBytes(.max)
    }

    func randomSurvival() -> SimulatedFileSystem.Survival { SimulatedFileSystem.Survival.allCases.randomElement(using: &random)! }

    func randomDeath() -> Death { chance(35) ? .kill : .powerCut(randomSurvival()) }
}
