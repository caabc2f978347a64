/// The sizes of the entries at the end of the log, where nearly all sending happens; bounded, however long the log is.
struct EntrySizes: Sendable {
    private var sizes: [UInt32] = []
    /// The index that `sizes[0]` belongs to.
    private var base: LogIndex
    private let window: Int
    private let assumed: Int

    init(after lastIndex: LogIndex, window: Int, assumed: Int) {
        base = lastIndex + 1
        self.window = max(window, 1)
        self.assumed = assumed
    }

    subscript(index: LogIndex) -> Int {
        guard index >= base, index - base < LogIndex(sizes.count) else { return assumed }
        return Int(sizes[Int(index - base)])
    }

    mutating func append(_ byteCount: Int) {
        // Dropping half at a time keeps the cost of an append constant.
        if sizes.count >= 2 * window {
            sizes.removeFirst(window)
            base += LogIndex(window)
        }
        sizes.append(UInt32(clamping: byteCount))
    }

    mutating func truncate(from index: LogIndex) {
        guard index >= base else {
            sizes.removeAll(keepingCapacity: true)
            base = index
            return
        }
        let kept = Int(clamping: index - base)
        if kept < sizes.count { sizes.removeLast(sizes.count - kept) }
    }
}
