import SimulatedDisk

@testable import Log
@testable import Raft
@testable import kingbus_node

/// What ``Sabotage`` does.
extension Simulation {
    static func damage(_ disk: SimulatedFileSystem, _ sabotage: Sabotage) {
        switch sabotage {
        case .syncsDoNothing: disk.setIgnoresSyncs { _ in true }
        case .forgetsVotes: disk.setIgnoresSyncs { $0.path == DataDirectory(path: "/data").hardState }
        case .cutsAreNotSynced: disk.setIgnoresSyncs(where: \.wasCut)
        default: break
        }
    }

    /// Changes what a node gets.
    func tamper(_ incoming: inout IncomingMessage, _ life: Life) {
        let raft = life.consensus.raft
        switch (sabotage, incoming.message.body) {
        case (.forgesVotes, .voteResponse(isPreVote: false, isGranted: false)):
            incoming.message.body = .voteResponse(isPreVote: false, isGranted: true)
        case (.ignoresCandidatesLogs, .voteRequest(var request)):
            if raft.log.last.isAtLeastAsUpToDate(as: request.last), raft.log.last.term <= incoming.message.term {
                request.last = raft.log.last
                incoming.message.body = .voteRequest(request)
            }
        case (.electsWithoutOutgoing, .voteResponse):
            for member in raft.configuration.outgoing.members where member != incoming.message.from {
                guard !raft.configuration.voters.contains(member), !raft.ballots.contains(where: { $0.member == member }) else { continue }
                life.consensus.raft.ballots.append((member, true))
            }
        case (.forgesAcknowledgements, .appendAccepted(let index)):
            incoming.message.body = .appendAccepted(matchIndex: min(index + 1, raft.log.lastIndex))
        case (.ignoresPreviousEntries, .append(var append)):
            if let term = raft.log.term(at: append.previous.index), append.entries.first.map({ $0.term >= term }) ?? true {
                append.previous.term = term
                incoming.message.body = .append(append)
            }
        default: break
        }
    }

    /// Lets a leader do after each step what it must not.
    func sabotage(_ life: Life) {
        let raft = life.consensus.raft
        guard let sabotage, raft.role == .leader else { return }
        if sabotage == .confirmsReadsAlone {
            for peer in raft.peers.indices { life.consensus.raft.peers[peer].readRound = raft.reads.round }
            life.consensus.raft.answerReads()
            life.consensus.pump()
        }
        guard let index = wrongCommitIndex(raft, sabotage), index > raft.commitIndex, index <= raft.log.lastIndex,
            sabotage == .commitsOlderTerms || raft.log.term(at: index) == raft.term
        else { return }
        note(life.node, "commits through \(index) against the rules")
        life.consensus.raft.commit(through: index)
        life.consensus.pump()
    }

    private func wrongCommitIndex(_ raft: Raft, _ sabotage: Sabotage) -> LogIndex? {
        let configuration = raft.configuration
        switch sabotage {
        case .quorumIsOneShort:
            let reached = configuration.voters.members.map { raft.matchIndex(of: $0) ?? 0 }.sorted(by: >)
            return reached.count > 1 ? reached[reached.count / 2 - 1] : nil
        case .commitsOlderTerms: return configuration.committedIndex(raft.matchIndex(of:))
        case .countsLearners: return Majority(configuration.members).committedIndex(raft.matchIndex(of:))
        case .commitsWithoutOutgoing: return configuration.voters.committedIndex(raft.matchIndex(of:))
        default: return nil
        }
    }
}
