/// What the caller has to do after one or more inputs. The parts are independent of each other: in particular `messages` need not wait for
/// `write`.
public struct Output: Hashable, Sendable {
    /// To be made durable; its completion is reported by `Raft.persisted(through:)`.
    public var write: Write?
    /// May be sent at once. What a disk write must precede is not here yet.
    public var messages: [Message] = []
    /// Entries up to here are committed by the cluster and durable on this member; nil if that did not change.
    public var committedIndex: LogIndex?
    /// Reads that were answered or failed.
    public var reads: [ReadState] = []
    /// Who leads, and what this member is; nil if that did not change.
    public var status: Status?
    /// The configuration in use; nil if that did not change.
    public var configuration: Configuration?
    /// Peers that need what is purged here: stream whole segments to them, then call `Raft.segmentsDelivered(to:through:)`.
    public var needsSegments: [MemberID] = []
    /// The second step of a membership change, to be proposed by this leader now.
    public var nextConfiguration: Configuration?

    public var isEmpty: Bool { self == Output() }
}

/// The fate of one `Raft.requestRead()`.
public struct ReadState: Hashable, Sendable {
    public var id: ReadID
    /// Whoever has applied the log up to here sees everything that was committed when the read was requested; nil if leadership was lost:
    /// ask again.
    public var index: LogIndex?
}

/// Who leads, and what this member is.
public struct Status: Hashable, Sendable {
    public var role: Role
    public var term: Term
    public var leader: MemberID?
}

public enum Role: Hashable, Sendable {
    case follower
    /// Asks whether an election could be won, without disturbing anyone.
    case preCandidate
    case candidate
    case leader
}

/// Where a proposal stands. It may still be replaced by another leader's entries: it counts when its index is committed and the entry
/// there has this term.
public struct Proposal: Hashable, Sendable {
    public var term: Term
    public var firstIndex: LogIndex
}

/// Why an entry was not accepted.
public enum ProposalError: Error, Hashable, Sendable {
    case notLeader(leader: MemberID?)
    /// Leadership is being handed over.
    case isTransferring
    /// A change of configuration has to wait until the one before it and an entry of this leader's term are committed.
    case changeInProgress
    /// The configuration must not follow the current one.
    case illegalConfiguration
    /// No such voter to hand leadership to.
    case notAVoter
}
