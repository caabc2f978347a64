import BinlogInput
import Common

/// Goes through all changes, and writes none: what cannot be reversed, and what only rows tell, is found before anything is written.
struct Examination: ReversedOutput, ~Copyable {
    private let findings: Findings
    private let isForSQL: Bool
    private let schema: SchemaStore?
    private var serverVersion = ""
    private var reversal = RowsReversal()
    private var table: RowExamination?

    init(_ findings: Findings, isForSQL: Bool, schema: SchemaStore?) {
        self.findings = findings
        self.isForSQL = isForSQL
        self.schema = schema
    }

    mutating func enter(_ format: FormatDescriptionEvent, serverID: UInt32) {
        serverVersion = format.serverVersion
        table = nil
    }

    mutating func beginStatement() {}
    mutating func addTable(_ event: RawSpan, _ map: TableMapEvent, checksum: ChecksumAlgorithm) {}
    mutating func makeRoom() {}
    mutating func move(to place: EventPlace) { findings.place = place }
    mutating func keepRows(of table: TableMapEvent) { findings.keptTables.insert("`\(table.database)`.`\(table.table)`") }

    mutating func undo(
        _ event: RawSpan, _ header: EventHeader, _ plan: (event: RowsEvent, plan: RowPlan)
    ) throws(CodecError) {
        findings.noteEvent()
        if table?.plan !== plan.plan {
            table = RowExamination(plan.plan, serverVersion: serverVersion, isForSQL: isForSQL, schema: schema)
        }
        guard try table?.examine(event, plan.event, findings) ?? true else { return }
        try reversal.check(event, header, plan)
    }

    mutating func endStatement() {}
    mutating func endTransaction() { findings.endTransaction() }

    mutating func name(_ event: RawSpan, _ header: EventHeader, checksum: ChecksumAlgorithm) throws(CodecError) {
        findings.endTransaction()
        guard findings.hasUnnamed else { return }
        if header.type == .mariaDBGTID {
            findings.name(try MariaDBGTIDEvent(decoding: event, checksum: checksum).gtid.description)
        } else {
            findings.name(try GTIDEvent(decoding: event, checksum: checksum).gtid?.description)
        }
    }

    mutating func finish() { findings.endTransaction() }
}
