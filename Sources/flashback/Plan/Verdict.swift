/// Whether what is wanted can be undone, and what stands in the way.
struct Verdict: Sendable {
    /// Why a transaction cannot be undone.
    struct Blocker: Sendable, Hashable {
        /// Nil for a transaction without one.
        var gtid: String?
        var file: String
        /// Where the event begins that cannot be undone.
        var position: UInt64
        var reason: String
        /// Whether a schema would help.
        var needsSchema = false
    }

    /// Blockers that are kept; of more, only how many there are is known.
    static let maxBlockers = 10_000

    private(set) var blockers: [Blocker] = []
    private(set) var blockerCount: UInt64 = 0
    private var irreversibleCount: UInt64 = 0
    private(set) var warnings: [String] = []
    /// Transactions with rows that are wanted.
    var transactionCount: UInt64 = 0
    var rowEventCount: UInt64 = 0

    enum Outcome: String {
        case reversible
        case irreversible = "not reversible"
        case undecidable
    }

    var outcome: Outcome { blockerCount == 0 ? .reversible : irreversibleCount > 0 ? .irreversible : .undecidable }

    mutating func add(_ blocker: Blocker) {
        blockerCount += 1
        if !blocker.needsSchema { irreversibleCount += 1 }
        if blockers.count < Self.maxBlockers { blockers.append(blocker) }
    }

    /// What was found at some time.
    struct Mark: Sendable {
        fileprivate var kept = 0
        fileprivate var blockerCount: UInt64 = 0
        fileprivate var irreversibleCount: UInt64 = 0
        fileprivate var transactionCount: UInt64 = 0
        fileprivate var rowEventCount: UInt64 = 0
    }

    var mark: Mark {
        Mark(
            kept: blockers.count, blockerCount: blockerCount, irreversibleCount: irreversibleCount, transactionCount: transactionCount,
            rowEventCount: rowEventCount)
    }

    /// Forgets what has been found since.
    mutating func cut(to mark: Mark) {
        blockers.removeLast(blockers.count - mark.kept)
        blockerCount = mark.blockerCount
        irreversibleCount = mark.irreversibleCount
        transactionCount = mark.transactionCount
        rowEventCount = mark.rowEventCount
    }

    mutating func warn(_ text: String) {
        if !warnings.contains(text) { warnings.append(text) }
    }
}
