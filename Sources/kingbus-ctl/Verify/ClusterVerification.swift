import ClusterAPI

/// Asks every member of a cluster for its log's chain, and compares.
struct ClusterVerification {
    typealias Get = @Sendable (_ path: String, _ endpoint: String) async throws(CtlError) -> AdminClient.Answer

    /// Where to ask first, and where to look for members that do not answer at the address that the cluster knows.
    let endpoints: [String]
    let get: Get

    private struct Candidate {
        var node: Agreement.Node
        var endpoint: String?
    }

    func run() async throws(CtlError) -> Agreement {
        let (status, first) = try await anyStatus()
        let scheme = first.hasPrefix("https://") ? "https://" : "http://"
        var candidates: [Candidate] = []
        for member in status.members { candidates.append(await find(member, of: status, scheme: scheme)) }
        let found = candidates.filter { $0.endpoint != nil }
        guard let lowest = found.min(by: { ($0.node.appliedIndex ?? 0) < ($1.node.appliedIndex ?? 0) }),
            let index = lowest.node.appliedIndex
        else {
            throw CtlError(
                .unreachable, "no member answers: \(candidates.compactMap(\.node.problem).joined(separator: ", "))",
                hint: "name the nodes' --admin-listen addresses with --admin")
        }
        for position in candidates.indices {
            guard let endpoint = candidates[position].endpoint else { continue }
            do throws(CtlError) { candidates[position].node.chain = try await chain(at: index, endpoint) } catch {
                candidates[position].node.problem = error.message
                candidates[position].endpoint = nil
            }
        }
        var agreement = Agreement(
            nodes: candidates.map(\.node), index: index, gtidSet: lowest.node.executedGtidSet ?? "", difference: nil)
        guard agreement.groups.count > 1 else {
            guard !agreement.compared.isEmpty else {
                throw CtlError(.failure, "no member can be compared: \(candidates.compactMap(\.node.problem).joined(separator: ", "))")
            }
            return agreement
        }
        let comparable = candidates.compactMap(\.endpoint)
        let difference = try await FirstDifference(below: index) { index throws(CtlError) in try await look(at: index, comparable) }
        agreement.difference = Agreement.Difference(index: difference.index, isFirst: difference.isExact)
        return agreement
    }

    /// The cluster as the first node that answers sees it.
    private func anyStatus() async throws(CtlError) -> (ClusterStatus, String) {
        var failures: [String] = []
        for endpoint in endpoints {
            do throws(CtlError) { return (try await get("/v1/status", endpoint).decoded(ClusterStatus.self), endpoint) } catch {
                guard error.code == .unreachable else { throw error }
                failures.append(error.message)
            }
        }
        throw CtlError(
            .unreachable, "no node answers: \(failures.joined(separator: ", "))",
            hint: "check that kingbus-node runs, and name its --admin-listen address with --admin")
    }

    /// Where a member answers, and how far it is.
    private func find(_ member: ClusterStatus.Member, of cluster: ClusterStatus, scheme: String) async -> Candidate {
        let known = member.admin.flatMap { $0.isEmpty ? nil : scheme + $0 }
        var node = Agreement.Node(name: member.name, admin: known)
        for endpoint in (known.map { [$0] } ?? []) + endpoints.filter({ $0 != known }) {
            do throws(CtlError) {
                let status = try await get("/v1/status", endpoint).decoded(ClusterStatus.self)
                guard status.node == member.name, status.clusterId == cluster.clusterId else {
                    // An address of --admin is mostly another member's.
                    if endpoint == known { node.problem = "'\(status.node)' answers at \(endpoint)" }
                    continue
                }
                node.admin = endpoint
                node.appliedIndex = status.appliedIndex
                node.executedGtidSet = status.executedGtidSet
                guard status.appliedIndex > 0 else {
                    node.problem = "it has applied nothing yet"
                    return Candidate(node: node, endpoint: nil)
                }
                node.problem = nil
                return Candidate(node: node, endpoint: endpoint)
            } catch {
                if endpoint == known { node.problem = error.message }
            }
        }
        node.problem = node.problem ?? "no admin address is known"
        return Candidate(node: node, endpoint: nil)
    }

    private func chain(at index: UInt64, _ endpoint: String) async throws(CtlError) -> String {
        try await get("/v1/entries/\(index)", endpoint).decoded(LogEntry.self).chain
    }

    private func look(at index: UInt64, _ endpoints: [String]) async throws(CtlError) -> FirstDifference.Look {
        var first: String?
        for endpoint in endpoints {
            let chain: String
            do throws(CtlError) { chain = try await self.chain(at: index, endpoint) } catch {
                // Purged: what stood there cannot be told any more.
                guard error.code == .failure else { throw error }
                return .unknown
            }
            if let first, first != chain { return .different }
            first = chain
        }
        return .equal
    }
}
