import Common
import Log
import Logging
import NIOCore
import Raft
import Synchronization

/// Runs the consensus core of this node: feeds it ticks, messages and completions, gives entries their bytes, and applies what is committed.
///
/// Everything happens on one event loop. Nothing here blocks on the disk: writes go to the log's own thread, whose completions come back.
/// Acknowledged means: durable on a quorum and applied; that is when a proposal's completion is called.
final class Consensus: @unchecked Sendable {  // Mutable state is touched on `loop` only, which every entry point asserts or hops to.
    /// What a proposal became.
    enum Outcome: Sendable {
        case committed
        /// Not in the log and never will be: this node does not lead in the proposal's term, or another leader's entries took the place.
        case rejected
        /// This node stops before it knows: it may be committed yet.
        case unknown
    }

    let loop: any EventLoop
    let committed: CommittedLog
    let log: Log
    let logger: Logger
    var raft: Raft
    var factory: EntryFactory
    var tail: UnappliedTail
    var appliedIndex: UInt64
    /// Ids of the writes that the log has not completed, oldest first.
    private(set) var writesInFlight: CircularBuffer<UInt64> = []
    private let role: Mutex<Role>
    private var ticker: RepeatedTask?
    /// Ticks since the start, by which reads are repeated and given up.
    var ticks: UInt64 = 0
    var waitingReads: [WaitingRead] = []
    var waitingTransfers: [WaitingTransfer] = []
    /// The term whose upstream may propose events; nil until this leader has applied its own no-op and settled what older ones left open.
    var ingestTerm: UInt64?
    /// A batch of the current ingest was rejected.
    var isIngestBroken = false
    private var isPumping = false
    /// The log takes no more writes.
    private(set) var isStopped = false

    /// Takes what is to be sent to other members; called on the loop.
    var onMessages: (([OutgoingMessage]) -> Void)?
    /// Called on the loop when ingest may start in a term, or must stop (nil).
    var onIngestTermChange: ((UInt64?) -> Void)?
    /// Called on the loop when the settings in the log change.
    var onSettingsChange: ((ClusterSettings) -> Void)?
    /// Called on the loop when there are others to talk to, with all of them.
    var onMembershipChange: ((Membership) -> Void)?
    /// Called when the node must not go on: its disk lied, or its log contradicts itself or the leader's.
    var onFatal: (@Sendable (String) -> Void)?

    init(
        loop: any EventLoop, log: Log, state: LogState, committedState: LogState, raft: Raft, committed: CommittedLog,
        logger: Logger
    ) {
        self.loop = loop
        self.log = log
        self.raft = raft
        self.committed = committed
        self.logger = logger
        factory = EntryFactory(state: state)
        tail = UnappliedTail(firstIndex: state.index + 1)
        appliedIndex = committedState.index
        role = Mutex(Role(term: raft.term, lastIndex: state.index, durableIndex: state.index, commitIndex: raft.commitIndex))
    }

    /// What this node is in the cluster, for any thread.
    var currentRole: Role { role.withLock { $0 } }

    // MARK: - Life

    /// - Parameter interval: a tick; the core's options count in it.
    func start(tick interval: TimeAmount) {
        loop.preconditionInEventLoop()
        ticker = loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] _ in self?.tick() }
        tellMembers()
        // A member that is alone asks nobody: it need not wait for a silent leader's timeout.
        guard raft.configuration.voters.members == [raft.id], raft.configuration.outgoing.isEmpty else { return }
        for _ in 0..<2 * raft.options.electionTimeoutTicks where raft.role == .follower { tick() }
    }

    func stop() {
        loop.preconditionInEventLoop()
        ticker?.cancel()
        ticker = nil
        isStopped = true
        let reads = waitingReads
        waitingReads.removeAll()
        for read in reads { read.completion(false) }
        let transfers = waitingTransfers
        waitingTransfers.removeAll()
        for transfer in transfers { transfer.completion(.unknown) }
        for completion in tail.takeCompletions() { completion(.unknown) }
    }

    private func tick() {
        guard !isStopped else { return }
        ticks += 1
        raft.tick()
        repeatReads()
        // What was held up by a handover that did not come about.
        settle()
        // More often than the core forgets, once in an election timeout, whom it has heard: at just that tick nobody is heard.
        if ticks % UInt64(raft.options.heartbeatTicks) == 0 { promoteLearners() }
        pump()
        reportMatches()
    }

    // MARK: - The core's output

    /// Carries out what the core wants, until it wants nothing more.
    func pump() {
        guard !isPumping, !isStopped else { return }
        isPumping = true
        defer { isPumping = false }
        while true {
            let output = raft.takeOutput()
            if output.isEmpty { break }
            if let write = output.write { submit(write) }
            // Before anything else can change what the core has just judged.
            if output.nextConfiguration != nil { leaveJoint() }
            if !output.messages.isEmpty { send(output.messages) }
            if let status = output.status { report(status) }
            if output.configuration != nil { tellMembers() }
            for read in output.reads { finish(read) }
            if let index = output.committedIndex { apply(through: index) }
            for member in output.needsSegments {
                logger.error("a member needs entries that are purged here", metadata: ["member": "\(name(of: member) ?? "\(member)")"])
            }
        }
        role.withLock {
            $0.lastIndex = raft.log.lastIndex
            $0.durableIndex = raft.durableIndex
            $0.commitIndex = raft.commitIndex
        }
        finishTransfers()
    }

    private func submit(_ write: Write) {
        var stored = LogWrite()
        if let hardState = write.hardState {
            stored.hardState = StoredHardState(term: hardState.term, vote: hardState.vote?.rawValue ?? 0, durable: 0, commit: 0)
        }
        stored.truncateAfter = write.truncateFrom.map { $0 - 1 }
        if let noop = write.noOpIndex {
            perform { () throws(CodecError) in
                precondition(noop == factory.state.index + 1, "a no-op is the first entry of its leader")
                tail.append(try factory.noop(term: raft.term, commitIndex: raft.commitIndex), completion: nil)
            }
        }
        if let last = write.lastIndex {
            stored.entries.reserveCapacity(Int(last - write.firstIndex + 1))
            for index in write.firstIndex...last {
                guard let entry = tail[index] else { preconditionFailure("entry \(index) is to be written and not in memory") }
                stored.entries.append(entry)
            }
        }
        writesInFlight.append(write.id)
        log.submit(stored)
    }

    /// The log's thread has made the oldest `count` writes durable; called on it.
    func persisted(count: Int) {
        loop.execute { [self] in
            guard count > 0 else { return }
            let last = writesInFlight[offset: count - 1]
            writesInFlight.removeFirst(count)
            raft.persisted(through: last)
            pump()
        }
    }

    private func report(_ status: Status) {
        let leaderName = status.leader.flatMap(name(of:))
        role.withLock {
            if status.leader != nil, status.leader != $0.leader || status.term != $0.term { $0.leaderChanges += 1 }
            $0.isLeader = status.role == .leader
            $0.isCandidate = status.role == .candidate || status.role == .preCandidate
            $0.term = status.term
            $0.leader = status.leader
            $0.leaderName = leaderName
        }
        logger.info(
            "this node is now \(status.role)", metadata: ["term": "\(status.term)", "leader": "\(leaderName ?? "none")"])
        if status.role != .leader || (ingestTerm != nil && ingestTerm != status.term) {
            ingestTerm = nil
            onIngestTermChange?(nil)
        }
    }

    /// What a leader knows of the others' logs, for its status.
    private func reportMatches() {
        let matches = raft.role == .leader ? raft.peers.map { (member: $0.id, index: $0.matchIndex) } : []
        // The leader's name may have come with an entry after its first message.
        let leaderName = raft.leader.flatMap(name(of:))
        role.withLock {
            $0.matches = Dictionary(uniqueKeysWithValues: matches.map { ($0.member, $0.index) })
            $0.leaderName = leaderName
        }
    }

    /// Tells whom to talk to: the members in force, committed or not, and those that a change takes out until it is committed. A leader
    /// that takes itself out waits for the others' word that they have stored it.
    func tellMembers() {
        var membership = factory.state.membership
        let inForce = Set(membership.members.map(memberID))
        membership.members += committed.snapshot.state.membership.members.filter { !inForce.contains(memberID($0)) }
        onMembershipChange?(membership)
    }

    /// The name of a member of the latest configuration.
    func name(of id: MemberID) -> String? { factory.state.membership.members.first { memberID($0) == id }?.name }

    /// Runs what must not fail: an entry of our own making that does not fold is our own bug, and going on would store it.
    func perform(_ body: () throws(CodecError) -> Void) {
        do throws(CodecError) { try body() } catch { fatal("the log's next entry contradicts its state: \(error)") }
    }

    func fatal(_ reason: String) {
        isStopped = true
        logger.critical("\(reason)")
        onFatal?(reason)
    }
}

/// What the first dump from the first upstream began after.
struct FirstContact: Sendable {
    var start: GTIDSet
}
