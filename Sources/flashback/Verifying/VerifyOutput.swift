import Common
import MySQLClient

/// Compares the rows that are on a server now with what the last change of each left behind, and tells where they differ.
///
/// It asks, and changes nothing: all questions are of one snapshot.
struct VerifyOutput: ReversedOutput, ~Copyable {
    /// Memory that is kept for the next batch, or the next statement.
    private static let keptBytes = 1 << 20

    private let target: Target
    private let verification: Verification
    private let survey: Survey
    private let tell: (String) -> Void
    private var line = ProgressLine()

    private var failure: ToolError?
    private var rowCount: UInt64 = 0
    private var place: EventPlace?
    private var tables = SQLTableCache(comparesAll: true)
    private var writer = ValueWriter()
    private var statement = ByteSink(capacity: 1 << 12)
    private var batch = StatementBatch()
    private var asked: [Question] = []
    /// What the rows of the batch are found by, for a person.
    private var rowTexts = ByteSink(capacity: 1 << 12)

    /// A question of the batch.
    private struct Question {
        enum Kind {
            /// Whether a row that is found by its key is what it must be.
            case same
            /// Whether no row has a key. Text may be spelled otherwise, so the values of a key that has text are kept, and when it was
            /// mentioned.
            case free(mention: UInt64, key: [[UInt8]])
            /// Whether there are as many equal rows as there must be.
            case count(Int32)
        }

        var kind: Kind
        var table: SQLTable
        var place: EventPlace?
        var rowText: Range<Int>
    }

    /// - Parameter tell: Is given a line for each conflict.
    init(_ target: Target, _ verification: Verification, _ survey: Survey, tell: @escaping (String) -> Void) {
        self.target = target
        self.verification = verification
        self.survey = survey
        self.tell = tell
    }

    // MARK: - Events

    mutating func enter(_ format: FormatDescriptionEvent, serverID: UInt32) { tables.removeAll() }
    mutating func beginStatement() {}
    mutating func addTable(_ event: RawSpan, _ map: TableMapEvent, checksum: ChecksumAlgorithm) {}
    mutating func move(to place: EventPlace) { self.place = place }

    mutating func makeRoom() throws(ToolError) {
        if let failure { throw failure }
        line.show("\(rowCount) of \(survey.rowCount) rows, \(verification.conflictCount) conflicts")
    }

    mutating func endStatement() {}
    mutating func endTransaction() {}

    mutating func finish() throws(ToolError) {
        flush()
        line.clear()
        if let failure { throw failure }
    }

    mutating func undo(
        _ event: RawSpan, _ header: EventHeader, _ plan: (event: RowsEvent, plan: RowPlan)
    ) throws(CodecError) {
        let table = tables.table(plan)
        try verification.rows.forEach(of: event, plan) { row in
            guard failure == nil else { return }
            rowCount += 1
            do throws(ToolError) {
                if table.isFoundByKey { try ask(keyed: row, table) } else { try ask(keyless: row, table) }
            } catch { failure = error }
        }
    }

    // MARK: - Questions

    private mutating func ask(keyed row: borrowing RowReader, _ table: SQLTable) throws(ToolError) {
        let new = row.event.hasAfter ? verification.fingerprints.key(of: row, table, before: false) : nil
        let old = row.event.hasBefore ? verification.fingerprints.key(of: row, table, before: true) : nil
        if let new, try verification.mention(new) != nil {
            begin("SELECT ")
            SQLOutput.writeCondition(on: table.comparedColumns, table.comparedLabels, isFirst: true, row, table, &writer, into: &statement)
            appendSource(table)
            SQLOutput.writeCondition(
                on: table.conditionColumns, table.conditionLabels, isFirst: true, row, table, &writer, into: &statement)
            end(.same, row, table, before: false)
        }
        if let old, old != new, let mention = try verification.mention(old) {
            begin("SELECT ")
            let spelled = table.conditionColumns.filter { table.isText[$0] }
            if spelled.isEmpty { statement.append("1") }
            for (position, column) in spelled.enumerated() {
                if position > 0 { statement.append(", ") }
                statement.append("CAST(")
                statement.append(contentsOf: table.names[column])
                statement.append(" AS BINARY)")
            }
            appendSource(table)
            SQLOutput.writeCondition(
                on: table.conditionColumns, table.conditionLabels, isFirst: true, before: true, row, table, &writer, into: &statement)
            let key = spelled.isEmpty ? [] : Fingerprints.keyValues(of: row, table, before: true)
            end(.free(mention: mention, key: key), row, table, before: true)
        }
    }

    private mutating func ask(keyless row: borrowing RowReader, _ table: SQLTable) throws(ToolError) {
        guard let need = try verification.takeNeed(row, table) else { return }
        begin("SELECT COUNT(*) FROM (SELECT 1")
        appendSource(table)
        SQLOutput.writeCondition(row, table, &writer, into: &statement)
        statement.append(" LIMIT ")
        statement.append(decimal: Int64(need))
        statement.append(") AS found")
        end(.count(need), row, table, before: false)
    }

    private mutating func begin(_ text: StaticString) {
        statement.removeAll(keeping: Self.keptBytes)
        statement.append(text)
    }

    private mutating func appendSource(_ table: SQLTable) {
        statement.append(" FROM ")
        statement.append(identifier: table.map.database.utf8)
        statement.append(".")
        statement.append(identifier: table.map.table.utf8)
        statement.append(" WHERE ")
    }

    private mutating func end(_ kind: Question.Kind, _ row: borrowing RowReader, _ table: SQLTable, before isBefore: Bool) {
        let start = rowTexts.count
        table.describe(row, before: isBefore, &writer, into: &rowTexts)
        guard statement.count <= target.maxStatementBytes else {
            failure = target.statementIsTooLong(statement.count)
            return
        }
        batch.append(UnsafeRawBufferPointer(rebasing: statement.unsafeBytes[...]).bytes)
        asked.append(Question(kind: kind, table: table, place: place, rowText: start..<rowTexts.count))
        verification.comparedCount += 1
        if batch.isFull { flush() }
    }

    // MARK: - Answers

    private mutating func flush() {
        guard failure == nil, !batch.isEmpty else { return }
        var answers: [MySQLConnection.Answer] = []
        do throws(ToolError) {
            try target.run(batch) { answers.append($1) }
            for (question, answer) in zip(asked, answers) { try look(at: answer, to: question) }
        } catch { failure = error }
        batch.removeAll(keeping: Self.keptBytes)
        asked.removeAll(keepingCapacity: true)
        rowTexts.removeAll(keeping: Self.keptBytes)
    }

    private mutating func look(at answer: MySQLConnection.Answer, to question: Question) throws(ToolError) {
        let rows: ResultSet
        switch answer {
        case .rows(let result): rows = result
        case .refused(let packet): throw target.error(packet)
        case .ok: throw ToolError(.failure, file: target.connection.endpoint, "the server answers a question without rows")
        }
        switch question.kind {
        case .same:
            guard let text = rows.text(row: 0, column: 0) else { return try conflict(question, "the row is not there") }
            if text != "1" { try conflict(question, "the row is not what the change left") }
        case .free(let mention, let key):
            guard let found = rows.rows.first, try !isExplained(found, key, question.table, before: mention) else { return }
            try conflict(question, "a row is there, where the change left none")
        case .count(let need):
            let count = rows.text(row: 0, column: 0).flatMap { Int32($0) } ?? 0
            guard count < need else { return }
            try conflict(
                question, need == 1 ? "the row is not there" : "\(count) rows like it are there, of the \(need) that the changes left")
        }
    }

    /// Whether a row that has a key, to its collation, has another spelling of it, and a later change left it so.
    private func isExplained(
        _ found: [[UInt8]?], _ key: [[UInt8]], _ table: SQLTable, before mention: UInt64
    ) throws(ToolError) -> Bool {
        guard !key.isEmpty, let other = try verification.mention(of: key, table, spelled: found.map { $0 ?? [] }) else { return false }
        return other < mention
    }

    private mutating func conflict(_ question: Question, _ what: String) throws(ToolError) {
        verification.conflictCount += 1
        line.clear()
        let row = String(decoding: UnsafeRawBufferPointer(rebasing: rowTexts.unsafeBytes[question.rowText]), as: UTF8.self)
        let name = TableName(database: question.table.map.database, table: question.table.map.table).quoted
        guard let place = question.place else { return tell("\(name): \(what): \(row)") }
        let gtid = try place.input.gtid(ofEventAt: place.offset).map { ", \($0)" } ?? ""
        tell("\(place.input.path) at byte \(place.offset)\(gtid): \(name): \(what): \(row)")
    }
}
