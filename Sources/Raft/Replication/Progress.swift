/// What a leader knows of one peer's log, and how it sends to it.
public struct Progress: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        /// Where the logs agree is not known: one message at a time.
        case probe
        /// They agree up to `matchIndex`: messages follow each other without waiting.
        case replicate
        /// What the peer needs next is purged here: whole segments must be streamed to it.
        case awaitingSegments
    }

    public let id: MemberID
    public internal(set) var state = State.probe
    /// The peer holds the leader's log durably up to here.
    public internal(set) var matchIndex: LogIndex = 0
    /// The next entry to send; always above `matchIndex`.
    public internal(set) var nextIndex: LogIndex
    /// The peer was heard in the current election timeout.
    public internal(set) var isRecentlyActive = false

    var inflights: Inflights
    var isProbeSent = false
    var sentCommitIndex: LogIndex = 0
    /// The last round of heartbeats for reads that the peer answered.
    var readRound: UInt64 = 0
    /// An append without entries is to be sent, to find out whether those in flight were lost.
    var wantsLossCheck = false
    var hasAcknowledgedSinceHeartbeat = false
    var rounds = CatchUpRounds()
    /// Of the last entry that the peer acknowledged before the leader's own disk had it: the ticks from when it was handed to both.
    var ticksToAcknowledge: Int?

    init(id: MemberID, nextIndex: LogIndex, options: Options) {
        self.id = id
        self.nextIndex = nextIndex
        inflights = Inflights(maxMessages: options.maxInflightMessages, maxBytes: options.maxInflightBytes)
    }

    mutating func becomeProbe() {
        state = .probe
        nextIndex = matchIndex + 1
        restart()
    }

    mutating func becomeReplicate() {
        state = .replicate
        nextIndex = matchIndex + 1
        restart()
    }

    mutating func becomeAwaitingSegments() {
        state = .awaitingSegments
        restart()
    }

    private mutating func restart() {
        inflights.removeAll()
        isProbeSent = false
        wantsLossCheck = false
    }

    /// The peer holds the log up to `index`.
    mutating func accepted(_ index: LogIndex, firstIndex: LogIndex) {
        hasAcknowledgedSinceHeartbeat = true
        let isNews = index > matchIndex
        if isNews {
            matchIndex = index
            nextIndex = max(nextIndex, index + 1)
        }
        switch state {
        case .probe: if index == matchIndex { becomeReplicate() }
        case .replicate: inflights.free(through: index)
        case .awaitingSegments: if matchIndex + 1 >= firstIndex { becomeProbe() }
        }
    }

    /// The peer does not hold `index`, and agreement is possible up to `hint`.
    ///
    /// A rejection that was delayed, and that later acknowledgements overtook, must not move `nextIndex` to or below `matchIndex`:
    /// the leader would send what is acknowledged again, and with a purged log ask for segments that nobody needs.
    mutating func rejected(_ index: LogIndex, hint: LogIndex) {
        switch state {
        case .replicate:
            if index > matchIndex { becomeProbe() }
        case .probe:
            guard index == nextIndex - 1, index > matchIndex else { return }
            nextIndex = max(min(index, hint + 1), matchIndex + 1)
            isProbeSent = false
        case .awaitingSegments:
            break
        }
    }

    /// The peer is alive. If nothing was acknowledged since it last said so, what is in flight may be lost: a connection that broke takes
    /// messages with it, no rejection ever comes, and a full window would wait for ever.
    mutating func answeredHeartbeat(lastIndex: LogIndex) {
        isProbeSent = false
        wantsLossCheck = state == .replicate && matchIndex < lastIndex && !hasAcknowledgedSinceHeartbeat
        hasAcknowledgedSinceHeartbeat = false
    }
}
