/// What a run breaks on purpose, to prove that it would be seen.
enum Sabotage: CaseIterable, Sendable {
    /// No disk makes anything durable that it is asked to.
    case syncsDoNothing
    /// Term and vote are written and not made durable.
    case forgetsVotes
    /// A file that was made shorter is not made durable any more.
    case cutsAreNotSynced
    /// Writes are reported as durable when they are handed over.
    case completesBeforeWriting
    /// A data directory that was emptied answers as the member that it was.
    case wipedMemberVotes
    /// A transaction is acknowledged to the source when it is proposed.
    case acknowledgesProposals
    /// A reader is given entries that are not committed.
    case servesUncommitted
    /// A leader confirms reads without having asked anyone.
    case confirmsReadsAlone
    /// The network changes who granted a vote.
    case forgesVotes
    /// A vote is granted whatever the candidate's log lacks.
    case ignoresCandidatesLogs
    /// A follower's acknowledgements name more than it holds.
    case forgesAcknowledgements
    /// A follower takes entries behind one that differs from its own.
    case ignoresPreviousEntries
    /// One voter less than a majority commits.
    case quorumIsOneShort
    /// Entries of older terms are committed by counting.
    case commitsOlderTerms
    /// Learners count as voters do.
    case countsLearners
    /// Of a joint configuration only the incoming majority commits.
    case commitsWithoutOutgoing
    /// Of a joint configuration only the incoming majority elects.
    case electsWithoutOutgoing

    /// Makes a run one in which it has an effect.
    func adjust(_ plan: inout Plan) {
        switch self {
        case .commitsWithoutOutgoing, .electsWithoutOutgoing:
            plan.nodes = max(3, plan.nodes)
            plan.faults = [.members, .members, .leaderDeath, .leaderCutOff, .partition]
            plan.faultGap = 200_000
        default: plan.faults += [.death, .deathOfAll, .partition, .wipe, .members]
        }
    }
}
