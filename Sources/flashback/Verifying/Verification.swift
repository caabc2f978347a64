import Common

/// What is known while current rows are compared with what changes left behind.
///
/// Of a row that was changed several times only the last change says what it must be, and of rows without a key only how many equal ones
/// there must be. Both are found without undoing anything, by fingerprints of keys and rows.
final class Verification {
    var known: FingerprintTable
    var fingerprints = Fingerprints()
    let rows = BackwardRows()
    /// Rows, and keys that must be free, that have been compared.
    var comparedCount: UInt64 = 0
    var conflictCount: UInt64 = 0

    /// - Parameter folder: Where the fingerprints go, into a file without a name.
    init(_ survey: Survey, folder: String) throws(ToolError) {
        // An update may speak of two keys or rows.
        known = try FingerprintTable(capacity: survey.rowCount * 2, in: folder)
    }

    /// Takes what a change of a row without a key asks for: the row that it left must be there, if undoing later changes does not bring it.
    func demand(_ row: borrowing RowReader, _ table: SQLTable) throws(ToolError) {
        let old = row.event.hasBefore ? fingerprints.whole(of: row, table, before: true) : nil
        let new = row.event.hasAfter ? fingerprints.whole(of: row, table, before: false) : nil
        guard old != new else { return }
        if let new {
            _ = try known.update(new) { entry in
                entry.need = max(entry.need, 1 - entry.balance)
                entry.balance -= 1
            }
        }
        if let old { _ = try known.update(old) { $0.balance += 1 } }
    }

    /// How many rows equal to the one that a change left there must be; nil where that has been asked before, or nothing is.
    func takeNeed(_ row: borrowing RowReader, _ table: SQLTable) throws(ToolError) -> Int32? {
        guard row.event.hasAfter else { return nil }
        let need = try known.update(fingerprints.whole(of: row, table, before: false)) { entry in
            defer { entry.need = 0 }
            return entry.need
        }.result
        return need > 0 ? need : nil
    }

    /// When a key was mentioned that has these values, but other text in its columns of text; nil where it was not.
    func mention(of values: [[UInt8]], _ table: SQLTable, spelled spellings: [[UInt8]]) throws(ToolError) -> UInt64? {
        let key = fingerprints.key(values, table, spellings: spellings)
        return try known.find(key)?.mention
    }

    /// Notes a key; returns the number of its mention where no later change has one of the same key.
    func mention(_ key: Chain) throws(ToolError) -> UInt64? {
        let (isNew, mention) = try known.update(key) { $0.mention == 0 }
        return isNew ? mention : nil
    }
}

/// Finds how many equal rows of tables without a key there must be.
struct DemandOutput: ReversedOutput, ~Copyable {
    private let verification: Verification
    private var tables = SQLTableCache(comparesAll: true)
    private var failure: ToolError?

    init(_ verification: Verification) { self.verification = verification }

    mutating func enter(_ format: FormatDescriptionEvent, serverID: UInt32) { tables.removeAll() }
    mutating func beginStatement() {}
    mutating func addTable(_ event: RawSpan, _ map: TableMapEvent, checksum: ChecksumAlgorithm) {}

    mutating func makeRoom() throws(ToolError) {
        if let failure { throw failure }
    }

    mutating func undo(
        _ event: RawSpan, _ header: EventHeader, _ plan: (event: RowsEvent, plan: RowPlan)
    ) throws(CodecError) {
        let table = tables.table(plan)
        guard !table.isFoundByKey else { return }
        try verification.rows.forEach(of: event, plan) { row in
            guard failure == nil else { return }
            do throws(ToolError) { try verification.demand(row, table) } catch { failure = error }
        }
    }

    mutating func endStatement() {}
    mutating func endTransaction() {}
    mutating func finish() throws(ToolError) { try makeRoom() }
}
