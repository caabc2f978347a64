import Common
import HTTPTypes
import NIOCore
import Raft

/// How members come and go. All of it is the leader's.
extension Node {
    /// The port of `--peer-listen` where none is named.
    private static let defaultPeerPort: UInt16 = 7707
    private static let maxNameBytes = 255

    func addMember(_ addition: MemberAddition) async throws(AdminError) -> MembersAnswer {
        guard (1...Self.maxNameBytes).contains(addition.name.utf8.count) else {
            throw .badRequest("a member's name has 1 to \(Self.maxNameBytes) bytes")
        }
        guard let address = HostPort(parsing: addition.peer, defaultPort: Self.defaultPeerPort) else {
            throw .badRequest("peer is no address", hint: "Write it as host:7707.")
        }
        let hello = try await ask(addition.name, at: address)
        try await changeMembership { membership, _ throws(AdminError) in
            try MemberChange.adding(addition.name, hello, at: "\(address)", to: membership)
        }
        return MembersAnswer(members: clusterView().members)
    }

    func removeMember(_ name: String) async throws(AdminError) -> MembersAnswer {
        let view = clusterView()
        try await changeMembership { membership, _ throws(AdminError) in
            try MemberChange.removing(name, from: membership, isReachable: view.isReachable)
        }
        return MembersAnswer(members: clusterView().members)
    }

    func promoteMember(_ name: String) async throws(AdminError) -> MembersAnswer {
        try await changeMembership { membership, consensus throws(AdminError) in
            try MemberChange.promoting(name, in: membership, hasCaughtUp: consensus.hasCaughtUp)
        }
        return MembersAnswer(members: clusterView().members)
    }

    /// Asks a node that is to be a member who it is.
    private func ask(_ name: String, at address: HostPort) async throws(AdminError) -> PeerHello {
        do {
            return try await peers.probe(address, expecting: nil)
        } catch let error as PeerError {
            switch error.code {
            case .unreachable, .timeout, .foreign, .overload:
                throw AdminError(
                    .serviceUnavailable, code: "node_unreachable", message: "'\(name)' does not answer at \(address): \(error.message)",
                    hint:
                        "Start kingbus-node --name \(name) there with an empty data directory and --join: then it is added without more."
                )
            default:
                throw AdminError(
                    .conflict, code: "node_refused", message: "'\(name)' at \(address) cannot be added: \(error.message)",
                    hint: "Its data directory must be empty, and its release the same as this node's.")
            }
        } catch {
            throw .internalError
        }
    }

    /// Stops a change that has nothing to do.
    private struct Unchanged: Error {}

    /// Changes the membership and returns once the change is committed.
    ///
    /// - Parameter change: gets the latest membership and returns the next, or nil where that is the same; called on the consensus loop.
    private func changeMembership(
        _ change: @escaping @Sendable (Membership, Consensus) throws(AdminError) -> Membership?
    ) async throws(AdminError) {
        let promise = consensus.loop.makePromise(of: Consensus.Outcome.self)
        consensus.loop.execute { [consensus] in
            do {
                try consensus.changeMembership({ membership in
                    guard let next = try change(membership, consensus) else { throw Unchanged() }
                    membership = next
                }) { promise.succeed($0) }
            } catch {
                promise.fail(error)
            }
        }
        do {
            guard try await promise.futureResult.get() == .committed else { throw AdminError.leadershipMoved }
        } catch let error as AdminError {
            throw error
        } catch let error as ProposalError {
            throw AdminError(error)
        } catch is Unchanged {
            return
        } catch {
            throw .internalError
        }
    }
}

extension AdminError {
    static let leadershipMoved = AdminError(
        .serviceUnavailable, code: "no_leader", message: "this node does not lead any more",
        hint: "Try again in a moment; look first whether the change was made.")

    /// Why the log takes no change now.
    init(_ error: ProposalError) {
        switch error {
        case .changeInProgress:
            self = AdminError(
                .conflict, code: "change_in_progress", message: "another change of the members is under way", hint: "Try again in a moment."
            )
        case .notLeader, .isTransferring: self = .leadershipMoved
        case .illegalConfiguration, .notAVoter:
            self = AdminError(
                .conflict, code: "illegal_change", message: "the members cannot be changed so: nobody would vote",
                hint: "Add another member first, and wait until it votes.")
        }
    }
}
