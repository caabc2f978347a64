/// Reads that wait until a quorum has confirmed that this leader still leads.
///
/// A leader that was paused or cut off may have been replaced; what it thinks committed may be old. Reads that come together share one
/// round of heartbeats.
struct ReadQueue: Sendable {
    struct Request: Hashable, Sendable {
        var id: ReadID
        var from: MemberID
    }

    private struct Confirming: Sendable {
        var request: Request
        var index: LogIndex
        var round: UInt64
    }

    var nextID: UInt64 = 0
    /// The last round of heartbeats begun in this term.
    private(set) var round: UInt64 = 0
    private var waiting: [Request] = []
    private var confirming: [Confirming] = []

    var hasWaiting: Bool { !waiting.isEmpty }
    var hasConfirming: Bool { !confirming.isEmpty }

    mutating func makeID() -> ReadID {
        nextID &+= 1
        return ReadID(rawValue: nextID)
    }

    mutating func add(_ id: ReadID, from member: MemberID) {
        waiting.append(Request(id: id, from: member))
    }

    /// Everything that waits is answered with `index` once the new round is confirmed.
    mutating func beginRound(at index: LogIndex) {
        round += 1
        for request in waiting { confirming.append(Confirming(request: request, index: index, round: round)) }
        waiting.removeAll()
    }

    mutating func takeConfirmed(round confirmed: UInt64) -> [(request: Request, index: LogIndex)] {
        let count = confirming.prefix { $0.round <= confirmed }.count
        defer { confirming.removeFirst(count) }
        return confirming.prefix(count).map { ($0.request, $0.index) }
    }

    mutating func restart() {
        round = 0
        waiting.removeAll()
        confirming.removeAll()
    }

    mutating func removeAll() -> [Request] {
        defer { restart() }
        return waiting + confirming.map(\.request)
    }
}
