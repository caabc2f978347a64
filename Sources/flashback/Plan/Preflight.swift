import BinlogInput
import Common
import Log

/// The first walk over the inputs: finds out what is wanted, where it stands, and what of it cannot be undone, before a byte is written.
struct Preflight: ~Copyable {
    let transactions: TransactionFilter
    let rows: RowFilter
    /// Whether the output names columns.
    let needsNames: Bool
    let temporaryFolder: String
    let blockBytes: Int

    private(set) var plan = Plan()
    private(set) var verdict = Verdict()

    /// What is known of tables by their ids, which mean nothing in another file.
    private var tables = TableCache<MappedTable>(maxCount: RowDecoder.maxTables, maxWeight: RowDecoder.maxColumns)
    /// Ids of the tables that the open statement has mapped.
    private var statementTables: [UInt64] = []
    /// Tables of which it was told that the binlog does not name their columns.
    private var namelessTables: Set<String> = []
    private var transaction = Transaction()
    /// Of the file's last FORMAT_DESCRIPTION.
    private var layout = EventLayout(FormatDescriptionEvent(serverVersion: "", postHeaderLengths: [], checksum: nil))
    private var isMariaDB = false

    /// The transaction that the walk is in.
    private struct Transaction {
        var gtid: GTID?
        var mariaDBGTID: MariaDBGTID?
        /// The GTID as text, which only what is told needs.
        var name: String? { gtid?.description ?? mariaDBGTID?.description }
        var begin: UInt64 = 0
        var hasRows = false
        /// An XA transaction is told about once.
        var isXA = false
        /// What there was before it.
        var verdict = Verdict.Mark()
        var list = BlockList.Mark()
    }

    /// A table, and what was found of the last head of a row event on it.
    private final class MappedTable {
        let map: TableMapEvent
        let body: [UInt8]
        let isWanted: Bool
        /// Type and head of an event, up to its rows.
        var lastType = EventType.unknown
        var lastHead: [UInt8] = []
        var lastObstacle: Obstacle?

        init(_ map: TableMapEvent, body: [UInt8], isWanted: Bool) {
            self.map = map
            self.body = body
            self.isWanted = isWanted
        }
    }

    private struct Obstacle {
        var reason: String
        var needsSchema = false
    }

    init(transactions: TransactionFilter, rows: RowFilter, needsNames: Bool, temporaryFolder: String, blockBytes: Int) {
        self.transactions = transactions
        self.rows = rows
        self.needsNames = needsNames
        self.temporaryFolder = temporaryFolder
        self.blockBytes = blockBytes
    }

    /// Goes through an input: a file, `-` for stdin, or a node's data directory.
    mutating func take(_ path: String) throws(ToolError) {
        if path == "-" { return try takeStandardInput() }
        guard StoredLog.isDirectory(path) else {
            _ = try takeFile(path, SeekableFile(path: path))
            return
        }
        let log: StoredLog
        do { log = try StoredLog(directory: path) } catch {
            throw ToolError(
                error.code == .corruption ? .damaged : .failure, file: error.file, offset: error.offset, error.reason, hint: error.hint)
        }
        let bounds = try LogBounds(of: log, showsRest: false)
        for segment in log.segments where segment.firstIndex <= bounds.visible {
            guard try takeFile(segment.path, SeekableFile(path: segment.path), within: bounds) else { return }
        }
    }

    /// Copies stdin into a temporary file, since it is read twice.
    private mutating func takeStandardInput() throws(ToolError) {
        let file = try SeekableFile(temporaryIn: temporaryFolder)
        var input = try ByteInput(path: "-")
        while case let count = try input.fill(atLeast: 1), count > 0 {
            try file.append(input.bytes(count))
            _ = try input.skip(UInt64(count))
        }
        let copy = file.descriptorPath
        do throws(ToolError) { _ = try takeFile("-", file, reading: copy) } catch {
            var error = error
            if error.file == copy { error.file = "-" }
            throw error
        }
    }

    // MARK: - A file

    /// Goes through one file; returns whether the log goes on in the next one.
    private mutating func takeFile(
        _ path: String, _ file: consuming SeekableFile, reading readPath: String? = nil, within bounds: LogBounds? = nil
    ) throws(ToolError) -> Bool {
        var walk = FileWalk(reader: try EventReader(ByteInput(path: readPath ?? path)), bounds: bounds)
        let input = PlannedInput(path: path, file: file, blockBytes: blockBytes)
        plan.inputs.append(input)
        tables.removeAll()
        statementTables.removeAll()
        var goesOn = true
        while goesOn, let header = try walk.reader.next() {
            do throws(CodecError) { goesOn = try take(header, &walk, input) } catch {
                var damage = walk.reader.damage(error.reason)
                if error.code == .unsupported { damage.code = .failure }
                // Where the bytes are not what was written, that is the cause, and what they seem to say is not.
                try walk.reader.finish(verifying: true)
                throw damage
            }
            guard goesOn else { break }
            let offset = walk.reader.offset
            if header.type == .transactionPayload, walk.isWanted { try takePayload(header, at: offset, input) }
            try walk.reader.finish(verifying: true)
            _ = walk.leaveEntryEvent()
        }
        if walk.eventCount == 0 { throw walk.reader.damage("the file ends before its FORMAT_DESCRIPTION event") }
        if walk.isInTransaction, walk.isWanted {
            block(at: transaction.begin, input, "the file ends inside the transaction: it may not have been committed")
        }
        return goesOn
    }

    /// Takes the event that the reader stands at; returns false where the file is not to be read on.
    private mutating func take(_ header: EventHeader, _ walk: inout FileWalk, _ input: PlannedInput) throws(CodecError) -> Bool {
        if case .entry(let entry) = try walk.place(header) {
            if let bounds = walk.bounds, entry.header.index > bounds.visible { return false }
            walk.enter(entry)
            return true
        }
        if header.type == .formatDescription, let description = walk.description {
            input.formats.append((description, header.serverID))
            layout = EventLayout(description)
            isMariaDB = ServerVersion(parsing: description.serverVersion).isMariaDB
        }
        let action = try walk.advance(header)
        if let unfinished = walk.takeUnfinished(), walk.isWanted { leaveOut(unfinished, input) }
        let type = walk.takeUnknownType()
        switch header.type {
        case .gtid, .anonymousGTID, .gtidTagged:
            let event = try GTIDEvent(decoding: walk.reader.head, checksum: walk.reader.checksum)
            begin(event.gtid, nil, at: event.commitTime ?? UInt64(header.timestamp) * 1_000_000, &walk, input)
        case .mariaDBGTID:
            let (gtid, hasXID) = try Self.group(walk.reader.head, walk.reader.checksum)
            begin(nil, gtid, at: UInt64(header.timestamp) * 1_000_000, &walk, input)
            if walk.isWanted, hasXID { blockXA(at: walk.reader.offset, input) }
        default:
            if action == .begins || action == .whole { begin(nil, nil, at: UInt64(header.timestamp) * 1_000_000, &walk, input) }
        }
        if action == .ends || action == .whole { _ = walk.endTransaction() }
        guard action != .outside, walk.isWanted else { return true }
        if type != nil { block(at: walk.reader.offset, input, "an event of a type that is not known (\(header.type.rawValue))") }
        try takeWanted(header, &walk, input)
        return true
    }

    /// Forgets a transaction that another one, or a new start of the server, cut short: it was never committed.
    private mutating func leaveOut(_ name: String, _ input: PlannedInput) {
        input.list.cut(to: transaction.list)
        verdict.cut(to: transaction.verdict)
        verdict.warn("\(name) in \(input.path) was never finished, and is left out")
    }

    private static func group(
        _ event: RawSpan, _ checksum: ChecksumAlgorithm
    ) throws(CodecError) -> (gtid: MariaDBGTID, hasXID: Bool) {
        let event = try MariaDBGTIDEvent(decoding: event, checksum: checksum)
        return (event.gtid, event.hasXID)
    }

    private mutating func begin(_ gtid: GTID?, _ mariaDBGTID: MariaDBGTID?, at time: UInt64, _ walk: inout FileWalk, _ input: PlannedInput)
    {
        walk.beginTransaction(gtid, isWanted: transactions.wants(gtid) && transactions.wants(committedAt: time))
        transaction = Transaction(
            gtid: gtid, mariaDBGTID: mariaDBGTID, begin: walk.reader.offset, verdict: verdict.mark, list: input.list.mark)
        statementTables.removeAll(keepingCapacity: true)
    }

    // MARK: - Wanted events

    private mutating func takeWanted(_ header: EventHeader, _ walk: inout FileWalk, _ input: PlannedInput) throws(CodecError) {
        let offset = walk.reader.offset
        let checksum = walk.reader.checksum
        // Its columns may have more names than the head has room for.
        if header.type == .tableMap || header.type == .queryCompressed { try walk.loadWhole() }
        let endsStatement = header.endsStatement(walk.reader.head, layout, checksum)
        try take(header, walk.reader.head, at: offset, layout, checksum, endsStatement: endsStatement, input)
        input.list.take(header, at: offset, format: input.formats.count - 1, endsStatement: endsStatement)
    }

    /// Judges an event of a file or of a payload.
    private mutating func take(
        _ header: EventHeader, _ head: RawSpan, at offset: UInt64, _ layout: EventLayout, _ checksum: ChecksumAlgorithm,
        endsStatement: Bool, _ input: PlannedInput
    ) throws(CodecError) {
        switch header.type {
        case .tableMap: try takeTable(head, at: offset, layout, checksum, input)
        case .query: try takeStatement(QueryEvent(decoding: head, checksum: checksum), at: offset, input)
        case .queryCompressed:
            var expander = CompressedEventReader()
            try expander.decompress(head, checksum: checksum)
            try takeStatement(QueryEvent(decoding: expander.event, checksum: .none), at: offset, input)
        case .xaPrepare: blockXA(at: offset, input)
        case .incident: block(at: offset, input, "an INCIDENT: the binlog lost changes here")
        case .executeLoadQuery, .load, .newLoad, .execLoad:
            guard rows.wants(.statement) else { return warnOfStatements() }
            block(at: offset, input, "a LOAD DATA that was logged as a statement")
        case .partialRowData: block(at: offset, input, "a row event in pieces (\(header.type))")
        default: if header.rowsType != nil { try takeRows(header, head, at: offset, layout, checksum, input) }
        }
        if endsStatement { statementTables.removeAll(keepingCapacity: true) }
    }

    private mutating func block(at offset: UInt64, _ input: PlannedInput, _ reason: String, needsSchema: Bool = false) {
        verdict.add(
            Verdict.Blocker(gtid: transaction.name, file: input.path, position: offset, reason: reason, needsSchema: needsSchema))
    }

    private mutating func blockXA(at offset: UInt64, _ input: PlannedInput) {
        guard !transaction.isXA else { return }
        transaction.isXA = true
        block(at: offset, input, "an XA transaction: what becomes of it is decided elsewhere")
    }

    // MARK: - Tables and rows

    private mutating func takeTable(
        _ event: RawSpan, at offset: UInt64, _ layout: EventLayout, _ checksum: ChecksumAlgorithm, _ input: PlannedInput
    ) throws(CodecError) {
        let idByteCount = layout.tableIDByteCount(.tableMap)
        let body = event.extracting(EventHeader.byteCount..<max(EventHeader.byteCount, event.byteCount - checksum.byteCount))
        var reader = ByteReader(body)
        let id = try reader.integer(byteCount: idByteCount)
        let known = tables.find(id)
        if let known, known.body.count == body.byteCount, body.begins(with: known.body, at: 0) {
            if !statementTables.contains(id) { statementTables.append(id) }
            return
        }
        if known != nil, statementTables.contains(id) {
            block(at: offset, input, "two tables have the id \(id) in one statement")
        }
        let map: TableMapEvent
        do {
            map = try TableMapEvent(
                decoding: event, checksum: checksum, tableIDByteCount: idByteCount,
                isMariaDB: isMariaDB)
        } catch {
            guard error.code == .unsupported else { throw error }
            return block(at: offset, input, error.reason)
        }
        let isWanted = rows.wants(database: map.database, table: map.table)
        tables.insert(MappedTable(map, body: body.array, isWanted: isWanted), for: id, weight: map.columns.count)
        statementTables.append(id)
    }

    private mutating func takeRows(
        _ header: EventHeader, _ head: RawSpan, at offset: UInt64, _ layout: EventLayout, _ checksum: ChecksumAlgorithm,
        _ input: PlannedInput
    ) throws(CodecError) {
        let type = header.rowsType ?? header.type
        var reader = ByteReader(head.extracting(EventHeader.byteCount..<head.byteCount))
        let id = try reader.integer(byteCount: layout.tableIDByteCount(type))
        if id == RowDecoder.dummyTableID { return }
        guard let table = tables.find(id), statementTables.contains(id) else {
            return block(at: offset, input, "rows of table id \(id), whose TABLE_MAP is missing")
        }
        guard table.isWanted else { return }
        if table.lastType != header.type || !head.begins(with: table.lastHead, at: EventHeader.byteCount) {
            let event = try RowsEvent(
                decodingHead: head, checksum: checksum, postHeaderLength: layout.tableIDByteCount(type) == 4 ? 6 : nil)
            table.lastType = header.type
            table.lastHead = head.extracting(EventHeader.byteCount..<event.rows.lowerBound).array
            table.lastObstacle = obstacle(event, table.map)
        }
        guard let action = RowsEvent.action(of: type), rows.wants(ChangeKind(action)) else { return }
        if !transaction.hasRows { verdict.transactionCount += 1 }
        transaction.hasRows = true
        verdict.rowEventCount += 1
        if needsNames, !SQLTable.knowsNames(of: table.map) { tellNameless(table.map, at: offset, input) }
        if let obstacle = table.lastObstacle { block(at: offset, input, obstacle.reason, needsSchema: obstacle.needsSchema) }
    }

    private mutating func tellNameless(_ table: TableMapEvent, at offset: UInt64, _ input: PlannedInput) {
        let name = "`\(table.database)`.`\(table.table)`"
        guard namelessTables.insert(name).inserted else { return }
        block(
            at: offset, input,
            "the binlog does not name the columns of \(name), which sql needs (binlog_row_metadata was not FULL); binlog output does not",
            needsSchema: true)
    }

    private func obstacle(_ event: RowsEvent, _ table: TableMapEvent) -> Obstacle? {
        if let reason = RowSafety.obstacle(event, table) { return Obstacle(reason: reason) }
        if isMariaDB,
            let column = table.columns.firstIndex(where: { [.time, .dateTime, .timestamp].contains($0.type) })
        {
            return Obstacle(
                reason:
                    "column \(column + 1) of `\(table.database)`.`\(table.table)` is of a temporal type whose length the binlog does not "
                    + "tell (mysql56_temporal_format=OFF)", needsSchema: true)
        }
        do {
            _ = try RowPlan(table: table, event: event)
            return nil
        } catch { return Obstacle(reason: "`\(table.database)`.`\(table.table)`: \(error.reason)") }
    }

    // MARK: - Statements

    private mutating func takeStatement(_ query: borrowing QueryEvent, at offset: UInt64, _ input: PlannedInput) throws(CodecError) {
        switch StatementEffect(query.query) {
        case .none: return
        case .undone:
            guard transaction.hasRows else { return }
            block(at: offset, input, "a ROLLBACK, which undid some of the rows before it and not others")
        case .xa: blockXA(at: offset, input)
        case .change(let kind):
            guard rows.wants(kind) else {
                return warnOfStatements()
            }
            guard try !isElsewhere(query) else { return }
            block(at: offset, input, "\(kind == .ddl ? "DDL" : "a statement without row images"): \(Self.excerpt(query.query))")
        }
    }

    private mutating func warnOfStatements() {
        verdict.warn("statements that --type leaves out are not undone, and rows may not fit what they made of tables")
    }

    /// Whether the databases that the server says the statement changes are none of the wanted ones.
    private func isElsewhere(_ query: borrowing QueryEvent) throws(CodecError) -> Bool {
        guard !rows.databases.isEmpty else { return false }
        let state = try QueryStatusVariables(decoding: query.statusVariables)
        guard let count = state.updatedDatabaseCount, count > 0 else { return false }
        var isElsewhere = true
        state.forEachUpdatedDatabase { name in
            let name = name.array
            if rows.databases.contains(where: { $0.matches(name) }) { isElsewhere = false }
        }
        return isElsewhere
    }

    private static let maxExcerptCharacters = 80

    private static func excerpt(_ text: RawSpan) -> String {
        let head = text.extracting(0..<min(text.byteCount, 4 * maxExcerptCharacters)).string
        let line = head.split(whereSeparator: { $0.isWhitespace || $0.isNewline }).joined(separator: " ")
        return line.count > maxExcerptCharacters ? line.prefix(maxExcerptCharacters) + "…" : line
    }

    // MARK: - Payloads

    /// Bytes of a payload that are read at once.
    private static let pieceBytes = 1 << 20

    /// Judges what is in a compressed transaction, which is read once more from the input, piece by piece.
    private mutating func takePayload(_ header: EventHeader, at offset: UInt64, _ input: PlannedInput) throws(ToolError) {
        let format = input.formats[input.formats.count - 1].description
        let checksum = format.checksum ?? .none
        var piece = ByteSink(capacity: Self.pieceBytes)
        try input.file.read(offset, min(Int(header.eventLength), EventReader.headBytes), into: &piece)
        var reader: TransactionPayloadReader
        var place = offset
        let end: UInt64
        do throws(CodecError) {
            let payload = try TransactionPayloadEvent(decoding: piece.bytes, checksum: checksum)
            place += UInt64(payload.payloadOffset)
            end = place + payload.payloadSize
            reader = try TransactionPayloadReader(payload)
        } catch { return try refuse(error, at: offset, input) }
        var isAtEnd = false
        while !isAtEnd {
            let count = Int(min(end - place, UInt64(Self.pieceBytes)))
            piece.removeAll()
            try input.file.read(place, count, into: &piece)
            place += UInt64(count)
            var bytes = ByteReader(piece.bytes)
            do throws(CodecError) {
                isAtEnd = try takeEvents(&reader, &bytes, at: offset, layout, input)
                guard isAtEnd || count > 0 else { throw CodecError(.truncated, at: 0, "the payload ends before its events do") }
            } catch { return try refuse(error, at: offset, input) }
        }
    }

    private mutating func refuse(_ error: CodecError, at offset: UInt64, _ input: PlannedInput) throws(ToolError) {
        guard error.code == .unsupported else { throw ToolError(.damaged, file: input.path, offset: offset, error.reason) }
        block(at: offset, input, error.reason)
    }

    /// Judges the events that begin in a piece of a payload; returns whether they were the last.
    private mutating func takeEvents(
        _ reader: inout TransactionPayloadReader, _ bytes: inout ByteReader, at offset: UInt64, _ layout: EventLayout,
        _ input: PlannedInput
    ) throws(CodecError) -> Bool {
        while true {
            switch try reader.next(&bytes) {
            case .needsInput: return false
            case .end: return true
            case .event(let inner):
                try take(
                    inner, reader.event, at: offset, layout, .none, endsStatement: inner.endsStatement(reader.event, layout, .none), input)
            }
        }
    }
}

extension RawSpan {
    /// Whether the bytes from `offset` on begin with others.
    fileprivate func begins(with bytes: [UInt8], at offset: Int) -> Bool {
        guard byteCount - offset >= bytes.count else { return false }
        return extracting(offset..<offset + bytes.count).isEqual(to: bytes.span.bytes)
    }
}
