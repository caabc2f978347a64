import Common
import Log
import Logging
import NIOCore
import Raft
import Synchronization

/// Runs the consensus core of this node: feeds it ticks and completions, gives entries their bytes, and applies what is committed.
///
/// Everything happens on one event loop. Nothing here blocks on the disk: writes go to the log's own thread, whose completions come back.
/// Acknowledged means: durable on a quorum and applied; that is when a proposal's completion is called.
final class Consensus: @unchecked Sendable {  // Mutable state is touched on `loop` only, which every entry point asserts or hops to.
    /// What a proposal became.
    enum Outcome: Sendable {
        case committed
        /// Not in the log and never will be: this node does not lead in the proposal's term.
        case rejected
    }

    struct Role: Hashable, Sendable {
        var isLeader: Bool
        var isCandidate: Bool
        var term: UInt64
        var leader: MemberID?
        var lastIndex: UInt64
        var durableIndex: UInt64
    }

    private struct Pending {
        var entry: LogEntry
        var completion: (@Sendable (Outcome) -> Void)?
    }

    let loop: any EventLoop
    let committed: CommittedLog
    private let log: Log
    private let logger: Logger
    private var raft: Raft
    private var factory: EntryFactory
    /// Entries that are appended and not applied, by index: the first has index `pendingFirst`.
    private var pending: CircularBuffer<Pending> = []
    private var pendingFirst: UInt64
    private var appliedIndex: UInt64
    /// Ids of the writes that the log has not completed, oldest first.
    private var writesInFlight: CircularBuffer<UInt64> = []
    private let role: Mutex<Role>
    private var ticker: RepeatedTask?
    /// The term whose upstream may propose events; nil until this leader has applied its own no-op and settled what older ones left open.
    private var ingestTerm: UInt64?
    private var isPumping = false
    /// The log takes no more writes.
    private var isStopped = false

    /// Called on the loop when ingest may start in a term, or must stop (nil).
    var onIngestTermChange: ((UInt64?) -> Void)?
    /// Called on the loop when the settings in the log change.
    var onSettingsChange: ((ClusterSettings) -> Void)?
    /// Called when the node must not go on: its disk lied, or its log contradicts itself.
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
        pendingFirst = state.index + 1
        appliedIndex = committedState.index
        role = Mutex(
            Role(isLeader: false, isCandidate: false, term: raft.term, leader: nil, lastIndex: state.index, durableIndex: state.index))
    }

    /// What this node is in the cluster, for any thread.
    var currentRole: Role { role.withLock { $0 } }

    // MARK: - Life

    func start(tick interval: TimeAmount) {
        loop.preconditionInEventLoop()
        ticker = loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] _ in self?.tick() }
        // A member that is alone asks nobody: it need not wait for a silent leader's timeout.
        guard raft.configuration.voters.members == [raft.id], raft.configuration.outgoing.isEmpty else { return }
        for _ in 0..<2 * raft.options.electionTimeoutTicks where raft.role == .follower { tick() }
    }

    func stop() {
        loop.preconditionInEventLoop()
        ticker?.cancel()
        ticker = nil
        isStopped = true
    }

    private func tick() {
        raft.tick()
        pump()
    }

    // MARK: - Proposals

    /// Proposes a batch of the upstream's events; `completion` is called once, on this loop.
    func propose(_ batch: Batch, term: UInt64, firstContact: FirstContact?, completion: @escaping @Sendable (Outcome) -> Void) {
        loop.preconditionInEventLoop()
        guard !isStopped, ingestTerm == term, raft.role == .leader, raft.term == term else { return completion(.rejected) }
        perform { () throws(CodecError) in
            if let format = batch.newFormat { try appendSegment(format: format, batch: batch, firstContact: firstContact) }
            try append(size: batch.byteCount, completion: completion) { factory, commitIndex throws(CodecError) in
                try factory.events(batch, term: term, commitIndex: commitIndex)
            }
            if factory.shouldRoll { try appendSegment(factory.state) }
        }
        pump()
    }

    /// Changes the cluster's settings: `change` gets those in the log's end and may throw to refuse.
    func changeSettings(
        _ change: (inout ClusterSettings) throws -> Void, completion: @escaping @Sendable (Outcome) -> Void
    ) throws {
        loop.preconditionInEventLoop()
        guard !isStopped, raft.role == .leader else { return completion(.rejected) }
        var settings = factory.state.settings
        try change(&settings)
        let term = raft.term
        perform { () throws(CodecError) in
            try append(size: settings.encoded().count, completion: completion) { factory, commitIndex throws(CodecError) in
                try factory.settings(settings, term: term, commitIndex: commitIndex)
            }
        }
        pump()
    }

    /// The dump connection of `term` ended: a transaction that it left half in the log is aborted.
    func ingestEnded(term: UInt64) {
        loop.preconditionInEventLoop()
        guard ingestTerm == term else { return }
        ingestTerm = nil
        settle()
    }

    private func appendSegment(format: [UInt8], batch: Batch, firstContact: FirstContact?) throws(CodecError) {
        var next = factory.state
        next.formatDescription = format
        if next.epoch == 0 {
            let start = firstContact?.start ?? GTIDSet()
            next.epoch = 1
            next.lost = start
            next.executed = next.executed.union(start)
        }
        next.file = batch.file
        next.position = batch.position
        try appendSegment(next)
    }

    private func appendSegment(_ next: LogState) throws(CodecError) {
        let term = raft.term
        try append(size: 0, completion: nil) { factory, commitIndex throws(CodecError) in
            try factory.segment(next, term: term, commitIndex: commitIndex)
        }
    }

    /// Appends one entry to the core and to what is pending.
    private func append(
        size: Int, completion: (@Sendable (Outcome) -> Void)?,
        make: (inout EntryFactory, UInt64) throws(CodecError) -> LogEntry
    ) throws(CodecError) {
        let proposal: Proposal
        do {
            proposal = try raft.propose(byteCounts: [size + EntryHeader.fixedByteCount])
        } catch {
            completion?(.rejected)
            return
        }
        precondition(proposal.firstIndex == factory.state.index + 1, "the core and the log disagree about the next index")
        let entry = try make(&factory, raft.commitIndex)
        pending.append(Pending(entry: entry, completion: completion))
    }

    /// Runs what must not fail: an entry of our own making that does not fold is our own bug, and going on would store it.
    private func perform(_ body: () throws(CodecError) -> Void) {
        do throws(CodecError) { try body() } catch { fatal("the log's next entry contradicts its state: \(error)") }
    }

    private func fatal(_ reason: String) {
        logger.critical("\(reason)")
        onFatal?(reason)
    }

    // MARK: - The core's output

    /// Carries out what the core wants, until it wants nothing more.
    private func pump() {
        guard !isPumping, !isStopped else { return }
        isPumping = true
        defer { isPumping = false }
        while true {
            let output = raft.takeOutput()
            if output.isEmpty { break }
            if let write = output.write { submit(write) }
            if let status = output.status { report(status) }
            if let index = output.committedIndex { apply(through: index) }
        }
        role.withLock {
            $0.lastIndex = raft.log.lastIndex
            $0.durableIndex = raft.durableIndex
        }
    }

    private func submit(_ write: Write) {
        var stored = LogWrite()
        if let hardState = write.hardState {
            stored.hardState = StoredHardState(term: hardState.term, vote: hardState.vote?.rawValue ?? 0, durable: 0, commit: 0)
        }
        if let noop = write.noOpIndex {
            perform { () throws(CodecError) in
                precondition(noop == factory.state.index + 1, "a no-op is the first entry of its leader")
                pending.append(Pending(entry: try factory.noop(term: raft.term, commitIndex: raft.commitIndex), completion: nil))
            }
        }
        if let last = write.lastIndex {
            for index in write.firstIndex...last { stored.entries.append(pending[offset: Int(index - pendingFirst)].entry) }
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
        role.withLock {
            $0.isLeader = status.role == .leader
            $0.isCandidate = status.role == .candidate || status.role == .preCandidate
            $0.term = status.term
            $0.leader = status.leader
        }
        logger.info("this node is now \(status.role)", metadata: ["term": "\(status.term)"])
        if status.role != .leader {
            ingestTerm = nil
            onIngestTermChange?(nil)
        }
    }

    // MARK: - Applying

    private func apply(through index: UInt64) {
        do {
            var completions: [@Sendable (Outcome) -> Void] = []
            var settings: ClusterSettings?
            if appliedIndex + 1 < pendingFirst { try applyFromDisk(through: min(index, pendingFirst - 1), settings: &settings) }
            try committed.update { snapshot in
                while appliedIndex < index, let next = pending.first {
                    try snapshot.state.fold(next.entry)
                    if next.entry.header.kind == .settings || next.entry.header.kind == .segment { settings = snapshot.state.settings }
                    if next.entry.header.kind == .segment { snapshot.purged.formUnion(snapshot.state.lost) }
                    if let completion = next.completion { completions.append(completion) }
                    pending.removeFirst()
                    pendingFirst += 1
                    appliedIndex += 1
                }
                snapshot.visibleIndex = snapshot.state.visibleIndex
            }
            log.noteCommit(appliedIndex)
            if let settings { onSettingsChange?(settings) }
            for completion in completions { completion(.committed) }
            settle()
        } catch {
            fatal("a committed entry cannot be applied: \(error)")
        }
    }

    /// Applies entries that an earlier process appended.
    private func applyFromDisk(through index: UInt64, settings: inout ClusterSettings?) throws {
        var changed: ClusterSettings?
        try committed.update { snapshot in
            try log.catalog.forEachEntry(from: appliedIndex + 1, through: index) { header, payload in
                try snapshot.state.fold(header, payload: payload)
                if header.kind == .settings || header.kind == .segment { changed = snapshot.state.settings }
                if header.kind == .segment { snapshot.purged.formUnion(snapshot.state.lost) }
                appliedIndex = header.index
            }
            snapshot.visibleIndex = snapshot.state.visibleIndex
        }
        settings = changed ?? settings
    }

    /// Once everything in the log is committed and applied in this leader's term, ends what an earlier upstream connection left open,
    /// and lets the next one begin.
    private func settle() {
        guard raft.role == .leader, ingestTerm == nil, appliedIndex == raft.log.lastIndex, raft.log.term(at: appliedIndex) == raft.term
        else { return }
        if let run = factory.state.openRun {
            perform { () throws(CodecError) in
                let events: [UInt8]
                do {
                    events = try AbortedRun.endingEvents(
                        of: run, in: log.catalog, through: appliedIndex, serverID: factory.state.serverID,
                        checksum: factory.state.checksum)
                } catch {
                    fatal("the transaction that the log holds half of cannot be read: \(error)")
                    return
                }
                let term = raft.term
                logger.notice(
                    "a transaction was left incomplete by its upstream connection and is aborted",
                    metadata: ["gtid": "\(run.gtid.map(String.init(describing:)) ?? "-")"])
                try append(size: events.count, completion: nil) { factory, commitIndex throws(CodecError) in
                    try factory.abort(events: events, term: term, commitIndex: commitIndex)
                }
                try appendSegment(factory.state)
            }
            loop.execute { self.pump() }
        } else if factory.state.abortedRunIndex != 0 {
            // A crash came between an abort and the segment behind it, which alone tells readers what to leave out.
            perform { () throws(CodecError) in try appendSegment(factory.state) }
            loop.execute { self.pump() }
        } else {
            ingestTerm = raft.term
            onIngestTermChange?(raft.term)
        }
    }
}

/// What the first dump from the first upstream began after.
struct FirstContact: Sendable {
    var start: GTIDSet
}
