import BinlogInput
import Common

/// How many rows of which tables were changed, and what stands beside them.
struct RowSummary {
    /// Notes that are told; of more, how many there are.
    private static let maxNotes = 100

    private(set) var tables: [String: TableCounts] = [:]
    /// Events that tell that the server lost others.
    private(set) var incidentCount: UInt64 = 0
    /// Pieces of row events whose rows are not counted.
    private(set) var pieceCount: UInt64 = 0
    private(set) var unfinishedCount: UInt64 = 0
    private(set) var notes: [String] = []
    private(set) var untoldNoteCount: UInt64 = 0

    mutating func add(_ note: Note) {
        if note.kind == .unfinished { unfinishedCount += 1 }
        if notes.count < Self.maxNotes { notes.append(note.text) } else { untoldNoteCount += 1 }
    }

    mutating func add(lossOf type: EventType) {
        if type == .incident { incidentCount += 1 } else { pieceCount += 1 }
    }

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
        incidentCount += other.incidentCount
        pieceCount += other.pieceCount
        unfinishedCount += other.unfinishedCount
        let room = Self.maxNotes - notes.count
        notes += other.notes.prefix(room)
        untoldNoteCount += other.untoldNoteCount + UInt64(max(0, other.notes.count - room))
    }

    /// What was counted since it was last asked.
    mutating func takeChanges() -> RowSummary {
        var taken = self
        taken.tables = tables.filter { $1.byteCount > 0 }.mapValues { $0.take() }
        self = RowSummary(tables: tables)
        return taken
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
