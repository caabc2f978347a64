import Foundation
import Synchronization

/// Asks a node for its status every 5 ms, on a thread of its own, and remembers when what changed.
final class StatusWatch: Sendable {
    struct Sighting {
        var time: WallTime
        var transactions: UInt64
        var term: UInt64
        var leader: String?
    }

    private let recorded = Mutex<[Sighting]>([])
    private let stops = Atomic(false)

    init(_ node: NamespaceNode) {
        Thread.detachNewThread { [weak self] in
            let client = node.client()
            while let self, !self.stops.load(ordering: .relaxed) {
                if let report = try? NamespaceNode.Report(client.get("/v1/status").body) { self.record(report) }
                usleep(5000)
            }
        }
    }

    deinit { stop() }

    func stop() { stops.store(true, ordering: .relaxed) }

    /// Oldest first; each differs from the one before it.
    var sightings: [Sighting] { recorded.withLock { $0 } }

    /// When this transaction was first seen here.
    func time(of transaction: UInt64) -> WallTime? { recorded.withLock { $0.first { $0.transactions >= transaction }?.time } }

    /// Who led, one after the other.
    var leaders: [String] {
        sightings.compactMap(\.leader).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    private func record(_ report: NamespaceNode.Report) {
        recorded.withLock { sightings in
            if let last = sightings.last, last.transactions == report.transactions, last.term == report.term, last.leader == report.leader {
                return
            }
            sightings.append(
                Sighting(time: .now, transactions: report.transactions, term: report.term, leader: report.leader))
        }
    }
}
