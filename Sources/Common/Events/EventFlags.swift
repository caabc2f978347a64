/// The flags in an event's header.
///
/// Source: the `LOG_EVENT_…_F` constants in MySQL's `log_event.h` and `binlog_event.h`, and in MariaDB's `log_event.h`.
public struct EventFlags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt16

    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// On a FORMAT_DESCRIPTION event: the file was not closed. Set and cleared in place, and left out of the checksum.
    public static let binlogInUse = EventFlags(rawValue: 0x01)
    /// The event depends on its thread (temporary tables).
    public static let threadSpecific = EventFlags(rawValue: 0x04)
    /// The statement does not need its database selected.
    public static let suppressUse = EventFlags(rawValue: 0x08)
    /// The server made the event for the connection; it is in no file.
    public static let artificial = EventFlags(rawValue: 0x20)
    /// A replica wrote the event into its relay log.
    public static let relayLog = EventFlags(rawValue: 0x40)
    /// Whoever does not know the event's type may skip it.
    public static let ignorable = EventFlags(rawValue: 0x80)
    /// The event is not to be filtered out.
    public static let noFilter = EventFlags(rawValue: 0x100)
    /// The transaction must be applied alone.
    public static let mtsIsolate = EventFlags(rawValue: 0x200)
    /// MariaDB: the session asked that replicas leave the event out (skip_replication).
    public static let skipReplication = EventFlags(rawValue: 0x8000)
}
