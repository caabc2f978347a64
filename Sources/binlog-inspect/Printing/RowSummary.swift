import BinlogInput
import Common

/// How many rows of which tables were changed.
struct RowSummary {
    private(set) var tables: [String: TableCounts] = [:]

    /// What counts the rows of a table.
    mutating func counts(of table: TableMapEvent) -> TableCounts {
        let name = table.printedName
        if let counts = tables[name] { return counts }
        let counts = TableCounts(name)
        tables[name] = counts
        return counts
    }

    mutating func merge(_ other: RowSummary) {
        for (name, counts) in other.tables {
            if let own = tables[name] { own.add(counts) } else { tables[name] = counts }
        }
    }

    /// What was counted since it was last asked.
    func takeChanges() -> RowSummary {
        RowSummary(tables: tables.filter { $1.byteCount > 0 }.mapValues { $0.take() })
    }
}

/// Row changes of one table. Used by one thread at a time.
final class TableCounts {
    let name: String
    private(set) var inserts: UInt64 = 0
    private(set) var updates: UInt64 = 0
    private(set) var deletes: UInt64 = 0
    /// Bytes of its row events, headers included.
    private(set) var byteCount: UInt64 = 0

    var rows: UInt64 { inserts + updates + deletes }

    init(_ name: String) { self.name = name }

    /// Counts the rows of an event.
    func add(_ rows: inout RowReader, byteCount: UInt64) throws(CodecError) {
        var count: UInt64 = 0
        while try rows.next() { count += 1 }
        self.byteCount += byteCount
        switch rows.event.action {
        case .insert: inserts += count
        case .update, .partialUpdate: updates += count
        case .delete: deletes += count
        }
    }

    /// What it has counted, and none of that any more.
    func take() -> TableCounts {
        let taken = TableCounts(name)
        taken.add(self)
        (inserts, updates, deletes, byteCount) = (0, 0, 0, 0)
        return taken
    }

    func add(_ other: TableCounts) {
        inserts += other.inserts
        updates += other.updates
        deletes += other.deletes
        byteCount += other.byteCount
    }
}
