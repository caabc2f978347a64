import Common

/// What a plan comes to: found in a walk of its own, before a server is asked for anything.
final class Survey {
    /// Transactions with rows that are wanted.
    fileprivate(set) var transactionCount: UInt64 = 0
    fileprivate(set) var rowCount: UInt64 = 0
    fileprivate(set) var tables: [TableName: Set<String>] = [:]
    /// Those whose columns have no names.
    fileprivate(set) var namelessTables: Set<TableName> = []
    /// Stands for the changes, whichever files they are in and however these are named: SHA-256 of their events, the last one first.
    fileprivate(set) var identity: [UInt8] = []

    /// The identity as text.
    var run: String { identity.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

struct TableName: Hashable, Comparable {
    var database: String
    var table: String

    /// For a person, and for SQL.
    var quoted: String { "`\(database.replacing("`", with: "``"))`.`\(table.replacing("`", with: "``"))`" }

    static func < (left: TableName, right: TableName) -> Bool { (left.database, left.table) < (right.database, right.table) }
}

/// Takes the changes for a ``Survey``.
struct SurveyOutput: ReversedOutput, ~Copyable {
    private let survey: Survey
    private var isInTransaction = false
    private var knownPlan: RowPlan?
    private var digested: [UInt8] = []

    init(_ survey: Survey) { self.survey = survey }

    mutating func enter(_ format: FormatDescriptionEvent, serverID: UInt32) { knownPlan = nil }
    mutating func beginStatement() {}
    mutating func addTable(_ event: RawSpan, _ map: TableMapEvent, checksum: ChecksumAlgorithm) {}
    mutating func makeRoom() {}

    mutating func undo(
        _ event: RawSpan, _ header: EventHeader, _ plan: (event: RowsEvent, plan: RowPlan)
    ) throws(CodecError) {
        if !isInTransaction { survey.transactionCount += 1 }
        isInTransaction = true
        var rows = try RowReader(event, event: plan.event, plan: plan.plan)
        while try rows.next() { survey.rowCount += 1 }
        let map = plan.plan.table
        if knownPlan !== plan.plan {
            knownPlan = plan.plan
            let name = TableName(database: map.database, table: map.table)
            if !SQLTable.knowsNames(of: map) { survey.namelessTables.insert(name) }
            survey.tables[name, default: []].formUnion(map.columns.compactMap(\.name).filter { !SQLTable.isHidden($0) })
        }
        digested.removeAll(keepingCapacity: true)
        digested += survey.identity
        digested += map.database.utf8
        digested.append(0)
        digested += map.table.utf8
        digested.append(0)
        digested += sha256(event.extracting(EventHeader.byteCount..<plan.event.rows.upperBound))
        survey.identity = sha256(digested.span.bytes)
    }

    mutating func endStatement() {}
    mutating func endTransaction() { isInTransaction = false }
    mutating func finish() {}
}
