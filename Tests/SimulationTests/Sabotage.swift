/// What a run breaks on purpose, to prove that it would be seen.
enum Sabotage: CaseIterable, Sendable {
    /// No disk makes anything durable that it is asked to.
    case syncsDoNothing
    /// Writes are reported as durable when they are handed over.
    case completesBeforeWriting
    /// A data directory that was emptied answers as the member that it was.
    case wipedMemberVotes
    /// A transaction is acknowledged to the source when it is proposed.
    case acknowledgesProposals
    /// A reader is given entries that are not committed.
    case servesUncommitted
    /// The network changes who granted a vote.
    case forgesVotes
    /// A follower's acknowledgements name more than it holds.
    case forgesAcknowledgements
}
