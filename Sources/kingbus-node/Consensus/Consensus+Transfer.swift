import NIOCore
import Raft

extension Consensus {
    /// What became of a transfer of leadership.
    enum TransferOutcome: Hashable, Sendable {
        /// Another member leads.
        case done(leader: MemberID, term: UInt64)
        /// This node still leads: the other has not taken over in an election timeout.
        case reverted
        /// This node leads no more, and has not heard in time who does.
        case unknown
    }

    /// Somebody who waits for another leader.
    struct WaitingTransfer {
        /// In ticks since the start.
        var deadline: UInt64
        var completion: @Sendable (TransferOutcome) -> Void
    }

    /// An election behind an election timeout, and as much again for a vote that was split.
    private static let transferTimeouts = 4

    /// Hands leadership to a voter. Proposals are refused meanwhile.
    ///
    /// - Parameters:
    ///   - target: nil for the one that is furthest ahead.
    ///   - completion: called once, on this loop.
    /// - Throws: ``ProposalError`` where this node does not lead, or the target is no other voter.
    func transferLeadership(
        to target: MemberID?, completion: @escaping @Sendable (TransferOutcome) -> Void
    ) throws(ProposalError) {
        loop.preconditionInEventLoop()
        guard !isStopped else { throw .notLeader(leader: nil) }
        try raft.transferLeadership(to: target)
        let deadline = ticks + UInt64(Self.transferTimeouts * raft.options.electionTimeoutTicks)
        waitingTransfers.append(WaitingTransfer(deadline: deadline, completion: completion))
        pump()
    }

    /// Answers those whose transfer is decided.
    func finishTransfers() {
        guard !waitingTransfers.isEmpty else { return }
        let outcome: TransferOutcome
        let isDecided: Bool
        switch (raft.role, raft.leader) {
        case (.leader, _):
            outcome = .reverted
            // Where one transfer follows the other it is never seen that none is under way.
            isDecided = !raft.isTransferring
        case (_, let leader?):
            outcome = .done(leader: leader, term: raft.term)
            isDecided = true
        case (_, nil):
            outcome = .unknown
            isDecided = false
        }
        let finished = waitingTransfers.filter { isDecided || ticks >= $0.deadline }
        waitingTransfers.removeAll { isDecided || ticks >= $0.deadline }
        for transfer in finished { transfer.completion(outcome) }
    }
}
