import Common
import MySQLClient

/// Undoes changes on a server, as they are handed out: a transaction for each one that is undone.
///
/// Each statement must find exactly one row, which is all that the binlog says of it. Where one does not, its transaction is rolled back
/// and nothing more is done. Statements go to the server in batches, so that they do not wait for each other's answers.
struct ApplyOutput: ReversedOutput, ~Copyable {
    /// Memory that is kept for the next batch, or the next statement.
    private static let keptBytes = 1 << 20
    /// How the statements of ``SQLOutput`` end.
    private static let endBytes = 2

    private let target: Target
    private let tables: TargetTables
    /// Nil where all is one transaction, which is rolled back in the end.
    private let progress: RunProgress?
    private let survey: Survey
    /// Transactions that have been undone before.
    private let undoneBefore: UInt64
    private var line = ProgressLine()

    /// Why nothing more is done.
    private var failure: ToolError?
    /// Transactions that have been met.
    private var number: UInt64 = 0
    private var rowCount: UInt64 = 0
    private var isInTransaction = false
    private var isOpen = false
    private var place: EventPlace?
    private var checksForeignKeys = false
    private var foreignKeys: ForeignKeyChecks
    private var known = SQLTableCache(comparesAll: true)

    private var writer = ValueWriter()
    private var statement = ByteSink(capacity: 1 << 12)
    private let rows = BackwardRows()
    private var batch = StatementBatch()
    private var sent: [Sent] = []
    /// What the rows of the batch are found by, for a person.
    private var rowTexts = ByteSink(capacity: 1 << 12)

    /// A statement of the batch.
    fileprivate struct Sent {
        enum Kind {
            case setting, counting, row
        }

        var kind: Kind
        var table: SQLTable?
        var place: EventPlace?
        var rowText = 0..<0
    }

    init(
        _ target: Target, _ tables: TargetTables, _ survey: Survey, keepsLaterRows: Bool, progress: RunProgress?, undoneBefore: UInt64
    ) {
        foreignKeys = ForeignKeyChecks(keepsLaterRows: keepsLaterRows)
        self.target = target
        self.tables = tables
        self.survey = survey
        self.progress = progress
        self.undoneBefore = undoneBefore
    }

    // MARK: - Statements and transactions

    mutating func enter(_ format: FormatDescriptionEvent, serverID: UInt32) throws(ToolError) {
        foreignKeys.isMariaDB = ServerVersion(parsing: format.serverVersion).isMariaDB
        known.removeAll()
        try makeRoom()
    }

    mutating func beginStatement() {}
    mutating func addTable(_ event: RawSpan, _ map: TableMapEvent, checksum: ChecksumAlgorithm) {}
    mutating func move(to place: EventPlace) { self.place = place }

    mutating func makeRoom() throws(ToolError) {
        if let failure { throw failure }
    }

    mutating func endStatement() {}

    mutating func endTransaction() {
        if isOpen, progress != nil { flush(andThen: "COMMIT") }
        isInTransaction = false
        isOpen = isOpen && progress == nil
        guard failure == nil, number > 0 else { return }
        line.show("\(number) of \(survey.transactionCount) transactions, \(rowCount) of \(survey.rowCount) rows")
    }

    mutating func finish() throws(ToolError) {
        endTransaction()
        if isOpen { flush(andThen: "ROLLBACK") }
        line.clear()
        try makeRoom()
    }

    /// Begins what undoes the next transaction, unless that has been done before.
    private mutating func beginTransaction() {
        isInTransaction = true
        number += 1
        guard number > undoneBefore else { return }
        isOpen = true
        guard let progress else { return }
        append(progress.counting(after: number - 1), Sent(kind: .counting))
    }

    // MARK: - Rows

    mutating func undo(
        _ event: RawSpan, _ header: EventHeader, _ plan: (event: RowsEvent, plan: RowPlan)
    ) throws(CodecError) {
        guard failure == nil else { return }
        if !isInTransaction { beginTransaction() }
        let isSkipped = number <= undoneBefore
        let table = known.table(plan)
        if !isSkipped { setForeignKeyChecks(foreignKeys.areMade(for: plan.event)) }
        try rows.forEach(of: event, plan) { row in
            rowCount += 1
            if !isSkipped, failure == nil { undo(row, table) }
        }
    }

    private mutating func undo(_ row: borrowing RowReader, _ table: SQLTable) {
        statement.removeAll(keeping: Self.keptBytes)
        SQLOutput.write(row, table, &writer, into: &statement)
        // A change of nothing needs no statement.
        guard statement.count > Self.endBytes else { return }
        let start = rowTexts.count
        table.describe(row, &writer, into: &rowTexts)
        let one = Sent(kind: .row, table: table, place: place, rowText: start..<rowTexts.count)
        guard statement.count - Self.endBytes <= target.maxStatementBytes else {
            return fail(one, target.statementIsTooLong(statement.count))
        }
        batch.append(UnsafeRawBufferPointer(rebasing: statement.unsafeBytes.dropLast(Self.endBytes)).bytes)
        sent.append(one)
        if batch.isFull { flush() }
    }

    private mutating func setForeignKeyChecks(_ isOn: Bool) {
        guard isOn != checksForeignKeys else { return }
        checksForeignKeys = isOn
        append("SET @@SESSION.foreign_key_checks=\(isOn ? 1 : 0)", Sent(kind: .setting))
    }

    private mutating func append(_ text: String, _ one: Sent) {
        batch.append(Array(text.utf8).span.bytes)
        sent.append(one)
    }

    // MARK: - The server

    /// Sends what has gathered, and looks at every answer.
    ///
    /// - Parameter end: A statement that is run where all answers are what they must be.
    private mutating func flush(andThen end: String? = nil) {
        guard failure == nil else { return }
        var bad: (index: Int, answer: MySQLConnection.Answer)?
        do throws(ToolError) {
            if !batch.isEmpty {
                let sent = sent
                try target.run(batch) { index, answer in
                    if bad == nil, !answer.isExpected(to: sent[index].kind) { bad = (index, answer) }
                }
            }
            if let bad {
                fail(sent[bad.index], explain(bad.answer, sent[bad.index]))
            } else if let end {
                try target.query(end)
            }
        } catch { failure = withHint(error) }
        batch.removeAll(keeping: Self.keptBytes)
        sent.removeAll(keepingCapacity: true)
        rowTexts.removeAll(keeping: Self.keptBytes)
    }

    /// Ends the transaction as if it had never begun.
    private mutating func fail(_ one: Sent, _ error: ToolError) {
        var error = error
        do throws(ToolError) {
            try target.query("ROLLBACK")
            if let place = one.place { error = try locate(error, place) }
            failure = withHint(error)
        } catch let other {
            // Where the connection is gone, the server rolls back by itself.
            if error.file.isEmpty { error.file = target.connection.endpoint }
            failure = error.code == .conflict ? error : withHint(other)
        }
    }

    private func locate(_ error: ToolError, _ place: EventPlace) throws(ToolError) -> ToolError {
        let gtid = try place.input.gtid(ofEventAt: place.offset).map { "\($0): " } ?? ""
        let server = error.code == .conflict ? "" : "\(error.file): "
        return ToolError(error.code, file: place.input.path, offset: place.offset, gtid + server + error.reason, hint: error.hint)
    }

    private func withHint(_ error: ToolError) -> ToolError {
        var error = error
        guard progress != nil else { return error }
        let stood = "what undoes this transaction is rolled back, \(number - 1) of \(survey.transactionCount) stay undone"
        switch error.code {
        case .conflict: error.hint = stood
        case .unreachable, .timedOut: error.hint = "the same command goes on where it has stopped"
        default: error.hint = error.hint ?? stood
        }
        return error
    }

    private func explain(_ answer: MySQLConnection.Answer, _ one: Sent) -> ToolError {
        let table = one.table.map { TableName(database: $0.map.database, table: $0.map.table).quoted } ?? ""
        let row = String(
            decoding: UnsafeRawBufferPointer(rebasing: rowTexts.unsafeBytes[one.rowText]), as: UTF8.self)
        switch answer {
        case .refused(let packet) where one.kind == .row && packet.isConstraintViolation:
            return ToolError(.conflict, file: "", "\(table): the row \(row) cannot be put back: \(packet.message)")
        case .refused(let packet): return target.error(packet)
        case .ok where one.kind == .counting:
            return ToolError(
                .failure, file: target.connection.endpoint, "another process undoes the same changes there", hint: "wait until it has ended"
            )
        case .ok(let packet) where packet.affectedRows == 1:
            return ToolError(
                .failure, file: target.connection.endpoint, "\(table): the row \(row) was taken with warnings, and may not be what it was",
                hint: "see whether its columns are as wide there as they were, and of the same charset")
        case .ok, .rows:
            return ToolError(.conflict, file: "", "\(table): no row is there as the change left it: \(row)")
        }
    }
}

extension MySQLConnection.Answer {
    /// Whether it is what a statement of some kind must be answered with.
    fileprivate func isExpected(to kind: ApplyOutput.Sent.Kind) -> Bool {
        guard case .ok(let packet) = self else { return false }
        switch kind {
        case .setting: return true
        case .counting: return packet.affectedRows == 1
        case .row: return packet.affectedRows == 1 && packet.warnings == 0
        }
    }
}

extension ErrorPacket {
    private static let checkViolated: UInt16 = 3819

    /// Whether a row does not fit those that are there: SQLSTATE class 23, and ER_CHECK_CONSTRAINT_VIOLATED, which is not in it.
    fileprivate var isConstraintViolation: Bool { sqlState.hasPrefix("23") || code.rawValue == Self.checkViolated }
}
