import Common

/// What the log is asked to write: in this order, the hard state, a cut, and entries.
public struct LogWrite: Sendable {
    /// A new term or vote, durable before this write is completed and before its entries are. `durable` is not asked, and `commit` only
    /// where it is higher than what the log has been told.
    public var hardState: HardState?
    /// Entries above this index are cut off. It is at or above the commit index.
    public var truncateAfter: UInt64?
    /// Entries that follow each other and the log's last one. A segment entry begins a new file.
    public var entries: [Entry]

    public init(hardState: HardState? = nil, truncateAfter: UInt64? = nil, entries: [Entry] = []) {
        self.hardState = hardState
        self.truncateAfter = truncateAfter
        self.entries = entries
    }

    /// Bytes of payload, by which a queue of writes is bounded.
    public var byteCount: UInt64 { entries.reduce(0) { $0 + $1.payload.byteCount } }
}

/// A write that is durable, and all before it.
public struct LogCompletion: Hashable, Sendable {
    /// Index of the log's last entry behind this write.
    public var lastIndex: UInt64
    /// Term of the last entry of this write; 0 if it had none.
    public var lastTerm: UInt64
    /// The hard state that came with this write.
    public var hardState: HardState?

    public init(lastIndex: UInt64, lastTerm: UInt64, hardState: HardState? = nil) {
        self.lastIndex = lastIndex
        self.lastTerm = lastTerm
        self.hardState = hardState
    }
}
