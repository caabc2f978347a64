/// The writes that are not yet durable, and the messages that must not leave before them.
///
/// Messages are held here, not handed out with a warning: the caller cannot send one early because it does not have it.
struct WritePipeline: Sendable {
    private struct InFlight: Sendable {
        let id: UInt64
        let truncateFrom: LogIndex?
        let lastIndex: LogIndex?
        let byteCount: Int
        let issuedTick: Int
        var messages: [Message]
    }

    /// The log is durable up to here, and nothing in flight will take that back.
    private(set) var durableIndex: LogIndex
    /// The last entry that was handed to the disk.
    private var handedIndex: LogIndex
    private var handedHardState: HardState
    /// Entries on the disk, or on their way, that no longer belong to the log and that no write has cut off yet.
    private var truncation: LogIndex?
    private var inFlight: [InFlight] = []
    /// Messages that wait for whatever the next write holds.
    private var held: [Message] = []
    private var lastID: UInt64 = 0
    /// Ticks since the start.
    private var ticks = 0
    /// When the oldest write in flight became the oldest.
    private var oldestSince = 0

    init(durableIndex: LogIndex, hardState: HardState) {
        self.durableIndex = durableIndex
        handedIndex = durableIndex
        handedHardState = hardState
    }

    /// Keeps `message` until everything decided so far is durable.
    mutating func hold(_ message: Message) {
        // Of two acknowledgements that one write releases the higher says it all.
        if case .appendAccepted(let index) = message.body, let last = held.last, case .appendAccepted(let earlier) = last.body,
            last.to == message.to, last.term == message.term
        {
            guard index > earlier else { return }
            held.removeLast()
        }
        held.append(message)
    }

    /// The log was cut off from `index` on.
    mutating func truncate(from index: LogIndex) {
        durableIndex = min(durableIndex, index - 1)
        guard index <= handedIndex else { return }
        truncation = min(truncation ?? index, index)
        handedIndex = index - 1
    }

    /// The next write, if the disk lacks anything.
    mutating func issue(hardState: HardState, log: TermRuns, sizes: EntrySizes, noOpIndex: LogIndex?) -> Write? {
        let firstIndex = handedIndex + 1
        guard hardState != handedHardState || firstIndex <= log.lastIndex || truncation != nil else { return nil }
        var entries: [Entry] = []
        if firstIndex <= log.lastIndex {
            entries.reserveCapacity(Int(log.lastIndex - handedIndex))
            for index in firstIndex...log.lastIndex {
                guard let term = log.term(at: index) else { preconditionFailure("an entry was purged before it was written") }
                entries.append(Entry(term: term, byteCount: sizes[index]))
            }
        }
        lastID += 1
        let write = Write(
            id: lastID, hardState: hardState == handedHardState ? nil : hardState, truncateFrom: truncation, firstIndex: firstIndex,
            entries: entries, noOpIndex: noOpIndex.flatMap { $0 >= firstIndex && $0 <= log.lastIndex ? $0 : nil })
        if inFlight.isEmpty { oldestSince = ticks }
        inFlight.append(
            InFlight(
                id: lastID, truncateFrom: truncation, lastIndex: write.lastIndex, byteCount: entries.reduce(0) { $0 + $1.byteCount },
                issuedTick: ticks, messages: held))
        held.removeAll()
        handedIndex = log.lastIndex
        handedHardState = hardState
        truncation = nil
        return write
    }

    /// Attaches what is held to the last write in flight; with none in flight all it waited for is durable, and it is returned.
    mutating func releaseUnattached() -> [Message] {
        guard !held.isEmpty else { return [] }
        defer { held.removeAll() }
        guard !inFlight.isEmpty else { return held }
        inFlight[inFlight.count - 1].messages += held
        return []
    }

    /// Every write up to `id` is durable; returns the messages that waited for them.
    mutating func complete(through id: UInt64) -> [Message] {
        precondition(id <= lastID, "the disk reports a write that was never handed out")
        var messages: [Message] = []
        while let write = inFlight.first, write.id <= id {
            inFlight.removeFirst()
            oldestSince = ticks
            messages += write.messages
            if let lastIndex = write.lastIndex { durableIndex = max(durableIndex, survivingIndex(upTo: lastIndex)) }
        }
        return messages
    }

    mutating func tick() { ticks += 1 }

    /// Ticks for which the oldest write in flight has been the oldest: so long has the disk been at it. 0 with none.
    var waitingTicks: Int { inFlight.isEmpty ? 0 : ticks - oldestSince }

    /// Ticks since the write with the entry at `index` was handed out; nil where that is durable, or not handed out.
    func age(of index: LogIndex) -> Int? {
        guard index > durableIndex else { return nil }
        return inFlight.first { $0.lastIndex.map { $0 >= index } ?? false }.map { ticks - $0.issuedTick }
    }

    /// Whether the disk has been at one write for so long that it does no good any more.
    ///
    /// - Parameters:
    ///   - ticks: how long a small write may take.
    ///   - bytesPerRound: where more than this is in flight it may take as much longer: it is not the disk that stands still then. All of it
    ///     counts, as the disk may have taken a small write and a large one behind it together, and completes both at once.
    func isStalled(after ticks: Int, bytesPerRound: Int) -> Bool {
        guard !inFlight.isEmpty else { return false }
        return waitingTicks / ticks > inFlight.reduce(0) { $0 + $1.byteCount } / bytesPerRound
    }

    /// How much of a durable log up to `index` no later write takes away.
    ///
    /// Comparing (index, term) with the log would not do: an entry can be written, replaced, and come back while the write that replaces
    /// it is still under way. The old completion then names an entry that is in the log and yet about to be overwritten on the disk.
    private func survivingIndex(upTo index: LogIndex) -> LogIndex {
        var index = index
        for later in inFlight { if let cut = later.truncateFrom { index = min(index, cut - 1) } }
        if let truncation { index = min(index, truncation - 1) }
        return index
    }
}
