import Raft

/// A message of the core on its way out.
struct OutgoingMessage: Sendable {
    /// `message.to` says whom.
    var message: Message
    /// Entry k of an append where it is still in memory; nil where it is to be read from the log's segments. Empty for other messages.
    var entries: [LogEntry?]

    init(message: Message, entries: [LogEntry?] = []) {
        self.message = message
        self.entries = entries
    }
}

/// A message that came in whole.
///
/// Of an append, headers and payload checksums of all entries are verified, their indexes follow `previous`, and each chain that of the
/// entry before. `byteCount` of an entry is its payload and ``EntryHeader/fixedByteCount``; configurations are left to the consensus side
/// to decode.
struct IncomingMessage: Sendable {
    var message: Message
    /// The entries of an append, in its order; empty for other messages.
    var entries: [LogEntry]

    init(message: Message, entries: [LogEntry] = []) {
        self.message = message
        self.entries = entries
    }
}
