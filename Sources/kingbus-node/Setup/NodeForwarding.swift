import Common
import HTTPTypes
import NIOCore
import Raft

/// Changes that another node than the leader takes.
extension Node {
    /// Below what kingbus-ctl waits for an answer.
    private static let forwardTimeout = TimeAmount.seconds(6)
    /// An election takes less, and a node that was busy hears of the leader again sooner.
    private static let leaderTimeout = Duration.seconds(3)
    private static let leaderPollInterval = Duration.milliseconds(20)

    /// Gives a change to the leader.
    ///
    /// - Returns: what it answered; nil where this node leads.
    /// - Throws: 503 where there is no leader, 504 where it does not answer in time, 413 where the change is too large for the way.
    func forward(_ change: ForwardedChange) async throws(AdminError) -> AdminAnswer? {
        let role = await roleWithLeader()
        if role.isLeader { return nil }
        guard let leader = role.leader else {
            throw AdminError(
                .serviceUnavailable, code: "no_leader", message: "there is no leader that could make the change",
                hint: "Try again in a moment; GET /v1/status says which nodes are reachable.")
        }
        let members = committed.snapshot.state.membership
        let name = role.leaderName.map { "the leader '\($0)'" } ?? "the leader"
        do {
            return try ForwardedAnswer.decode(try await peers.request(change.encoded(), of: leader, timeout: Self.forwardTimeout))
        } catch let error as PeerError where error.code == .timeout {
            throw AdminError(
                .gatewayTimeout, code: "leader_timeout", message: "\(name) has not answered in time",
                hint: "The change may still be made: look before it is repeated.")
        } catch let error as PeerError where error.code == .overload {
            throw AdminError(
                .contentTooLarge, code: "body_too_large",
                message: "the change is too large to be given to \(name): \(error.message)", hint: "Send it to the leader.")
        } catch {
            // A leader that takes itself out may be gone before its answer is here.
            if let answer = await answerToRemoval(change, from: members) { return try answer.get() }
            throw AdminError(
                .serviceUnavailable, code: "leader_unreachable", message: "\(name) cannot be asked: \(error)",
                hint: "Look whether the change was made, and try again in a moment: another leader is elected by itself.")
        }
    }

    /// What the leader would have answered, if the change took out a member that is gone by now.
    private func answerToRemoval(_ change: ForwardedChange, from before: Membership) async -> Result<AdminAnswer, AdminError>? {
        guard change.method == .delete, let name = AdminPath("/v1/members/{name}").parameters(in: change.path)?["name"],
            before.members.contains(where: { $0.name == name })
        else { return nil }
        let clock = ContinuousClock()
        let deadline = clock.now + Self.leaderTimeout
        while committed.snapshot.state.membership.members.contains(where: { $0.name == name }) {
            guard clock.now < deadline, !Task.isCancelled else { return nil }
            try? await Task.sleep(for: Self.leaderPollInterval)
        }
        let answer = MembersAnswer(members: clusterView().members)
        do throws(AdminError) { return .success(try .json(answer)) } catch { return .failure(error) }
    }

    /// What this node is once a leader is there to be asked, or when it has waited long enough for one.
    private func roleWithLeader() async -> Consensus.Role {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.leaderTimeout
        while true {
            let role = consensus.currentRole
            // One that has just died is still the leader until another is elected.
            let isReachable = role.leader.map(peers.reachable.contains) ?? false
            guard !role.isLeader, !isReachable, clock.now < deadline, !Task.isCancelled else { return role }
            try? await Task.sleep(for: Self.leaderPollInterval)
        }
    }

    /// Carries out what another node gives to this one as the leader.
    func perform(_ request: [UInt8]) async -> [UInt8] {
        let answer: AdminAnswer
        do throws(CodecError) {
            answer = await AdminRouter.perform(try ForwardedChange(decoding: request), backend: adminBackend)
        } catch {
            answer = .error(
                .badRequest("a node's request cannot be read: \(error.reason)", hint: "run the same release of kingbus-node on all members")
            )
        }
        return ForwardedAnswer.encode(answer)
    }
}
