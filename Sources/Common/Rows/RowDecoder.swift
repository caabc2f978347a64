import Glibc

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
    /// Tables that are kept at most, and all their columns. Servers map far fewer in one statement.
    public static let maxTables = 4096
    public static let maxColumns = 1 << 16

    private let checksum: ChecksumAlgorithm
    private let format: FormatDescriptionEvent
    private let isMariaDB: Bool
    private var tables = TableCache<Table>(maxCount: maxTables, maxWeight: maxColumns)

    /// A mapped table with what was read last of it: events repeat each other's beginnings, and comparing is cheaper than decoding.
    private final class Table {
        let map: TableMapEvent
        /// The body of the TABLE_MAP.
        let body: [UInt8]
        var rows: Rows?

        init(_ map: TableMapEvent, body: [UInt8]) {
            self.map = map
            self.body = body
        }
    }

    private final class Rows {
        let type: EventType
        /// The body up to where the rows begin.
        let head: [UInt8]
        let event: RowsEvent
        let plan: RowPlan

        init(_ event: RowsEvent, _ type: EventType, head: [UInt8], plan: RowPlan) {
            self.type = type
            self.head = head
            self.event = event
            self.plan = plan
        }
    }

    public init(format: FormatDescriptionEvent) {
        self.format = format
        checksum = format.checksum ?? .none
        isMariaDB = ServerVersion(parsing: format.serverVersion).isMariaDB
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
        let checksum = checksum ?? self.checksum
        if let known = try known(event, checksum) { return known.map }
        var map = try TableMapEvent(
            decoding: event, checksum: checksum, tableIDByteCount: tableIDByteCount(.tableMap), isMariaDB: isMariaDB)
        adjust(&map)
        if tables.find(map.tableID)?.map != map {
            let body = try eventBody(event, is: .tableMap, checksum: checksum).array
            tables.insert(Table(map, body: body), for: map.tableID, weight: map.columns.count)
        }
        return map
    }

    /// Whether a TABLE_MAP event says just what the last one of its table said, so that there is no need to add it.
    public mutating func knows(table event: RawSpan, checksum: ChecksumAlgorithm? = nil) throws(CodecError) -> Bool {
        try known(event, checksum ?? self.checksum) != nil
    }

    /// The table that was read from the same bytes.
    private mutating func known(_ event: RawSpan, _ checksum: ChecksumAlgorithm) throws(CodecError) -> Table? {
        let body = try eventBody(event, is: .tableMap, checksum: checksum)
        var reader = ByteReader(body)
        guard let table = tables.find(try reader.integer(byteCount: tableIDByteCount(.tableMap))) else { return nil }
        return body.byteCount == table.body.count && begins(body, with: table.body) ? table : nil
    }

    /// Forgets every table. A table id means nothing in another file.
    public mutating func forgetTables() { tables.removeAll() }

    /// Reads the head of a row event and finds or makes the plan for its rows; nil for an event that only ends a statement.
    ///
    /// - Parameter checksum: What the event ends with; nil takes what the file's description says.
    /// - Throws: `invalid` where no TABLE_MAP has named its table.
    public mutating func plan(
        for event: RawSpan, checksum: ChecksumAlgorithm? = nil
    ) throws(CodecError) -> (event: RowsEvent, plan: RowPlan)? {
        let header = try EventHeader(decoding: event)
        let checksum = checksum ?? self.checksum
        let body = try eventBody(event, header: header, checksum: checksum)
        var reader = ByteReader(body)
        let table = tables.find(try reader.integer(byteCount: tableIDByteCount(header.type)))
        if let known = table?.rows, known.type == header.type, begins(body, with: known.head) {
            var rows = known.event
            rows.rows = known.event.rows.lowerBound..<EventHeader.byteCount + body.byteCount
            return (rows, known.plan)
        }
        let rows = try RowsEvent(decoding: event, checksum: checksum, postHeaderLength: format.postHeaderLength(of: header.type))
        if rows.tableID == Self.dummyTableID { return nil }
        guard let table else {
            throw CodecError(.invalid, at: EventHeader.byteCount, "rows of table id \(rows.tableID), which nothing has named")
        }
        let plan: RowPlan
        if let known = table.rows?.plan, known.fits(rows) {
            plan = known
        } else {
            plan = try RowPlan(table: table.map, event: rows, isMariaDB: isMariaDB)
        }
        let head = body.extracting(0..<rows.rows.lowerBound - EventHeader.byteCount).array
        table.rows = Rows(rows, header.type, head: head, plan: plan)
        return (rows, plan)
    }

    private func tableIDByteCount(_ type: EventType) -> Int { format.postHeaderLength(of: type) == 6 ? 4 : 6 }

    private func begins(_ body: RawSpan, with head: [UInt8]) -> Bool {
        guard body.byteCount >= head.count else { return false }
        return body.withUnsafeBytes { body in
            head.withUnsafeBytes { head in
                guard let first = body.baseAddress, let second = head.baseAddress else { return head.isEmpty }
                return memcmp(first, second, head.count) == 0
            }
        }
    }

    /// The rows of an event that ``plan(for:)`` has read.
    @_lifetime(copy bytes)
    public func rows(of bytes: RawSpan, plan: (event: RowsEvent, plan: RowPlan)) throws(CodecError) -> RowReader {
        try RowReader(bytes, event: plan.event, plan: plan.plan)
    }
}
