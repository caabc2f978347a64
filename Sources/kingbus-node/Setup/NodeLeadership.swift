import Common
import HTTPTypes
import Log
import Logging
import NIOCore
import Raft
import Synchronization

/// How leadership goes from one node to another. All of it is the leader's.
extension Node {
    /// Lets the voter lead that has the highest `--leader-priority`, once it has caught up.
    func preferLeader() {
        let role = consensus.currentRole
        guard role.isLeader, leaderPreference.withLock({ $0.isDue(inTerm: role.term, at: .now()) }),
            let target = clusterView().preferredLeader
        else { return }
        consensus.loop.execute { [consensus, logger] in
            guard consensus.hasCaughtUp(target) else { return }
            logger.info("leadership goes to a node of higher priority", metadata: ["node": "\(target.name)"])
            // Where this node no longer leads it is another's turn to look.
            try? consensus.transferLeadership(to: memberID(target)) { _ in }
        }
    }

    func transferLeadership(_ transfer: LeaderTransfer) async throws(AdminError) -> LeaderAnswer {
        let view = clusterView()
        let target = try MemberChange.successor(transfer.to, in: view.membership, leader: identity.name, isReachable: view.isReachable)
        guard target?.name != identity.name else { return try LeaderAnswer(own: identity.name, role: consensus.currentRole) }
        let promise = consensus.loop.makePromise(of: Consensus.TransferOutcome.self)
        consensus.loop.execute { [consensus] in
            do throws(ProposalError) {
                try consensus.transferLeadership(to: target.map(memberID)) { promise.succeed($0) }
            } catch {
                promise.fail(error)
            }
        }
        let outcome: Consensus.TransferOutcome
        do { outcome = try await promise.futureResult.get() } catch let error as ProposalError {
            guard error == .notAVoter else { throw AdminError(error) }
            throw MemberChange.noSuccessor
        } catch {
            throw .internalError
        }
        switch outcome {
        case .done(let leader, let term):
            let member = view.membership.members.first { memberID($0) == leader }
            logger.info("leadership was handed over", metadata: ["leader": "\(member?.name ?? "\(leader)")", "term": "\(term)"])
            return LeaderAnswer(leader: member?.name ?? "\(leader)", term: term)
        case .reverted:
            throw AdminError(
                .gatewayTimeout, code: "transfer_failed",
                message: "\(target.map { "'\($0.name)'" } ?? "no other member") did not take over in time: '\(identity.name)' still leads",
                hint: "kingbus-ctl members list shows who is reachable, and how far behind.")
        case .unknown: throw .leadershipMoved
        }
    }
}

extension LeaderAnswer {
    /// This node leads already, to which leadership was to go.
    ///
    /// - Throws: ``AdminError/leadershipMoved`` where it does not any more.
    init(own name: String, role: Consensus.Role) throws(AdminError) {
        guard role.isLeader else { throw .leadershipMoved }
        self.init(leader: name, term: role.term)
    }
}
