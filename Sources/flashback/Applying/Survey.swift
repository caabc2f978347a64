import Common

/// What a plan comes to: found in a walk of its own, before a server is asked for anything.
final class Survey {
    /// Transactions with rows that are wanted.
    fileprivate(set) var transactionCount: UInt64 = 0
    fileprivate(set) var rowCount: UInt64 = 0
    fileprivate(set) var tables: [TableName: Set<String>] = [:]
    /// Those whose columns have no names.
    fileprivate(set) var namelessTables: Set<TableName> = []
    /// Stands for the changes, whichever files they are in and however these are named: SHA-256 of what they did, when, by which server and
    /// in which transaction, the last one first. The same change made twice counts as two.
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
    /// Whether rows were met of a transaction whose GTID is still to come.
    private var isUnnamed = false
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
        isUnnamed = true
        var rows = try RowReader(event, event: plan.event, plan: plan.plan)
        while try rows.next() { survey.rowCount += 1 }
        let map = plan.plan.table
        if knownPlan !== plan.plan {
            knownPlan = plan.plan
            let name = TableName(database: map.database, table: map.table)
            if !SQLTable.knowsNames(of: map) { survey.namelessTables.insert(name) }
            survey.tables[name, default: []].formUnion(map.columns.compactMap(\.name).filter { !SQLTable.isHidden($0) })
        }
        beginPart(.rows)
        digested.append(littleEndian: header.timestamp)
        digested.append(littleEndian: header.serverID)
        digested += map.database.utf8
        digested.append(0)
        digested += map.table.utf8
        digested.append(0)
        digested += sha256(event.extracting(EventHeader.byteCount..<plan.event.rows.upperBound))
        endPart()
    }

    mutating func endStatement() {}

    mutating func endTransaction() {
        guard isInTransaction else { return }
        isInTransaction = false
        beginPart(.end)
        endPart()
    }

    mutating func name(_ event: RawSpan, _ header: EventHeader, checksum: ChecksumAlgorithm) throws(CodecError) {
        guard isUnnamed else { return }
        isUnnamed = false
        beginPart(.gtid)
        if header.type == .mariaDBGTID {
            let event = try MariaDBGTIDEvent(decoding: event, checksum: checksum)
            digested += event.gtid.description.utf8
        } else if let gtid = try GTIDEvent(decoding: event, checksum: checksum).gtid {
            digested += gtid.description.utf8
        }
        endPart()
    }

    mutating func finish() {}

    // MARK: - The identity

    /// What is taken into the identity, one behind the other.
    private enum Part: UInt8 {
        case rows = 1
        case end, gtid
    }

    private mutating func beginPart(_ part: Part) {
        digested.removeAll(keepingCapacity: true)
        digested += survey.identity
        digested.append(part.rawValue)
    }

    private mutating func endPart() { survey.identity = sha256(digested.span.bytes) }
}
