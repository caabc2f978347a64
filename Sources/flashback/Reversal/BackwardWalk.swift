import BinlogInput
import Common

/// Goes through the blocks of a plan from the last to the first, and hands out what is in them from the last event to the first.
struct BackwardWalk<Output: ReversedOutput & ~Copyable>: ~Copyable {
    private var output: Output
    private let filter: RowFilter
    private let maxMemory: Int
    private let temporaryFolder: String
    private let blockBytes: Int
    private let schema: SchemaStore?
    private let selector: Selector

    private var format = FormatDescriptionEvent(serverVersion: "", postHeaderLengths: [], checksum: nil)
    private var layout: EventLayout
    private var isMariaDB = false
    private var decoder: RowDecoder
    private let expander = Expander()

    /// Shows the event that it expanded while the walk goes on with it.
    private final class Expander {
        var reader = CompressedEventReader()
    }

    /// Shows the event that it made while the walk goes on with it.
    private final class Selector {
        var rows: RowSelection

        init(_ conditions: [RowCondition]) { rows = RowSelection(conditions) }
    }

    /// Whether the output knows a format.
    private var isEntered = false
    /// Whether the block before begins in a statement that was begun, and goes on in the next one.
    private var isStatementBegun = false
    /// The tables of the statement that have been handed out.
    private var statementTables: [UInt64] = []
    private var verdict: (plan: RowPlan, isWanted: Bool, conditionColumns: [Int])?

    /// - Parameters:
    ///   - maxMemory: Bytes that a compressed transaction may take in memory.
    init(
        _ output: consuming Output, filter: RowFilter, schema: SchemaStore? = nil, maxMemory: Int, temporaryFolder: String, blockBytes: Int
    ) {
        self.output = output
        self.filter = filter
        self.schema = schema
        selector = Selector(filter.conditions)
        self.maxMemory = maxMemory
        self.temporaryFolder = temporaryFolder
        self.blockBytes = blockBytes
        decoder = RowDecoder(format: format)
        layout = EventLayout(format)
    }

    /// Undoes all that is planned.
    mutating func run(_ plan: Plan) throws(ToolError) {
        var bytes = ByteSink(capacity: Self.keptBytes)
        var tables = ByteSink(capacity: 1 << 10)
        for input in plan.inputs.reversed() {
            var current: Int?
            for block in input.list.blocks.reversed() {
                if current != block.format {
                    current = block.format
                    try enter(input.formats[block.format])
                }
                tables.removeAll()
                for table in input.list.tables[block.tables] { try input.file.read(table.offset, table.length, into: &tables) }
                bytes.removeAll(keeping: Self.keptBytes)
                try input.file.read(block.offset, block.length, into: &bytes)
                do throws(ToolError) {
                    try undo(bytes.bytes, block, of: input, tables: tables.bytes, checksum: format.checksum ?? .none)
                } catch {
                    guard error.file.isEmpty else { throw error }
                    throw ToolError(.damaged, file: input.path, offset: block.offset + (error.offset ?? 0), error.reason)
                }
            }
        }
        // Where nothing is undone, tools that read the output still find what it is.
        if !isEntered, let format = plan.inputs.last?.formats.last { try enter(format) }
        try output.finish()
    }

    private mutating func enter(_ next: (description: FormatDescriptionEvent, serverID: UInt32)) throws(ToolError) {
        isEntered = true
        format = next.description
        decoder = RowDecoder(format: format)
        layout = EventLayout(format)
        isMariaDB = ServerVersion(parsing: format.serverVersion).isMariaDB
        verdict = nil
        output.endTransaction()
        try output.enter(format, serverID: next.serverID)
    }

    // MARK: - Blocks

    /// Memory that is kept from one block to the next.
    private static var keptBytes: Int { BlockList.defaultBlockBytes }

    /// An event of a block that is of use.
    private struct Event {
        enum Kind {
            case gtid, table, rows, payload, end
        }

        var kind: Kind
        var statement: Int32
        var start: Int
        var length: Int
    }

    /// - Parameter source: What the block is of; nil for what a payload was expanded to.
    /// - Throws: errors without a file, at the offset in the block.
    private mutating func undo(
        _ bytes: RawSpan, _ block: Block, of source: PlannedInput?, tables: RawSpan, checksum: ChecksumAlgorithm
    ) throws(ToolError) {
        let (events, lastStatement) = try events(in: bytes, checksum)
        let wasBegun = isStatementBegun
        /// The statement that has been begun; none of this block before its rows are met.
        var statement: Int32 = wasBegun ? lastStatement : -1
        for index in events.indices.reversed() {
            let event = events[index]
            let span = bytes.extracting(event.start..<event.start + event.length)
            do throws(CodecError) {
                switch event.kind {
                case .table: break
                case .end:
                    output.endTransaction()
                    statement = -1
                case .gtid: try output.name(span, EventHeader(decoding: span), checksum: checksum)
                case .payload: break
                case .rows:
                    guard event.statement != statement else { break }
                    statement = event.statement
                    output.endStatement()
                    output.beginStatement()
                    statementTables.removeAll(keepingCapacity: true)
                    if statement == 0 { try addTables(tables, checksum) }
                    try addTables(of: events[...index], in: bytes, checksum)
                }
            } catch { throw Self.damage(error, at: event.start) }
            if event.kind == .rows || event.kind == .payload, let source {
                output.move(to: EventPlace(input: source, offset: block.offset + UInt64(event.start)))
            }
            if event.kind == .rows { try undoRows(span, checksum, at: event.start) }
            if event.kind == .payload { try undoPayload(span, checksum, at: event.start) }
        }
        isStatementBegun = block.beginsInStatement && (statement == 0 || wasBegun && lastStatement == 0)
    }

    /// Finds what is in a block, and which of its statements is the last: one that goes on behind it, or an empty one.
    private func events(in bytes: RawSpan, _ checksum: ChecksumAlgorithm) throws(ToolError) -> ([Event], Int32) {
        var events: [Event] = []
        var statement: Int32 = 0
        var cursor = EventCursor(bytes)
        do throws(CodecError) {
            while let header = try cursor.next() {
                let kind: Event.Kind? =
                    switch header.type {
                    case .tableMap: .table
                    case .transactionPayload: .payload
                    case .gtid, .anonymousGTID, .gtidTagged, .mariaDBGTID: .gtid
                    default: header.rowsType != nil ? .rows : header.endsTransaction(cursor.event, checksum) ? .end : nil
                    }
                guard let kind else { continue }
                events.append(Event(kind: kind, statement: statement, start: cursor.start, length: Int(header.eventLength)))
                if header.endsStatement(cursor.event, layout, checksum) { statement += 1 }
            }
        } catch { throw Self.damage(error, at: cursor.start) }
        return (events, statement)
    }

    private static func damage(_ error: CodecError, at offset: Int) -> ToolError {
        ToolError(.damaged, file: "", offset: UInt64(offset), error.reason)
    }

    // MARK: - Tables

    /// Adds the TABLE_MAP events of the statement that the last of the events is in.
    private mutating func addTables(of events: ArraySlice<Event>, in bytes: RawSpan, _ checksum: ChecksumAlgorithm) throws(CodecError) {
        guard let last = events.last else { return }
        var first = events.endIndex
        while first > events.startIndex, events[first - 1].statement == last.statement { first -= 1 }
        for event in events[first...] where event.kind == .table {
            try addTable(bytes.extracting(event.start..<event.start + event.length), checksum)
        }
    }

    private mutating func addTables(_ bytes: RawSpan, _ checksum: ChecksumAlgorithm) throws(CodecError) {
        var cursor = EventCursor(bytes)
        while try cursor.next() != nil { try addTable(cursor.event, checksum) }
    }

    private mutating func addTable(_ event: RawSpan, _ checksum: ChecksumAlgorithm) throws(CodecError) {
        let map = try decoder.addTable(event, checksum: checksum) { map in _ = schema?.match(&map) }
        guard isWanted(map), !statementTables.contains(map.tableID) else { return }
        statementTables.append(map.tableID)
        output.addTable(event, map, checksum: checksum)
    }

    // MARK: - Rows

    private mutating func undoRows(_ event: RawSpan, _ checksum: ChecksumAlgorithm, at offset: Int) throws(ToolError) {
        do throws(ToolError) {
            let header = try Self.decode { () throws(CodecError) in try EventHeader(decoding: event) }
            if header.type == header.rowsType { return try undo(event, header, checksum) }
            let expander = expander
            try Self.decode { () throws(CodecError) in try expander.reader.decompress(event, checksum: checksum) }
            try expander.reader.withEvent { (expanded) throws(ToolError) in
                try undo(expanded, try Self.decode { () throws(CodecError) in try EventHeader(decoding: expanded) }, .none)
            }
        } catch {
            guard error.file.isEmpty else { throw error }
            throw ToolError(.damaged, file: "", offset: UInt64(offset), error.reason)
        }
    }

    private mutating func undo(_ event: RawSpan, _ header: EventHeader, _ checksum: ChecksumAlgorithm) throws(ToolError) {
        let plan = try Self.decode { () throws(CodecError) in try decoder.plan(for: event, checksum: checksum) }
        guard let plan, isWanted(plan.event, plan.plan) else { return }
        guard !filter.conditions.isEmpty else { return try undo(event, header, plan) }
        let columns = verdict?.conditionColumns ?? []
        let selector = selector
        let answer = try Self.decode { () throws(CodecError) in try selector.rows.take(from: event, plan, columns: columns) }
        if answer != .all { output.keepRows(of: plan.plan.table) }
        switch answer {
        case .none: return
        case .all: try undo(event, header, plan)
        case .some:
            try selector.rows.withEvent { (event) throws(ToolError) in
                var some = plan
                some.event.rows = plan.event.rows.lowerBound..<event.byteCount
                try undo(event, header, some)
            }
        }
    }

    private mutating func undo(
        _ event: RawSpan, _ header: EventHeader, _ plan: (event: RowsEvent, plan: RowPlan)
    ) throws(ToolError) {
        // Not for an event that is passed over: what stands in front of it may be the statement's last.
        try output.makeRoom()
        try Self.decode { () throws(CodecError) in try output.undo(event, header, plan) }
    }

    /// Tells bytes that are not what they should be as damage, at no place.
    private static func decode<Result>(_ body: () throws(CodecError) -> Result) throws(ToolError) -> Result {
        do throws(CodecError) { return try body() } catch { throw ToolError(.damaged, file: "", error.reason) }
    }

    private mutating func isWanted(_ event: RowsEvent, _ plan: RowPlan) -> Bool {
        if verdict?.plan !== plan {
            let columns = RowMatcher.columns(of: filter.conditions, in: plan.table).compactMap(\.self)
            verdict = (plan, isWanted(plan.table) && columns.count == filter.conditions.count, columns)
        }
        return verdict?.isWanted == true && filter.wants(ChangeKind(event.action))
    }

    private func isWanted(_ table: TableMapEvent) -> Bool {
        if isMariaDB, SequenceTable.matches(table) == true { return false }
        return filter.wants(database: table.database, table: table.table)
    }

    private mutating func undoPayload(_ event: RawSpan, _ checksum: ChecksumAlgorithm, at offset: Int) throws(ToolError) {
        do throws(ToolError) {
            let payload = try ExpandedPayload(
                event, checksum: checksum, layout: layout, maxMemory: maxMemory, temporaryFolder: temporaryFolder,
                blockBytes: blockBytes)
            var bytes = ByteSink(capacity: Self.keptBytes)
            var tables = ByteSink(capacity: 1 << 10)
            output.endTransaction()
            isStatementBegun = false
            for block in payload.list.blocks.reversed() {
                tables.removeAll()
                for table in payload.list.tables[block.tables] { try payload.read(table.offset, table.length, into: &tables) }
                bytes.removeAll(keeping: Self.keptBytes)
                try payload.read(block.offset, block.length, into: &bytes)
                try undo(bytes.bytes, block, of: nil, tables: tables.bytes, checksum: .none)
            }
        } catch {
            guard error.file.isEmpty else { throw error }
            throw ToolError(.damaged, file: "", offset: UInt64(offset), error.reason)
        }
    }
}

extension ChangeKind {
    /// The kind of a row change.
    init(_ action: RowsEvent.Action) {
        switch action {
        case .insert: self = .insert
        case .update, .partialUpdate: self = .update
        case .delete: self = .delete
        }
    }
}
