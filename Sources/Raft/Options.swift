/// Timing in ticks and limits in bytes; how long a tick is, the caller decides.
public struct Options: Hashable, Sendable {
    /// A follower that hears nothing for this long, plus a random part of up to the same length, campaigns;
    /// a leader that hears no quorum for this long steps down.
    public var electionTimeoutTicks = 10
    /// A leader's heartbeats are this far apart. Smaller than `electionTimeoutTicks`.
    public var heartbeatTicks = 1
    /// Entries of one append message stop before they exceed this; a larger entry travels alone.
    public var maxAppendBytes = 1 << 20
    /// Entries of one append message, whatever their size.
    public var maxAppendEntries = 1024
    /// A peer that has this many append messages unanswered is sent no more.
    public var maxInflightMessages = 256
    /// A peer that has this many bytes unanswered is sent no more.
    public var maxInflightBytes = 16 << 20
    /// The encoded size of the entry with which a leader begins its term.
    public var noOpBytes = 256
    /// Entries at the end of the log whose exact size is remembered.
    public var sizeWindowEntries = 1 << 16
    /// What an entry before that window is taken to weigh.
    public var assumedEntryBytes = 64 << 10

    public init() {}
}
