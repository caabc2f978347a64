/// What members tell each other. Payloads of entries travel beside it; the core never sees them.
public struct Message: Hashable, Sendable {
    public var from: MemberID
    public var to: MemberID
    /// The sender's term; in a pre-vote, and in its grant, the term that the candidate would begin.
    public var term: Term
    public var body: Body

    public init(from: MemberID, to: MemberID, term: Term, body: Body) {
        self.from = from
        self.to = to
        self.term = term
        self.body = body
    }

    public enum Body: Hashable, Sendable {
        case voteRequest(VoteRequest)
        case voteResponse(isPreVote: Bool, isGranted: Bool)
        case append(Append)
        /// The sender holds the leader's log durably up to `matchIndex`.
        case appendAccepted(matchIndex: LogIndex)
        case appendRejected(AppendRejection)
        /// `commitIndex` is one that the receiver is known to hold; `readRound` is to be sent back.
        case heartbeat(commitIndex: LogIndex, readRound: UInt64)
        case heartbeatResponse(readRound: UInt64)
        /// The receiver is known to hold the log up to `commitIndex`, which is committed. Not answered.
        case commit(commitIndex: LogIndex)
        /// An answer to a leader of an older term, which then steps down.
        case staleTerm
        /// Campaign now, without a pre-vote: the sender hands leadership over.
        case timeoutNow
        case readIndex(ReadID)
        case readIndexResponse(ReadID, index: LogIndex)
    }
}

public struct VoteRequest: Hashable, Sendable {
    /// Where the candidate's log ends.
    public var last: LogPosition
    /// Only asks whether a vote would be granted; changes nothing at the receiver.
    public var isPreVote: Bool
    /// The leader itself asked for this election, so that having heard it recently is no reason to refuse.
    public var isTransfer: Bool

    public init(last: LogPosition, isPreVote: Bool, isTransfer: Bool = false) {
        self.last = last
        self.isPreVote = isPreVote
        self.isTransfer = isTransfer
    }
}

public struct Append: Hashable, Sendable {
    /// The entry before the first of `entries`. A message may be cut in two at any entry; each part names its own.
    public var previous: LogPosition
    public var entries: [Entry]
    public var commitIndex: LogIndex
    /// On receipt: the configurations that the payloads of `entries` carry, decoded by the caller. Ascending. The core sends none: they
    /// are in the payloads.
    public var configurations: [ConfigurationEntry]

    public init(previous: LogPosition, entries: [Entry], commitIndex: LogIndex, configurations: [ConfigurationEntry] = []) {
        self.previous = previous
        self.entries = entries
        self.commitIndex = commitIndex
        self.configurations = configurations
    }
}

public struct AppendRejection: Hashable, Sendable {
    /// The `previous.index` that the sender does not hold with that term.
    public var index: LogIndex
    /// The last entry of the sender that may agree with the leader's log.
    public var hint: LogPosition

    public init(index: LogIndex, hint: LogPosition) {
        self.index = index
        self.hint = hint
    }
}

/// Names a read from its request to its answer; not reused after a restart, so that an answer from before it is not taken for a fresh one.
public struct ReadID: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}
