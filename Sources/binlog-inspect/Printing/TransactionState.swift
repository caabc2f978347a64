import BinlogInput
import Common

/// What the printed lines of a transaction's events have in common.
struct TransactionState: ~Copyable {
    /// `uuid:number`, or MariaDB's `domain-server-sequence`; empty where it has none.
    var gtid: [UInt8] = []
    /// When it was committed where it was first written, in microseconds since 1970; nil where only its events' own seconds are known.
    var commitTime: UInt64?
    /// Whether an event of its own says that it begins, and its BEGIN has not come yet.
    var isAnnounced = false
    /// The connection that wrote it, where something tells that.
    var threadID: UInt64?
    /// The statement behind the row events that follow; empty where the server does not write it.
    var query: [UInt8] = []
    var counts = Counts()
    /// The comment line that introduces it, until it is printed.
    var heading = ByteSink(capacity: 256)
    /// The statement that begins it in SQL, until it is printed; empty for one that is a statement by itself.
    var opening: [UInt8] = []
    /// The XID of an XA transaction, as statements have it; empty for others.
    var xid: [UInt8] = []
    /// Whether its XA END was printed.
    var hasXAEnded = false

    /// Makes it one that has just begun.
    mutating func begin() {
        gtid.removeAll(keepingCapacity: true)
        commitTime = nil
        isAnnounced = false
        threadID = nil
        query.removeAll(keepingCapacity: true)
        counts = Counts()
        heading.removeAll()
        opening.removeAll(keepingCapacity: true)
        xid.removeAll(keepingCapacity: true)
        hasXAEnded = false
    }
}

extension TransactionState {
    /// How far a transaction has come, which goes on in the next stretch.
    struct Counts {
        /// Row changes so far, wanted or not.
        var rows: UInt64 = 0
        /// Those of them that were printed.
        var printedRows: UInt64 = 0
        /// Whether the comment line that introduces it has been printed.
        var isIntroduced = false
        /// Whether the statement that begins it was printed in SQL, and none that ends it.
        var isOpen = false
    }
}
