import Common
import Glibc

/// Writes what undoes transactions as SQL, one statement for each row.
struct SQLOutput: ReversedOutput, ~Copyable {
    private static let bufferBytes = 1 << 20
    /// The rows of shorter events are written in their order and then turned round; those of longer ones are looked up one by one.
    private static let turnedRoundBytes = 1 << 20

    /// The file, and what went wrong with it while a statement was being written.
    private final class Target {
        var file: OutputFile
        var error: ToolError?

        init(_ file: consuming OutputFile) { self.file = file }

        func write(_ bytes: RawSpan) {
            guard error == nil else { return }
            do throws(ToolError) { try file.write(bytes) } catch { self.error = error }
        }
    }

    private let target: Target
    private let notes: [String]
    private var sink = ByteSink(capacity: bufferBytes)
    private var writer = ValueWriter()
    private var scratch = ByteSink(capacity: bufferBytes / 4)
    private var rowEnds: [Int] = []
    private let rows = BackwardRows()
    private var tables = SQLTableCache(comparesAll: false)
    private var isBegun = false
    private var isInTransaction = false
    private var checksForeignKeys = false
    /// Whether the session takes a backslash in quotes for itself.
    private var hasPlainBackslashes = false
    private var foreignKeys: ForeignKeyChecks

    /// - Parameters:
    ///   - notes: What the head of the script says, a line each.
    ///   - keepsLaterRows: See ``Plan/keepsLaterRows``.
    init(_ file: consuming OutputFile, notes: [String] = [], keepsLaterRows: Bool) {
        self.notes = notes
        foreignKeys = ForeignKeyChecks(keepsLaterRows: keepsLaterRows)
        let target = Target(file)
        self.target = target
        sink.drain = { target.write($0) }
    }

    // MARK: - Statements and transactions

    mutating func enter(_ format: FormatDescriptionEvent, serverID: UInt32) throws(ToolError) {
        begin()
        foreignKeys.isMariaDB = ServerVersion(parsing: format.serverVersion).isMariaDB
        tables.removeAll()
    }

    private mutating func begin() {
        if !isBegun { sink.append(utf8: SQLScript.prologue(notes)) }
        isBegun = true
    }

    mutating func beginStatement() {}
    mutating func addTable(_ event: RawSpan, _ map: TableMapEvent, checksum: ChecksumAlgorithm) {}
    mutating func endStatement() {}

    mutating func makeRoom() throws(ToolError) {
        if let error = target.error { throw error }
    }

    mutating func endTransaction() {
        if isInTransaction { sink.append("COMMIT;\n") }
        isInTransaction = false
    }

    mutating func finish() throws(ToolError) {
        begin()
        endTransaction()
        sink.append(utf8: SQLScript.epilogue)
        target.write(sink.bytes)
        sink.removeAll()
        if let error = target.error { throw error }
        try target.file.finish()
    }

    // MARK: - Rows

    mutating func undo(
        _ event: RawSpan, _ header: EventHeader, _ plan: (event: RowsEvent, plan: RowPlan)
    ) throws(CodecError) {
        if !isInTransaction { sink.append("BEGIN;\n") }
        isInTransaction = true
        setForeignKeyChecks(foreignKeys.areMade(for: plan.event))
        let table = tables.table(plan)
        setSQLMode(table.needsPlainBackslashes)
        if event.byteCount > Self.turnedRoundBytes { return try undoEach(event, plan, table) }
        scratch.removeAll()
        rowEnds.removeAll(keepingCapacity: true)
        var rows = try RowReader(event, event: plan.event, plan: plan.plan)
        while try rows.next() {
            Self.write(rows, table, &writer, into: &scratch)
            rowEnds.append(scratch.count)
        }
        for index in rowEnds.indices.reversed() {
            let start = index == 0 ? 0 : rowEnds[index - 1]
            sink.append(UnsafeRawBufferPointer(rebasing: scratch.unsafeBytes[start..<rowEnds[index]]).bytes)
        }
        scratch.removeAll(keeping: Self.bufferBytes)
    }

    /// Writes the rows of a long event straight to the output, so that no more than the event is in memory.
    private mutating func undoEach(
        _ event: RawSpan, _ plan: (event: RowsEvent, plan: RowPlan), _ table: SQLTable
    ) throws(CodecError) {
        try rows.forEach(of: event, plan) { row in Self.write(row, table, &writer, into: &sink) }
    }

    private mutating func setForeignKeyChecks(_ isOn: Bool) {
        guard isOn != checksForeignKeys else { return }
        checksForeignKeys = isOn
        sink.append(isOn ? "SET @@SESSION.foreign_key_checks=1;\n" : "SET @@SESSION.foreign_key_checks=0;\n")
    }

    private mutating func setSQLMode(_ hasPlainBackslashes: Bool) {
        guard hasPlainBackslashes != self.hasPlainBackslashes else { return }
        self.hasPlainBackslashes = hasPlainBackslashes
        sink.append(utf8: "SET @@SESSION.sql_mode='\(SQLScript.sqlMode)\(hasPlainBackslashes ? ",NO_BACKSLASH_ESCAPES" : "")';\n")
    }

    /// Appends the statement that undoes a row's change; none for an update that changed nothing.
    static func write(
        _ rows: borrowing RowReader, _ table: SQLTable, _ writer: inout ValueWriter, into sink: inout ByteSink
    ) {
        switch rows.event.action {
        case .delete:
            sink.append(contentsOf: table.insertPrefix)
            var isFirst = true
            for index in 0..<rows.beforeCount {
                let value = rows.before(index)
                guard table.isNamed[value.columnIndex] else { continue }
                table.values.append(value.columnIndex, isFirst: isFirst, to: &sink)
                writer.write(value, as: .sql, into: &sink)
                isFirst = false
            }
            sink.append(");\n")
        case .insert:
            sink.append(contentsOf: table.deleteHead)
            writeCondition(rows, table, &writer, into: &sink)
            sink.append(" LIMIT 1;\n")
        case .update, .partialUpdate:
            guard writeAssignments(rows, table, &writer, into: &sink) else { return }
            sink.append(" WHERE ")
            writeCondition(rows, table, &writer, into: &sink)
            sink.append(" LIMIT 1;\n")
        }
    }

    /// Appends the beginning of an UPDATE that sets what the row changes, so that columns are not named that cannot be, such as generated
    /// ones that stay what they are. Returns false, with nothing appended, where nothing has changed.
    private static func writeAssignments(
        _ rows: borrowing RowReader, _ table: SQLTable, _ writer: inout ValueWriter, into sink: inout ByteSink
    ) -> Bool {
        var changes = false
        for index in 0..<rows.afterCount where !changes {
            let value = rows.after(index)
            changes = table.isNamed[value.columnIndex] && !value.isSame(as: rows.before(table.beforeIndices[value.columnIndex]))
        }
        guard changes else { return false }
        sink.append(contentsOf: table.updateHead)
        var isFirst = true
        for index in 0..<rows.beforeCount {
            let value = rows.before(index)
            let column = value.columnIndex
            guard table.isNamed[column] else { continue }
            let after = table.afterIndices[column]
            let isChanged = after >= 0 && !rows.after(after).isSame(as: value)
            guard isChanged || table.changesByItself[column] else { continue }
            table.assignments.append(column, isFirst: isFirst, to: &sink)
            writer.write(value, as: .sql, into: &sink)
            isFirst = false
        }
        return true
    }

    /// Appends what finds the row as it is after the change.
    static func writeCondition(
        _ rows: borrowing RowReader, _ table: SQLTable, _ writer: inout ValueWriter, into sink: inout ByteSink
    ) {
        writeCondition(on: table.conditionColumns, table.conditionLabels, isFirst: true, rows, table, &writer, into: &sink)
        writeCondition(on: table.comparedColumns, table.comparedLabels, isFirst: false, rows, table, &writer, into: &sink)
    }

    /// Appends what some columns must be.
    ///
    /// - Parameters:
    ///   - isFirst: Whether no condition stands before.
    ///   - isBefore: Whether they must be what they were before the change, and not what they are after it.
    static func writeCondition(
        on columns: [Int], _ labels: ColumnLabels, isFirst: Bool, before isBefore: Bool = false, _ rows: borrowing RowReader,
        _ table: SQLTable, _ writer: inout ValueWriter, into sink: inout ByteSink
    ) {
        var isFirst = isFirst
        for column in columns where !table.comparesAll || isExact(column, before: isBefore, rows, table) {
            labels.append(column, isFirst: isFirst, to: &sink)
            isFirst = false
            write(column, before: isBefore, rows, table, &writer, into: &sink)
            if table.closesCondition[column] { sink.append(UInt8(ascii: ")")) }
        }
        if isFirst { sink.append("1") }
    }

    /// Whether SQL makes the value in a column that the row has there: not so of JSON with values that have no words in it.
    private static func isExact(_ column: Int, before isBefore: Bool, _ rows: borrowing RowReader, _ table: SQLTable) -> Bool {
        guard table.map.columns[column].type == .json else { return true }
        let after = table.afterIndices[column]
        if after >= 0, !isBefore { return (try? rows.after(after).isExactInSQL()) ?? false }
        return (try? rows.before(table.beforeIndices[column]).isExactInSQL()) ?? false
    }

    /// Appends what is in a column after the change, or was before it.
    static func write(
        _ column: Int, before isBefore: Bool = false, _ rows: borrowing RowReader, _ table: SQLTable, _ writer: inout ValueWriter,
        into sink: inout ByteSink
    ) {
        let after = table.afterIndices[column]
        if after >= 0, !isBefore {
            writer.write(rows.after(after), as: .sql, into: &sink)
        } else {
            writer.write(rows.before(table.beforeIndices[column]), as: .sql, into: &sink)
        }
    }
}

extension RowValue {
    /// Whether the bytes of two values of a column are the same.
    func isSame(as other: borrowing RowValue) -> Bool {
        guard isNull == other.isNull, !isPartial else { return false }
        return bytes.isEqual(to: other.bytes)
    }
}
