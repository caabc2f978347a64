import Common
import Raft

/// What tells an entry: equal marks at an index mean equal logs up to there.
struct Mark: Hashable {
    var term: UInt64
    var chain: Chain
}

/// What the simulation knows of one incarnation's disk, without asking it.
final class MemberRecord {
    let name: String
    /// The entries that the disk has made durable; `durable[0]` is entry 1.
    var durable: [Mark] = []
    /// Term and vote that the disk has made durable.
    var term: UInt64 = 0
    var vote: UInt64 = 0
    /// The data directory was emptied.
    var isWiped = false

    init(name: String) { self.name = name }

    func holds(_ mark: Mark, at index: UInt64) -> Bool { index <= UInt64(durable.count) && durable[Int(index) - 1] == mark }
}
