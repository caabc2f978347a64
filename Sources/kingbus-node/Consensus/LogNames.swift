import Log

/// Entries of the log on disk; the core's own, of which it knows term and size only, are `Entry` where `Raft` is imported.
typealias LogEntry = Entry
/// Term and vote as the disk keeps them.
typealias StoredHardState = HardState
