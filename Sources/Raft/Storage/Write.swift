/// One thing for the disk to make durable. Writes are carried out in the order in which they were handed out; several may be in flight.
///
/// Order inside one write: hard state, truncation, entries. A write that ends in an error must end the process: after a failed fsync a
/// retry can report success for bytes that are gone.
public struct Write: Hashable, Sendable {
    /// Rises by one with each write.
    public var id: UInt64
    public var hardState: HardState?
    /// The disk's entries from here on are replaced; they are cut off before `entries` are written.
    public var truncateFrom: LogIndex?
    /// The index of the first of `entries`.
    public var firstIndex: LogIndex
    public var entries: [Entry]
    /// The one of `entries` that the core itself added as a leader's first; the caller encodes it as a no-op.
    public var noOpIndex: LogIndex?

    public var lastIndex: LogIndex? { entries.isEmpty ? nil : firstIndex + LogIndex(entries.count) - 1 }
}
