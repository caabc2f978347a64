import Common
import Log
import Raft

/// The core's identity of a data directory.
func memberID(_ identity: MemberIdentity) -> MemberID { MemberID(name: identity.name, incarnation: identity.incarnation) }

extension Raft {
    /// The core of a node, as its log was recovered.
    init(log: Log, state: LogState, termRuns: [TermRun], hardState: StoredHardState, commitIndex: UInt64, options: Options) {
        let firstIndex = log.recovered.firstIndex
        var runs = termRuns.filter { $0.firstIndex >= firstIndex }.map { TermRuns.Run(first: $0.firstIndex, term: $0.term) }
        let before = termRuns.last { $0.firstIndex < firstIndex }
        let previous = before.map { LogPosition(index: firstIndex - 1, term: $0.term) } ?? .origin
        // A run that began among what is purged goes on here.
        if let before, state.index >= firstIndex, runs.first?.first != firstIndex {
            runs.insert(TermRuns.Run(first: firstIndex, term: before.term), at: 0)
        }
        let voters = state.membership.members.filter { $0.role == .voter }
        let learners = state.membership.members.filter { $0.role == .learner }
        let configuration = Configuration(
            voters: voters.map { MemberID(name: $0.name, incarnation: $0.incarnation) },
            learners: learners.map { MemberID(name: $0.name, incarnation: $0.incarnation) })
        self.init(
            id: memberID(log.recovered.identity),
            recovered: Recovered(
                hardState: .init(term: hardState.term, vote: MemberID(rawValue: hardState.vote)),
                log: TermRuns(previous: previous, runs: runs, lastIndex: state.index), commitIndex: commitIndex,
                configurations: [ConfigurationEntry(index: log.recovered.firstIndex, configuration: configuration)]),
            seed: .random(in: 1 ... .max), options: options)
    }
}
