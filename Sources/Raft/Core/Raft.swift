/// One member's part in the agreement on one log. No clock, no file, no socket: messages, ticks and completions go in; messages and writes
/// come out.
///
///     var raft = Raft(id: id, recovered: recovered, seed: seed)
///     raft.tick()                                   // or try raft.step(message), raft.propose(…), raft.persisted(through:)
///     let output = raft.takeOutput()
///     if let write = output.write { disk.enqueue(write) }   // completion: raft.persisted(through: write.id), then takeOutput() again
///     for message in output.messages { peers.send(message) }
///
/// What must not be said before it is durable (votes, requests for votes, acknowledgements, a leader's own vote and log) is held inside
/// until the write that covers it is reported as done, so a caller cannot break the rule by sending too early. Several writes may be in
/// flight; they complete in order.
///
/// A member whose log was replaced by streamed segments is built anew from what recovery finds, once its writes are done.
public struct Raft: Sendable {
    public let id: MemberID
    public let options: Options
    public internal(set) var hardState: HardState
    public internal(set) var role = Role.follower
    /// The leader of this term, once heard.
    public internal(set) var leader: MemberID?
    /// The cluster has committed the log up to here.
    public internal(set) var commitIndex: LogIndex
    public internal(set) var log: TermRuns
    /// Every other member, while this one leads. Ascending by id: the order of a dictionary would differ from run to run.
    public internal(set) var peers: [Progress] = []
    /// Whether this member may vote and lead. One that knows it lost what it once acknowledged must not: it would help a quorum that never
    /// held those entries. It still receives the log, and may be told to vote again when it is repaired.
    public var mayVote: Bool

    var sizes: EntrySizes
    var configurations: ConfigurationHistory
    var writes: WritePipeline
    var random: RandomSource
    var reads = ReadQueue()
    var ballots: [(member: MemberID, isGranted: Bool)] = []
    /// Ticks since the leader was last heard, or, at a leader, since a quorum was last checked.
    var electionElapsed = 0
    var electionTimeout = 0
    var heartbeatElapsed = 0
    /// While it is set no proposal is taken.
    var transferee: MemberID?
    var isTransferSent = false
    var noOpIndex: LogIndex?

    // What takeOutput() collects and compares with.
    var outbox: [Message] = []
    var readStates: [ReadState] = []
    var needsSegments: [MemberID] = []
    private var reportedStatus: Status
    private var reportedCommitIndex: LogIndex
    private var reportedConfiguration: Configuration
    private var proposedConfigurationIndex: LogIndex?

    /// What a member knows when it starts.
    public struct Recovered: Hashable, Sendable {
        public var hardState: HardState
        /// All of it durable.
        public var log: TermRuns
        /// The highest index known to be committed; the log's `previous.index` if nothing more is known.
        public var commitIndex: LogIndex
        /// The last configuration at or below `commitIndex`, and all above it. Ascending. Empty for a member that waits to be told.
        public var configurations: [ConfigurationEntry]

        public init(
            hardState: HardState = HardState(), log: TermRuns = TermRuns(), commitIndex: LogIndex = 0,
            configurations: [ConfigurationEntry] = []
        ) {
            self.hardState = hardState
            self.log = log
            self.commitIndex = commitIndex
            self.configurations = configurations
        }
    }

    /// - Parameters:
    ///   - seed: different on every member and start, or members draw the same timeouts and split every vote.
    ///   - mayVote: false for a member that lost a part of its log.
    public init(id: MemberID, recovered: Recovered, seed: UInt64, options: Options = Options(), mayVote: Bool = true) {
        precondition(options.heartbeatTicks > 0 && options.heartbeatTicks < options.electionTimeoutTicks)
        precondition(recovered.commitIndex >= recovered.log.previous.index && recovered.commitIndex <= recovered.log.lastIndex)
        self.id = id
        self.options = options
        self.mayVote = mayVote
        hardState = recovered.hardState
        // A log entry can be durable without the term it came with, if the crash fell between the two. No vote of that term was sent then.
        if recovered.log.last.term > hardState.term { hardState = HardState(term: recovered.log.last.term) }
        log = recovered.log
        commitIndex = recovered.commitIndex
        sizes = EntrySizes(after: log.lastIndex, window: options.sizeWindowEntries, assumed: options.assumedEntryBytes)
        configurations = ConfigurationHistory(recovered.configurations)
        writes = WritePipeline(durableIndex: log.lastIndex, hardState: recovered.hardState)
        random = RandomSource(seed: seed)
        reportedStatus = Status(role: .follower, term: hardState.term, leader: nil)
        reportedCommitIndex = commitIndex
        reportedConfiguration = configurations.current.configuration
        reads.nextID = random.next()
        resetElectionTimer()
    }

    public var term: Term { hardState.term }
    /// The log is durable here up to this index.
    public var durableIndex: LogIndex { writes.durableIndex }
    /// The configuration in use: the latest in the log.
    public var configuration: Configuration { configurations.current.configuration }
    /// Leadership is being handed over; nothing is proposed meanwhile.
    public var isTransferring: Bool { transferee != nil }
    public var status: Status { Status(role: role, term: term, leader: leader) }

    /// An entry of this leader's own term is committed, so that it knows of everything that older leaders committed.
    var hasCommittedInTerm: Bool { log.term(at: commitIndex) == term }

    // MARK: Output

    /// Everything that is to be done since the last call. Call it after each batch of inputs; the larger the batch, the fewer messages and
    /// writes.
    public mutating func takeOutput() -> Output {
        if role == .leader {
            startReadRound()
            replicate()
        }
        var output = Output()
        output.write = writes.issue(hardState: hardState, log: log, sizes: sizes, noOpIndex: noOpIndex)
        noOpIndex = nil
        if output.write == nil { deliver(writes.releaseUnattached()) }
        if role == .leader { output.nextConfiguration = takeNextConfiguration() }
        swap(&output.messages, &outbox)
        swap(&output.reads, &readStates)
        swap(&output.needsSegments, &needsSegments)
        if min(commitIndex, durableIndex) > reportedCommitIndex {
            reportedCommitIndex = min(commitIndex, durableIndex)
            output.committedIndex = reportedCommitIndex
        }
        if status != reportedStatus {
            reportedStatus = status
            output.status = status
        }
        if configuration != reportedConfiguration {
            reportedConfiguration = configuration
            output.configuration = configuration
        }
        return output
    }

    /// The leader ends a joint configuration as soon as it is committed; a later leader does it if this one dies before.
    private mutating func takeNextConfiguration() -> Configuration? {
        let current = configurations.current
        guard transferee == nil, current.configuration.isJoint, current.index <= commitIndex, hasCommittedInTerm,
            proposedConfigurationIndex != current.index
        else { return nil }
        proposedConfigurationIndex = current.index
        return current.configuration.leavingJoint()
    }

    // MARK: Completions

    /// The disk has made every write up to and including `id` durable.
    public mutating func persisted(through id: UInt64) {
        let released = writes.complete(through: id)
        deliver(released)
        if role == .leader { advanceCommit() }
    }

    /// Sends what was held, but for what has passed away meanwhile.
    private mutating func deliver(_ messages: [Message]) {
        for message in messages where isStillMeant(message) {
            if message.to == id { receiveOwn(message) } else { outbox.append(message) }
        }
    }

    private func isStillMeant(_ message: Message) -> Bool {
        // Nobody may count what belongs to an older term.
        guard message.term == term else { return false }
        // Behind a leader of the same term a candidate asks for nothing, and perhaps no longer has the log that it names.
        guard case .voteRequest = message.body else { return true }
        return role == .candidate
    }

    /// Entries up to `index` were purged.
    public mutating func purged(through index: LogIndex) {
        precondition(index <= min(commitIndex, durableIndex), "only what is committed and durable is purged")
        log.trim(through: index)
    }

    // MARK: Sending

    mutating func send(_ body: Message.Body, to member: MemberID, term: Term? = nil) {
        outbox.append(Message(from: id, to: member, term: term ?? self.term, body: body))
    }

    /// Sends once everything decided so far is durable.
    mutating func sendWhenDurable(_ body: Message.Body, to member: MemberID) {
        writes.hold(Message(from: id, to: member, term: term, body: body))
    }

    // MARK: Log

    mutating func append(_ entry: Entry) {
        log.append(term: entry.term, count: 1)
        sizes.append(entry.byteCount)
    }

    mutating func truncate(from index: LogIndex) {
        precondition(index > commitIndex, "a committed entry is never cut off")
        log.truncate(from: index)
        sizes.truncate(from: index)
        configurations.truncate(from: index)
        writes.truncate(from: index)
        if let own = noOpIndex, own >= index { noOpIndex = nil }
    }

    mutating func commit(through index: LogIndex) {
        guard index > commitIndex else { return }
        precondition(index <= log.lastIndex)
        commitIndex = index
        configurations.committed(through: index)
    }

    mutating func beginTerm(_ newTerm: Term, vote: MemberID?) {
        precondition(newTerm > term, "terms only rise")
        hardState = HardState(term: newTerm, vote: vote)
        proposedConfigurationIndex = nil
    }
}
