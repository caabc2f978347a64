/// A configuration and the entry that brought it.
public struct ConfigurationEntry: Hashable, Sendable {
    public var index: LogIndex
    public var configuration: Configuration

    public init(index: LogIndex, configuration: Configuration) {
        self.index = index
        self.configuration = configuration
    }
}

/// The configuration in use, and those to which a truncation could lead back.
struct ConfigurationHistory: Sendable {
    /// Ascending; at most one stands at or below the commit index.
    private var entries: [ConfigurationEntry]

    init(_ entries: [ConfigurationEntry]) {
        precondition(zip(entries, entries.dropFirst()).allSatisfy { $0.index < $1.index })
        self.entries = entries
    }

    /// A member that has not been told of any cluster has an empty configuration, and so never campaigns.
    var current: ConfigurationEntry { entries.last ?? ConfigurationEntry(index: 0, configuration: Configuration()) }

    /// Whether `member` votes in the configuration in use or in one that is not yet superseded for good.
    func hasVoter(_ member: MemberID) -> Bool { entries.contains { $0.configuration.isVoter(member) } }

    mutating func append(_ entry: ConfigurationEntry) {
        precondition(entries.isEmpty || entry.index > current.index)
        entries.append(entry)
    }

    mutating func truncate(from index: LogIndex) {
        while let last = entries.last, last.index >= index { entries.removeLast() }
    }

    mutating func committed(through index: LogIndex) {
        while entries.count > 1, entries[1].index <= index { entries.removeFirst() }
    }
}
