/// How long new events took to be committed by another node, each time that the leader was lost.
struct LeaderChanges: CustomStringConvertible {
    private(set) var waits: [Duration] = []
    /// What the nodes had written when the worst one was over.
    private(set) var worstEnds = ""

    var worst: Duration { waits.max() ?? .zero }
    var median: Duration { waits.isEmpty ? .zero : waits.sorted()[waits.count / 2] }

    var description: String {
        "another node had committed new events after \(median.milliseconds) ms (median of \(waits.count)), \(worst.milliseconds) ms (worst)"
    }

    /// Takes the leader away, and measures until another node has committed a row that was written behind that.
    ///
    /// - Parameter fault: takes the node with this place from the others. The time counts from its beginning.
    /// - Returns: the lost leader's place, and the watches on the others, which go on.
    mutating func measure(
        in cluster: NamespaceCluster, _ rows: NetworkRows, _ fault: (Int) async throws -> Void
    ) async throws -> (lost: Int, watches: [StatusWatch]) {
        let lost = try cluster.leader()
        let watches = cluster.nodes.indices.filter { $0 != lost }.map { StatusWatch(cluster.nodes[$0]) }
        try await eventually("the others to be watched") { watches.allSatisfy { !$0.sightings.isEmpty } }
        let began = WallTime.now
        try await fault(lost)
        let transaction = try await rows.first(since: .now)
        do {
            try await eventually("another node to commit transaction \(transaction)") {
                watches.contains { $0.time(of: transaction) != nil }
            }
        } catch {
            throw CommandFailed(description: "\(error)\n\(cluster.ends)")
        }
        guard let seen = watches.compactMap({ $0.time(of: transaction) }).min() else { preconditionFailure("it was seen") }
        waits.append(seen - began)
        if waits.last == worst { worstEnds = cluster.ends }
        return (lost, watches)
    }
}

extension Duration {
    var milliseconds: Int { Int(self / .milliseconds(1)) }
}
