/// What a log entry holds.
public enum EntryKind: UInt8, Hashable, Sendable, CaseIterable {
    /// Begins a segment file and carries the whole ``LogState`` up to the entry before it.
    case segment = 1
    /// What a new leader commits to learn the commit index of earlier terms; no payload.
    case noop = 2
    /// The members of the cluster, whole.
    case membership = 3
    /// The cluster-wide settings, users, consumers and upstream, whole.
    case settings = 4
    /// The first segment that is kept from here on.
    case purge = 5
    /// Events of the upstream, verbatim.
    case events = 6
    /// Ends a run of chunks whose transaction was never completed.
    case abort = 7

    /// Whether the payload stands behind the header's event as binlog events of its own; otherwise it stands inside that event.
    @inlinable public var hasEventPayload: Bool { self == .events || self == .abort }
}

/// Where an entry of kind ``EntryKind/events`` stands in a transaction.
public enum Chunk: UInt8, Hashable, Sendable {
    /// Whole transactions and events between transactions only.
    case whole = 0
    /// The first chunk of a transaction that is too large for one entry.
    case begin = 1
    /// A further chunk, neither the first nor the last.
    case middle = 2
    /// The last chunk: with it committed, the transaction is visible.
    case end = 3
}
