import BinlogInput
import Common

/// Prints stretches of the input on one thread, into ``Printer/sink``.
struct Printer: ~Copyable {
    /// From how many bytes on what was printed of one stretch waits for its turn.
    static let sinkBytes = 2 << 20

    let options: PrintOptions
    var sink = ByteSink(capacity: sinkBytes)
    /// The transaction whose events are being printed.
    var transaction = TransactionState()
    var summary = RowSummary()

    var writer: ValueWriter
    var scratch = ByteSink(capacity: 1 << 10)
    /// Where the state is made that a statement needs, to be compared with the session's.
    var comparison = ByteSink(capacity: 1 << 10)
    private var matcher: RowMatcher
    /// Lines printed so far, where there is a limit to them.
    var lines: UInt64 = 0

    /// What the statement to come needs: SQL that is printed with it.
    var pending = ByteSink(capacity: 1 << 10)
    /// The SQL that set the state that the session is in; empty for the state in which rows are changed.
    var sessionState = ByteSink(capacity: 1 << 10)
    /// What the session is set to check.
    var checks = SessionChecks()
    private(set) var isMariaDB = false
    /// Whether the server writes to its binlog what foreign keys cascade to.
    private(set) var writesCascades = false

    /// The file's name without its folder, as a string of JSON.
    private(set) var fileNameInJSON: [UInt8] = []
    private var file = InspectedFile(path: "")
    private var decoder = RowDecoder?.none
    /// Of the tables that the decoder knows.
    private(set) var tables = TableCache<TablePrinting>(maxCount: RowDecoder.maxTables, maxWeight: RowDecoder.maxColumns)
    private var decompressor = CompressedEventReader()

    init(_ options: PrintOptions) {
        self.options = options
        writer = ValueWriter(writesInt64AsString: options.writesInt64AsString)
        matcher = RowMatcher(options.rows.conditions)
    }

    var path: String { file.path }

    // MARK: - Stretches

    /// Prints a stretch.
    ///
    /// - Throws: where an event is not what it should be; everything before it has been printed.
    mutating func print(_ work: Work, in pipeline: Pipeline) throws(ToolError) {
        let number = work.number
        sink.drain = { pipeline.write($0, of: number) }
        defer { sink.drain = nil }
        enter(work.file)
        // What goes on in this stretch is made known again by the context.
        transaction.begin()
        let wasEnough = isEnough
        let context = work.context.unsafeBytes
        try print(context.bytes, at: nil)
        if work.isContinued {
            if dependsOnCounts { transaction.counts = pipeline.counts(before: work.number) }
            // Without a filter the first event of text was printed, behind it.
            let isTextBegun = options.format == .text && options.rows.isEmpty
            if isTextBegun || transaction.counts.isIntroduced { transaction.heading.removeAll() }
        } else {
            // Nothing was printed of what the context may hold.
            transaction.counts = TransactionState.Counts()
        }
        for item in work.items {
            switch item {
            case .comment(let text): printComment(text)
            case .note(let note): printNote(note)
            case .prologue: if options.format == .sql { sink.append(utf8: SQLScript.prologue) }
            case .unfinished: if options.format == .sql, !wasEnough { abandonSQL() }
            case .epilogue:
                guard options.format == .sql else { continue }
                settleSQL(wasEnough: wasEnough)
                sink.append(utf8: SQLScript.epilogue)
            case .events(let range, let offset, let isUncommitted):
                guard !isEnough else { continue }
                let events = UnsafeRawBufferPointer(rebasing: work.bytes.unsafeBytes[range])
                try print(events.bytes, at: Place(offset: offset, isUncommitted: isUncommitted))
            }
        }
        if options.format == .sql { settleSQL(wasEnough: wasEnough) }
        if isEnough { pipeline.stop() }
    }

    /// Whether what is printed of a transaction depends on what was printed of it in the stretch before.
    private var dependsOnCounts: Bool {
        options.format == .json || !options.rows.isEmpty && (options.format == .text || options.format == .sql)
    }

    private mutating func printComment(_ text: String) {
        switch options.format {
        case .text, .sql: printLine(String(text.dropLast()))
        case .json, .summary, .history: break
        }
    }

    private mutating func printNote(_ note: Note) {
        switch options.format {
        case .text, .sql, .history: printLine(note.line)
        case .json: printJSON(note)
        case .summary: summary.add(note)
        }
    }

    /// Prints what may have anything in it, such as a file's name, on one line.
    private mutating func printLine(_ text: String) {
        sink.append(utf8: text.onOneLine)
        sink.append("\n")
    }

    private mutating func enter(_ next: InspectedFile) {
        guard next !== file else { return }
        file = next
        var name = ByteSink(capacity: 64)
        name.append(jsonString: String(next.path.split(separator: "/").last ?? "-"))
        fileNameInJSON = name.bytes.array
        tables.removeAll()
        decoder = next.description.map { RowDecoder(format: $0) }
        let version = ServerVersion(parsing: next.description?.serverVersion ?? "")
        isMariaDB = version.isMariaDB
        writesCascades = !version.isMariaDB && version >= ServerVersion(9, 6, 0)
    }

    /// Where events stand that are printed.
    struct Place {
        var offset: UInt64
        var isUncommitted: Bool
        /// Whether they come out of the compressed event that stands there.
        var isInner = false
    }

    /// - Parameter place: of the first event; nil for events that are only taken in.
    private mutating func print(_ events: RawSpan, at place: Place?) throws(ToolError) {
        var cursor = EventCursor(events)
        var place = place
        while true {
            do throws(CodecError) {
                guard let header = try cursor.next() else { return }
                try take(header, cursor.event, place, file.checksum)
            } catch {
                throw ToolError(
                    error.code == .unsupported ? .failure : .damaged, file: file.path, offset: place?.offset, error.reason)
            }
            place?.offset += UInt64(cursor.event.byteCount)
            if isEnough { return }
        }
    }

    /// Whether as many lines were printed as are wanted.
    var isEnough: Bool { options.limit.map { lines >= $0 } ?? false }

    /// What is printed of the table that an event maps or changes rows of; nil for other events.
    mutating func table(of header: EventHeader, _ event: RawSpan) -> TablePrinting? {
        guard
            header.type == .tableMap || RowsEvent.action(of: header.type) != nil
                || CompressedEventReader.ordinaryType(of: header.type).flatMap(RowsEvent.action(of:)) != nil
        else { return nil }
        let byteCount = file.description?.postHeaderLength(of: header.type) == 6 ? 4 : 6
        var reader = ByteReader(event)
        guard (try? reader.skip(EventHeader.byteCount)) != nil, let id = try? reader.integer(byteCount: byteCount) else { return nil }
        return tables.find(id)
    }

    // MARK: - Events

    /// Takes an event in, and prints it where it has a place.
    private mutating func take(
        _ header: EventHeader, _ event: RawSpan, _ place: Place?, _ checksum: ChecksumAlgorithm
    ) throws(CodecError) {
        switch header.type {
        case .gtid, .anonymousGTID, .gtidTagged: try takeGTID(event, checksum)
        case .mariaDBGTID: try takeMariaDBGTID(event, place, checksum)
        case .query: try takeQuery(event, header, place, checksum)
        case .rowsQuery, .annotateRows: try takeRowsQuery(header, event, checksum)
        case .tableMap: try takeTableMap(event, checksum)
        case .executeLoadQuery where options.format == .json:
            if let place { printStatement(try ExecuteLoadQueryEvent(decoding: event, checksum: checksum).statement, header, place) }
        default: if options.format == .sql { try takeForSQL(header, event, place, checksum) }
        }
        if let place { try printEvent(header, event, place, checksum) }
        if let place, header.type == .incident || header.type == .partialRowData { try takeLoss(header, event, place, checksum) }
        if RowsEvent.action(of: header.type) != nil {
            try takeRows(header, event, place, checksum)
        } else if CompressedEventReader.ordinaryType(of: header.type) != nil {
            try takeCompressed(event, place, checksum)
        } else if header.type == .transactionPayload {
            try takePayload(event, place, checksum)
        } else if let place, header.type == .xid || header.type == .xaPrepare {
            try printCommit(header, event, place, checksum)
        }
    }

    private mutating func takeGTID(_ event: RawSpan, _ checksum: ChecksumAlgorithm) throws(CodecError) {
        let group = try GTIDEvent(decoding: event, checksum: checksum)
        transaction.begin()
        transaction.isAnnounced = true
        group.gtid?.appendText(to: &transaction.gtid)
        transaction.commitTime = group.commitTime
        if options.format == .text || options.format == .sql { EventText.appendTransaction(group, to: &transaction.heading) }
    }

    private mutating func takeMariaDBGTID(_ event: RawSpan, _ place: Place?, _ checksum: ChecksumAlgorithm) throws(CodecError) {
        let group = try MariaDBGTIDEvent(decoding: event, checksum: checksum)
        transaction.begin()
        // Its BEGIN is in the event, or in none.
        transaction.isAnnounced = true
        transaction.gtid.append(contentsOf: "\(group.gtid)".utf8)
        transaction.threadID = group.threadID
        if options.format == .text || options.format == .sql { EventText.appendTransaction(group.gtid, to: &transaction.heading) }
        guard options.format == .sql, !group.flags.contains(.standalone) else { return }
        if group.flags.contains(.preparedXA) { group.appendXID(to: &transaction.xid) }
        open(transaction.xid.isEmpty ? SQLScript.begin : Array("\(SQLScript.lock)XA START ".utf8) + transaction.xid, place)
    }

    /// Keeps the statement of the rows that follow; one that is too long for later stretches is kept for none.
    private mutating func takeRowsQuery(
        _ header: EventHeader, _ event: RawSpan, _ checksum: ChecksumAlgorithm
    ) throws(CodecError) {
        transaction.query.removeAll(keepingCapacity: true)
        guard event.byteCount <= TransactionContext.maxStatementBytes else { return }
        if header.type == .rowsQuery {
            transaction.query.append(try RowsQueryEvent(decoding: event, checksum: checksum).text)
        } else {
            transaction.query.append(try AnnotateRowsEvent(decoding: event, checksum: checksum).text)
        }
    }

    private mutating func takeQuery(
        _ event: RawSpan, _ header: EventHeader, _ place: Place?, _ checksum: ChecksumAlgorithm
    ) throws(CodecError) {
        let query = try QueryEvent(decoding: event, checksum: checksum)
        // Old servers write no event before it.
        if !transaction.isAnnounced, StatementText.isBegin(query.query) { transaction.begin() }
        transaction.isAnnounced = false
        transaction.threadID = UInt64(query.threadID)
        if options.format == .sql { return try printSQLStatement(query, header, place) }
        guard let place, options.format == .json else { return }
        printStatement(query, header, place)
    }

    /// Takes an event in that only SQL has a use for.
    private mutating func takeForSQL(
        _ header: EventHeader, _ event: RawSpan, _ place: Place?, _ checksum: ChecksumAlgorithm
    ) throws(CodecError) {
        switch header.type {
        case .intvar: takePending(try IntvarEvent(decoding: event, checksum: checksum))
        case .rand: takePending(try RandEvent(decoding: event, checksum: checksum))
        case .userVar: try takePending(UserVariableEvent(decoding: event, checksum: checksum))
        case .xid: if place != nil { endSQL(SQLScript.commit) }
        case .xaPrepare: if place != nil { try endXA(event, checksum) }
        case .executeLoadQuery:
            try refuseLoad(database: ExecuteLoadQueryEvent(decoding: event, checksum: checksum).statement.database, "\(header.type)")
        case .load, .newLoad, .createFile:
            try refuseLoad(database: LoadEvent(decoding: event, checksum: checksum).database, "\(header.type)")
        case .incident: throw CodecError(.unsupported, at: 0, "an incident: the server lost events here, and SQL cannot make up for them")
        case .partialRowData:
            throw CodecError(
                .unsupported, at: 0,
                "a row event in pieces, which SQL is not made of; leave its transaction out, or apply it by mysqlbinlog")
        default: break
        }
    }

    /// Takes an event in that stands for changes which are not among the rows.
    private mutating func takeLoss(
        _ header: EventHeader, _ event: RawSpan, _ place: Place, _ checksum: ChecksumAlgorithm
    ) throws(CodecError) {
        switch options.format {
        case .text, .sql: break
        case .json: try printLossInJSON(header, event, place, checksum)
        case .summary: summary.add(lossOf: header.type)
        case .history:
            sink.append("# note: ")
            sink.append(text: "\(header.type) at \(place.offset):")
            try EventText.appendDetails(header, head: event, checksum: checksum, to: &sink)
            sink.append("\n")
        }
    }

    private mutating func takeTableMap(_ event: RawSpan, _ checksum: ChecksumAlgorithm) throws(CodecError) {
        let isKnown = try decoder?.knows(table: event, checksum: checksum) ?? false
        let table = try decoder?.addTable(event, checksum: checksum) { map in
            guard let schema = options.schema, options.rows.wants(database: map.database, table: map.table) else { return }
            schema.complete(&map)
        }
        guard let table else { return }
        if isKnown, tables.find(table.tableID) != nil { return }
        let counts = options.format == .summary ? summary.counts(of: table) : nil
        let printing = TablePrinting(table, filter: options.rows, counts: counts, isForSQL: options.format == .sql)
        tables.insert(printing, for: table.tableID, weight: table.columns.count)
    }

    private mutating func takeCompressed(_ event: RawSpan, _ place: Place?, _ checksum: ChecksumAlgorithm) throws(CodecError) {
        // Out of the printer, so that its event can be lent while the printer changes.
        var decompressor = CompressedEventReader()
        swap(&decompressor, &self.decompressor)
        defer { swap(&decompressor, &self.decompressor) }
        try decompressor.decompress(event, checksum: checksum)
        let header = try EventHeader(decoding: decompressor.event)
        if header.type == .query {
            if place != nil { try printPendingLine(ofStatement: decompressor.event) }
            try takeQuery(decompressor.event, header, place, .none)
        } else {
            try takeRows(header, decompressor.event, place, .none)
        }
    }

    private mutating func takePayload(_ event: RawSpan, _ place: Place?, _ checksum: ChecksumAlgorithm) throws(CodecError) {
        let payload = try TransactionPayloadEvent(decoding: event, checksum: checksum)
        var place = place
        place?.isInner = true
        var reader = try TransactionPayloadReader(payload)
        var input = ByteReader(payload.payload)
        while case .event(let header) = try reader.next(&input) {
            try take(header, reader.event, place, .none)
        }
    }

    private mutating func takeRows(
        _ header: EventHeader, _ event: RawSpan, _ place: Place?, _ checksum: ChecksumAlgorithm
    ) throws(CodecError) {
        guard let place else { return }
        guard let found = try decoder?.plan(for: event, checksum: checksum) else { return }
        let id = found.event.tableID
        guard let table = tables.find(id) else { throw CodecError(.invalid, at: 0, "rows of table id \(id), which nothing has named") }
        let isWanted = table.isWanted && options.rows.wants(found.event.action.kind)
        var rows = try RowReader(event, event: found.event, plan: found.plan)
        switch options.format {
        case .text: if isWanted { try printText(&rows, table) }
        case .json: try printJSON(&rows, table, header, place, isWanted: isWanted)
        case .sql: if isWanted { try printSQL(&rows, table) }
        case .summary: if isWanted { try table.counts?.add(&rows, byteCount: UInt64(event.byteCount)) }
        case .history: if isWanted { try printHistory(&rows, table, header, place) }
        }
        if found.event.flags.contains(.statementEnd) { transaction.query.removeAll(keepingCapacity: true) }
    }

    /// Whether the row is one that `--where` asks for.
    mutating func isMatch(_ rows: borrowing RowReader, _ table: TablePrinting) -> Bool {
        matcher.matches(rows, columns: table.conditionColumns)
    }
}

extension RowsEvent.Action {
    var kind: ChangeKind {
        switch self {
        case .insert: .insert
        case .update, .partialUpdate: .update
        case .delete: .delete
        }
    }
}
