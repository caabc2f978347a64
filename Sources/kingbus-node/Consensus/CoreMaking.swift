import Common
import Log
import Raft

/// The core's identity of a data directory.
func memberID(_ identity: MemberIdentity) -> MemberID { MemberID(name: identity.name, incarnation: identity.incarnation) }

/// The core's identity of a member.
func memberID(_ member: Member) -> MemberID { MemberID(name: member.name, incarnation: member.incarnation) }

extension Configuration {
    /// Who votes and who listens.
    init(_ membership: Membership) {
        func members(_ roles: Common.Member.Role...) -> [MemberID] {
            membership.members.filter { roles.contains($0.role) }.map(memberID(_:))
        }
        self.init(
            voters: members(.voter, .incomingVoter), outgoing: membership.isJoint ? members(.voter, .outgoingVoter, .outgoingLearner) : [],
            learners: members(.learner), learnersNext: members(.outgoingLearner))
    }
}

extension Raft {
    /// The core of a node, as its log was recovered.
    ///
    /// - Parameter seed: see ``init(id:recovered:seed:options:mayVote:)``; given only where a run is to be repeated.
    /// - Throws: ``LogError`` where the entries above the commit index, whose changes of the members may yet be cut off, cannot be read.
    init(
        log: Log, committedState: LogState, lastIndex: UInt64, termRuns: [TermRun], hardState: StoredHardState,
        seed: UInt64 = .random(in: 1 ... .max), options: Options
    ) throws {
        let firstIndex = log.recovered.firstIndex
        var runs = termRuns.filter { $0.firstIndex >= firstIndex }.map { TermRuns.Run(first: $0.firstIndex, term: $0.term) }
        let before = termRuns.last { $0.firstIndex < firstIndex }
        let previous = before.map { LogPosition(index: firstIndex - 1, term: $0.term) } ?? .origin
        // A run that began among what is purged goes on here.
        if let before, lastIndex >= firstIndex, runs.first?.first != firstIndex {
            runs.insert(TermRuns.Run(first: firstIndex, term: before.term), at: 0)
        }
        var configurations = [
            ConfigurationEntry(index: committedState.index, configuration: Configuration(committedState.membership))
        ]
        try log.catalog.forEachEntry(from: committedState.index + 1, through: lastIndex) { header, payload in
            guard header.kind == .membership else { return }
            configurations.append(
                ConfigurationEntry(index: header.index, configuration: Configuration(try Membership(decoding: payload))))
        }
        self.init(
            id: memberID(log.recovered.identity),
            recovered: Recovered(
                hardState: .init(term: hardState.term, vote: MemberID(rawValue: hardState.vote)),
                log: TermRuns(previous: previous, runs: runs, lastIndex: lastIndex), commitIndex: committedState.index,
                configurations: configurations),
            seed: seed, options: options)
    }
}
