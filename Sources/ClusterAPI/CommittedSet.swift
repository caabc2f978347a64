import Common

/// All that a cluster has committed, so that what is not in it was not committed when it was asked for.
///
/// A node may lag, and one that was the leader may not know yet that it is not. So the leader's own set counts, read between two
/// moments: after it committed an entry of its own term, with which it has all that earlier leaders committed, and before a majority of the
/// voters knew of no later term, which a later leader would have needed.
package struct CommittedSet: Sendable {
    package typealias Get = @Sendable (_ path: String, _ endpoint: String) async throws(ClusterError) -> AdminClient.Answer

    package let gtidSet: GTIDSet
    /// Who led, in which term, and which entry it had committed last.
    package let leader: String
    package let term: UInt64
    package let index: UInt64
    /// The server that it still takes transactions from, `host:port`; nil where it has been stopped.
    package let upstream: String?

    private static let pause = Duration.milliseconds(100)

    private struct Entry: Decodable {
        var term: UInt64
    }

    /// Asks until the answers prove it.
    ///
    /// - Parameter patience: for how long to ask again where they do not.
    package static func ask(
        _ endpoints: [String], patience: Duration = .seconds(10), get: Get
    ) async throws(ClusterError) -> CommittedSet {
        let end = ContinuousClock.now + patience
        while true {
            do throws(ClusterError) { return try await askOnce(endpoints, get) } catch {
                guard error.code == .unreachable || error.code == .timedOut, ContinuousClock.now < end else { throw error }
            }
            // Cancelled: the next attempt tells.
            try? await Task.sleep(for: pause)
        }
    }

    private static func askOnce(_ endpoints: [String], _ get: Get) async throws(ClusterError) -> CommittedSet {
        let first = try await answers(endpoints, get)
        guard let known = first.max(by: { $0.status.term < $1.status.term }) else {
            throw ClusterError(
                .unreachable, "no node answers: \(endpoints.joined(separator: ", "))",
                hint: "check that kingbus-node runs, and name its --admin-listen address")
        }
        // Nodes of two clusters may have one name.
        guard first.allSatisfy({ $0.status.clusterId == known.status.clusterId }) else {
            throw ClusterError(.usage, "the nodes that were named are of different clusters")
        }
        let scheme = known.endpoint.hasPrefix("https://") ? "https://" : "http://"
        let all =
            endpoints
            + known.status.members.compactMap { member in
                member.admin.flatMap { $0.isEmpty || endpoints.contains(scheme + $0) ? nil : scheme + $0 }
            }
        let found = byName(first + (try await answers(all, get)), of: known.status.clusterId).values
        let term = found.map(\.status.term).max() ?? 0
        guard let (status, endpoint) = found.first(where: { $0.status.leader == $0.status.node && $0.status.term == term }) else {
            throw ClusterError(.unreachable, "no node that answers leads in term \(term)", hint: "name all nodes, or wait for an election")
        }
        let entry = try await get("/v1/entries/\(status.commitIndex)", endpoint).decoded(Entry.self)
        guard entry.term == term else {
            throw ClusterError(.timedOut, "\(status.node) has committed nothing in term \(term) yet")
        }
        // What is executed is read of the leader now, behind that entry.
        let leader = try await get("/v1/status", endpoint).decoded(ClusterStatus.self)
        guard leader.leader == leader.node, leader.term == term, leader.appliedIndex >= leader.commitIndex else {
            throw ClusterError(.timedOut, "\(status.node) is not done with what it has committed in term \(term)")
        }
        let voters = leader.members.filter { $0.role != "learner" }.map(\.name)
        let last = byName(try await answers(all, get), of: leader.clusterId)
        let agreeing = voters.filter { name in last[name].map { $0.status.term <= term } ?? false }
        guard 2 * agreeing.count > voters.count else {
            throw ClusterError(
                .unreachable, "\(agreeing.count) of \(voters.count) voters answer that \(leader.node) leads, no majority",
                hint: "name all nodes' --admin-listen addresses")
        }
        let upstream = leader.upstream.flatMap { upstream in
            upstream.state == "stopped"
                ? nil : upstream.host.map { HostPort(host: $0, port: upstream.port ?? MySQLURL.defaultPort).description }
        }
        do throws(CodecError) {
            return CommittedSet(
                gtidSet: try GTIDSet(parsing: leader.executedGtidSet), leader: leader.node, term: term, index: leader.commitIndex,
                upstream: upstream)
        } catch { throw ClusterError(.failure, "\(endpoint): its executed GTID set cannot be read: \(error)") }
    }

    private typealias Answer = (status: ClusterStatus, endpoint: String)

    /// What the nodes answer that do.
    private static func answers(_ endpoints: [String], _ get: Get) async throws(ClusterError) -> [Answer] {
        var answers: [Answer] = []
        for endpoint in endpoints {
            do throws(ClusterError) {
                let status = try await get("/v1/status", endpoint).decoded(ClusterStatus.self)
                answers.append((status, endpoint))
            } catch { guard error.code == .unreachable || error.code == .timedOut else { throw error } }
        }
        return answers
    }

    /// The last answer of each node of a cluster.
    private static func byName(_ answers: [Answer], of cluster: String?) -> [String: Answer] {
        Dictionary(answers.filter { $0.status.clusterId == cluster }.map { ($0.status.node, $0) }) { $1 }
    }
}

extension AdminClient {
    /// Asks the cluster for all that it has committed.
    package func committedSet() async throws(ClusterError) -> CommittedSet {
        try await CommittedSet.ask(endpoints) { path, endpoint async throws(ClusterError) in try await get(path, from: endpoint) }
    }
}
