@testable import Raft

/// An entry with what stands for its payload.
struct StoredEntry: Hashable {
    var term: Term
    var payload: UInt64
    var configuration: Configuration?
}

/// A member's disk: what survives a crash, and the writes that have not got there.
struct SimulatedDisk {
    struct PendingWrite {
        var id: UInt64
        var hardState: HardState?
        var truncateFrom: LogIndex?
        var entries: [StoredEntry]
    }

    var hardState = HardState()
    /// The entry before the first of `entries`.
    var previous = LogPosition.origin
    var entries: [StoredEntry] = []
    var pending: [PendingWrite] = []

    var lastIndex: LogIndex { previous.index + LogIndex(entries.count) }

    func entry(at index: LogIndex) -> StoredEntry? {
        index > previous.index && index <= lastIndex ? entries[Int(index - previous.index) - 1] : nil
    }

    func term(at index: LogIndex) -> Term? { index == previous.index ? previous.term : entry(at: index)?.term }

    /// Carries out the oldest pending write and returns its id.
    mutating func completeNext() -> UInt64? {
        guard !pending.isEmpty else { return nil }
        let write = pending.removeFirst()
        if let state = write.hardState { hardState = state }
        if let cut = write.truncateFrom { entries.removeLast(Int(lastIndex + 1 - cut)) }
        entries += write.entries
        return write.id
    }

    func recovered() -> Raft.Recovered {
        var log = TermRuns(previous: previous)
        var configurations: [ConfigurationEntry] = []
        for (offset, entry) in entries.enumerated() {
            log.append(term: entry.term, count: 1)
            if let configuration = entry.configuration {
                configurations.append(ConfigurationEntry(index: previous.index + 1 + LogIndex(offset), configuration: configuration))
            }
        }
        return Raft.Recovered(hardState: hardState, log: log, commitIndex: previous.index, configurations: configurations)
    }
}
