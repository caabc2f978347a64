import Common
import Log
import NIOCore

/// The end of the log that is appended and not applied: its entries, and who waits for the proposals among them.
struct UnappliedTail {
    typealias Completion = @Sendable (Consensus.Outcome) -> Void

    private struct Item {
        var entry: LogEntry
        var completion: Completion?
    }

    private var items: CircularBuffer<Item> = []
    /// Index of the first entry here, or of the next one if there is none.
    private(set) var firstIndex: UInt64

    init(firstIndex: UInt64) { self.firstIndex = firstIndex }

    var nextIndex: UInt64 { firstIndex + UInt64(items.count) }

    /// The entry at `index`, or nil where it is not here.
    subscript(index: UInt64) -> LogEntry? {
        guard index >= firstIndex, index < nextIndex else { return nil }
        return items[offset: Int(index - firstIndex)].entry
    }

    var first: LogEntry? { items.first?.entry }

    mutating func append(_ entry: LogEntry, completion: Completion?) {
        precondition(entry.header.index == nextIndex, "an entry does not follow the tail")
        items.append(Item(entry: entry, completion: completion))
    }

    /// Takes out the first entry, which is applied, and returns who waited for it.
    mutating func removeFirst() -> Completion? {
        firstIndex += 1
        return items.removeFirst().completion
    }

    /// Returns all who wait, who are not told again; the entries stay.
    mutating func takeCompletions() -> [Completion] {
        items.indices.compactMap { index in
            defer { items[index].completion = nil }
            return items[index].completion
        }
    }

    /// Cuts off what stands above `index`, and returns who waited for it.
    mutating func truncate(after index: UInt64) -> [Completion] {
        var cut: [Completion] = []
        while nextIndex > index + 1, let last = items.popLast() { if let completion = last.completion { cut.append(completion) } }
        if items.isEmpty { firstIndex = min(firstIndex, index + 1) }
        return cut
    }
}
