/// Where an entry stands and who wrote it. Two logs that hold the same position are equal up to it.
public struct LogPosition: Hashable, Sendable {
    public var index: LogIndex
    public var term: Term

    public init(index: LogIndex, term: Term) {
        self.index = index
        self.term = term
    }

    /// Before the first entry of a new log.
    public static let origin = LogPosition(index: 0, term: 0)

    /// Whether a log that ends here may lead voters whose log ends at `other` (Raft's rule: the later term wins, then the longer log).
    public func isAtLeastAsUpToDate(as other: LogPosition) -> Bool {
        term != other.term ? term > other.term : index >= other.index
    }
}

extension LogPosition: CustomStringConvertible {
    public var description: String { "\(term)/\(index)" }
}

/// All that the core knows of an entry; its index follows from its place, its payload lives outside.
public struct Entry: Hashable, Sendable {
    public var term: Term
    /// The encoded size, for limits on messages and on what is in flight.
    public var byteCount: Int

    public init(term: Term, byteCount: Int) {
        self.term = term
        self.byteCount = byteCount
    }
}
