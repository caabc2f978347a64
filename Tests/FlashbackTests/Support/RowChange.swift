import BinlogInput
import Common

@testable import flashback

/// One row change of a binlog, its values as text.
struct RowChange: Hashable, CustomStringConvertible {
    var table: String
    /// Nil where the row was not there.
    var before: [String]?
    var after: [String]?

    /// What undoes it.
    var reversed: RowChange { RowChange(table: table, before: after, after: before) }

    var description: String { "\(table): \(before ?? []) -> \(after ?? [])" }
}

/// The row changes of a binlog file, by transactions and statements.
final class RowChanges {
    /// Transactions with rows → statements → rows.
    private(set) var transactions: [[[RowChange]]] = []
    private(set) var types: [EventType] = []
    private var statements: [[RowChange]] = []
    private var statement: [RowChange] = []
    private var expander = CompressedEventReader()
    private var writer = ValueWriter()

    private var excluded: GTIDSet?
    private var isExcluded = false

    /// Reads a file, checking each event's checksum and end position.
    static func read(_ path: String, excluding excluded: GTIDSet? = nil) throws -> RowChanges {
        let changes = RowChanges()
        changes.excluded = excluded
        try changes.read(path)
        return changes
    }

    private func read(_ path: String) throws {
        var walk = FileWalk(reader: try EventReader(ByteInput(path: path)), bounds: nil)
        var decoder = RowDecoder(
            format: FormatDescriptionEvent(serverVersion: "", postHeaderLengths: [], checksum: nil))
        while let header = try walk.reader.next() {
            try walk.reader.loadWhole()
            guard case .event = try walk.place(header) else { continue }
            try walk.checkPosition(header)
            if header.type == .formatDescription, let description = walk.description { decoder = RowDecoder(format: description) }
            types.append(header.type)
            _ = try walk.advance(header)
            try take(header, walk.reader.head, walk.reader.checksum, &decoder)
            try walk.reader.finish(verifying: true)
        }
    }

    private func take(
        _ header: EventHeader, _ event: RawSpan, _ checksum: ChecksumAlgorithm, _ decoder: inout RowDecoder
    ) throws {
        switch header.type {
        case .gtid:
            // An XA transaction before it has ended otherwise.
            endTransaction()
            let gtid = try GTIDEvent(decoding: event, checksum: checksum).gtid
            isExcluded = gtid.flatMap { excluded?.contains($0) } ?? false
        case .tableMap: try decoder.addTable(event, checksum: checksum)
        case .transactionPayload:
            let payload = try TransactionPayloadEvent(decoding: event, checksum: checksum)
            var reader = try TransactionPayloadReader(payload)
            var bytes = ByteReader(payload.payload)
            while case .event(let inner) = try reader.next(&bytes) { try take(inner, reader.event, .none, &decoder) }
        default:
            if header.endsTransaction(event, checksum) { return endTransaction() }
            guard header.rowsType != nil else { return }
            guard header.rowsType != header.type else { return try takeRows(event, checksum, &decoder) }
            try expander.decompress(event, checksum: checksum)
            let copy = expander.event.array
            try takeRows(copy.span.bytes, .none, &decoder)
        }
    }

    private func takeRows(_ event: RawSpan, _ checksum: ChecksumAlgorithm, _ decoder: inout RowDecoder) throws {
        if let plan = try decoder.plan(for: event, checksum: checksum) {
            statement += try RowChange.rows(event, plan, &writer)
            guard plan.event.flags.contains(.statementEnd) else { return }
        }
        statements.append(statement)
        statement = []
    }

    private func endTransaction() {
        if !statement.isEmpty { statements.append(statement) }
        if !isExcluded, statements.contains(where: { !$0.isEmpty }) { transactions.append(statements.filter { !$0.isEmpty }) }
        statements = []
        statement = []
        isExcluded = false
    }
}

extension RowChange {
    /// The rows of an event; of an update, with what the after image leaves out filled in.
    static func rows(
        _ event: RawSpan, _ plan: (event: RowsEvent, plan: RowPlan), _ writer: inout ValueWriter
    ) throws -> [RowChange] {
        var changes: [RowChange] = []
        var rows = try RowReader(event, event: plan.event, plan: plan.plan)
        let table = "\(plan.plan.table.database).\(plan.plan.table.table)"
        while try rows.next() {
            var change = RowChange(table: table)
            var before: [Int: String] = [:]
            var after: [Int: String] = [:]
            for index in 0..<rows.beforeCount { before[rows.before(index).columnIndex] = text(rows.before(index), &writer) }
            if rows.afterCount > 0 { after = before }
            for index in 0..<rows.afterCount { after[rows.after(index).columnIndex] = text(rows.after(index), &writer) }
            if rows.beforeCount > 0 { change.before = before.sorted { $0.key < $1.key }.map(\.value) }
            if rows.afterCount > 0 { change.after = after.sorted { $0.key < $1.key }.map(\.value) }
            changes.append(change)
        }
        return changes
    }

    private static func text(_ value: borrowing RowValue, _ writer: inout ValueWriter) -> String {
        var sink = ByteSink(capacity: 64)
        writer.write(value, as: .text, into: &sink)
        return sink.string
    }
}
