import Common

/// What the rows of an input tell that is to be undone, gathered from its end.
final class Findings {
    /// Where the event stands that is being examined.
    var place: EventPlace?
    /// Tables of which rows are kept that `--where` does not ask for.
    var keptTables: Set<String> = []

    private var blockers: [Verdict.Blocker] = []
    private var untoldCount = 0
    /// The first blocker whose transaction has no name yet.
    private var firstUnnamed = 0
    private var warnings: [String] = []
    private var transactionCount: UInt64 = 0
    private var eventCount: UInt64 = 0
    private var hasEvents = false

    func block(_ obstacle: Obstacle) {
        guard blockers.count < Verdict.maxBlockers else { return untoldCount += 1 }
        blockers.append(
            Verdict.Blocker(
                file: place?.input.path ?? "", position: place?.offset ?? 0, reason: obstacle.reason, needsSchema: obstacle.needsSchema))
    }

    func warn(_ text: String) { if !warnings.contains(text) { warnings.append(text) } }

    func noteEvent() {
        eventCount += 1
        hasEvents = true
    }

    func endTransaction() {
        if hasEvents { transactionCount += 1 }
        hasEvents = false
    }

    var hasUnnamed: Bool { firstUnnamed < blockers.count }

    /// Gives the transaction's name to what was found in it.
    func name(_ gtid: String?) {
        for index in firstUnnamed..<blockers.count { blockers[index].gtid = gtid }
        firstUnnamed = blockers.count
    }

    /// Adds to a verdict what was found.
    ///
    /// - Parameter hasConditions: Whether only some rows are to be undone, so that they were counted here alone.
    func tell(_ verdict: inout Verdict, hasConditions: Bool) {
        for blocker in blockers.reversed() { verdict.add(blocker) }
        if untoldCount > 0 {
            verdict.add(
                Verdict.Blocker(
                    file: place?.input.path ?? "", position: place?.offset ?? 0, reason: "\(untoldCount) rows of the kinds above"))
        }
        for warning in warnings { verdict.warn(warning) }
        guard hasConditions else { return }
        verdict.transactionCount = transactionCount
        verdict.rowEventCount = eventCount
        if eventCount == 0 { verdict.warn("no row is like --where") }
        if eventCount > 0, !keptTables.isEmpty {
            verdict.warn(
                "a subset of the changes is undone: rows of \(keptTables.sorted().joined(separator: ", ")) are kept that --where does not "
                    + "ask for")
        }
    }
}
