/// Row events in, rows and their values out.
///
///     func printRows(of bytes: RawSpan, format: FormatDescriptionEvent, into output: inout ByteSink) throws(CodecError) {
///         var decoder = RowDecoder(format: format)
///         var writer = ValueWriter()
///         var cursor = EventCursor(bytes)
///         while let header = try cursor.next() {
///             if header.type == .tableMap { try decoder.addTable(cursor.event) }
///             guard RowsEvent.action(of: header.type) != nil else { continue }
///             guard let plan = try decoder.plan(for: cursor.event) else { continue }
///             var rows = try decoder.rows(of: cursor.event, plan: plan)
///             while try rows.next() {
///                 for index in 0..<rows.afterCount {
///                     writer.write(rows.after(index), as: .text, into: &output)
///                     output.append(" ")
///                 }
///             }
///         }
///     }
///
/// It keeps the tables that a statement has mapped and the plans made of them. One for each thread.
public struct RowDecoder {
    /// What stands for "no table" in an event that only ends a statement.
    public static let dummyTableID: UInt64 = 0xffff_ffff_ffff
    /// Tables that are kept; above that all are forgotten, since servers map far fewer in one statement.
    public static let maxTables = 4096

    private let checksum: ChecksumAlgorithm
    private let format: FormatDescriptionEvent
    private var tables: [UInt64: MappedTable] = [:]

    private struct MappedTable {
        /// What the table was read from: servers map a table again for every statement, in the same bytes.
        var body: [UInt8]
        var table: TableMapEvent
        var plan: RowPlan?
    }

    public init(format: FormatDescriptionEvent) {
        self.format = format
        checksum = format.checksum ?? .none
    }

    /// Takes a TABLE_MAP event.
    ///
    /// - Parameters:
    ///   - checksum: What the event ends with; nil takes what the file's description says. Events out of a compressed one have none.
    ///   - adjust: Fills in what the event does not say, from a schema. It is not asked again for bytes that have not changed.
    @discardableResult
    public mutating func addTable(
        _ event: RawSpan, checksum: ChecksumAlgorithm? = nil, adjust: (inout TableMapEvent) -> Void = { _ in }
    ) throws(CodecError) -> TableMapEvent {
        let idByteCount = format.postHeaderLength(of: .tableMap) == 6 ? 4 : 6
        let body = try eventBody(event, is: .tableMap, checksum: checksum ?? self.checksum)
        var reader = ByteReader(body)
        let id = try reader.integer(byteCount: idByteCount)
        if let known = tables[id], known.body.span.bytes.isEqual(to: body) { return known.table }
        var table = try TableMapEvent(decoding: event, checksum: checksum ?? self.checksum, tableIDByteCount: idByteCount)
        adjust(&table)
        if tables.count >= Self.maxTables { forgetTables() }
        tables[id] = MappedTable(body: body.array, table: table)
        return table
    }

    /// Forgets every table. A table id means nothing in another file.
    public mutating func forgetTables() {
        tables = [:]
    }

    /// Reads the head of a row event and finds or makes the plan for its rows; nil for an event that only ends a statement.
    ///
    /// - Parameter checksum: What the event ends with; nil takes what the file's description says.
    /// - Throws: `invalid` where no TABLE_MAP has named its table.
    public mutating func plan(
        for event: RawSpan, checksum: ChecksumAlgorithm? = nil
    ) throws(CodecError) -> (event: RowsEvent, plan: RowPlan)? {
        let header = try EventHeader(decoding: event)
        let rows = try RowsEvent(
            decoding: event, checksum: checksum ?? self.checksum, postHeaderLength: format.postHeaderLength(of: header.type))
        if rows.tableID == Self.dummyTableID { return nil }
        guard let known = tables[rows.tableID] else {
            throw CodecError(.invalid, at: EventHeader.byteCount, "rows of table id \(rows.tableID), which nothing has named")
        }
        if let plan = known.plan, plan.fits(rows) { return (rows, plan) }
        let plan = try RowPlan(table: known.table, event: rows)
        tables[rows.tableID]?.plan = plan
        return (rows, plan)
    }

    /// The rows of an event that ``plan(for:)`` has read.
    @_lifetime(copy bytes)
    public func rows(of bytes: RawSpan, plan: (event: RowsEvent, plan: RowPlan)) throws(CodecError) -> RowReader {
        try RowReader(bytes, event: plan.event, plan: plan.plan)
    }
}
