/// Something that is to be known of a file or of its transactions and stands in no event.
struct Note {
    /// As json names it.
    enum Kind: String {
        /// A transaction has begun and never ends.
        case unfinished
        /// Transactions are missing.
        case gtidGap = "gtid_gap"
        /// A transaction is there twice.
        case gtidTwice = "gtid_twice"
        /// Events are of a type that no version known here writes.
        case unknownEvent = "unknown_event"
        /// The log ends in something that was never finished.
        case logEnd = "log_end"
        /// What a check has gone through.
        case verified

        /// Whether somebody who reads only rows should be told all the same.
        var isWarning: Bool { self != .verified }
    }

    var kind: Kind
    /// Without the end of its line.
    var text: String
    /// Of the transaction that it is about, where one alone is and has one.
    var gtid: String?

    /// As a line of a comment.
    var line: String { kind == .verified ? "# \(text)" : "# note: \(text)" }
}
