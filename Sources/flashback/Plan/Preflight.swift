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
    let schema: SchemaStore?

    private(set) var plan = Plan()
    var verdict = Verdict()

    /// What is known of tables by their ids, which mean nothing in another file.
    var tables = TableCache<MappedTable>(maxCount: RowDecoder.maxTables, maxWeight: RowDecoder.maxColumns)
    /// Ids of the tables that the open statement has mapped.
    var statementTables: [UInt64] = []
    /// Of MariaDB's: ids of those with rows in the open statement, and whether its rows may have cascaded to others.
    var changedTables: [UInt64] = []
    var mayCascade = false
    /// Tables in which something is undone, and those of them of which it was told that a later change is kept.
    var touched: Set<String> = []
    var keptTables: Set<String> = []
    /// Tables of which it was told that the binlog does not name their columns.
    var namelessTables: Set<String> = []
    /// Whether it was told that what is kept may have changed rows of which nothing is known here.
    private var hasWarnedOfKept = false
    /// What was in the inputs so far, and what they say was executed before.
    private var seen = GTIDSet()
    private var previous: GTIDSet?
    var transaction = Transaction()
    /// Of the file's last FORMAT_DESCRIPTION.
    var layout = EventLayout(FormatDescriptionEvent(serverVersion: "", postHeaderLengths: [], checksum: nil))
    var isMariaDB = false

    /// The transaction that the walk is in.
    struct Transaction {
        var gtid: GTID?
        var mariaDBGTID: MariaDBGTID?
        /// The GTID as text, which only what is told needs.
        var name: String? { gtid?.description ?? mariaDBGTID?.description }
        /// Whether it is not to be undone.
        var isKept = false
        var begin: UInt64 = 0
        var hasRows = false
        /// An XA transaction is told about once.
        var isXA = false
        /// What there was before it.
        var verdict = Verdict.Mark()
        var list = BlockList.Mark()
    }

    /// A table, and what was found of the last head of a row event on it.
    final class MappedTable {
        let map: TableMapEvent
        let name: String
        let body: [UInt8]
        let isWanted: Bool
        /// Whether something is undone in it.
        var isTouched = false
        /// Type and head of an event, up to its rows.
        var lastType = EventType.unknown
        var lastHead: [UInt8] = []
        var lastObstacle: Obstacle?

        init(_ map: TableMapEvent, body: [UInt8], isWanted: Bool) {
            self.map = map
            name = "`\(map.database)`.`\(map.table)`"
            self.body = body
            self.isWanted = isWanted
        }
    }

    struct Obstacle {
        var reason: String
        var needsSchema = false
    }

    init(
        transactions: TransactionFilter, rows: RowFilter, needsNames: Bool, temporaryFolder: String, blockBytes: Int,
        schema: SchemaStore? = nil
    ) {
        self.schema = schema
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
        var walk = FileWalk(reader: try EventReader(ByteInput(path: readPath ?? path), isDigesting: false), bounds: bounds)
        let input = PlannedInput(path: path, file: file, blockBytes: blockBytes)
        plan.inputs.append(input)
        tables.removeAll()
        forgetStatement()
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
            if header.type == .transactionPayload, !transaction.isKept || !touched.isEmpty { try takePayload(header, at: offset, input) }
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
        _ = walk.takeUnknownType()
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
        if action == .ends || action == .whole, let gtid = walk.endTransaction() { try note(gtid) }
        if header.type == .previousGTIDs, action == .outside { try takePrevious(&walk, input) }
        guard action != .outside else { return true }
        guard walk.isWanted else {
            if !touched.isEmpty { try takeWhole(header, &walk, input) }
            return true
        }
        let endsStatement = try takeWhole(header, &walk, input)
        input.list.take(header, at: walk.reader.offset, format: input.formats.count - 1, endsStatement: endsStatement)
        return true
    }

    /// Forgets a transaction that another one, or a new start of the server, cut short: it was never committed.
    private mutating func leaveOut(_ name: String, _ input: PlannedInput) {
        input.list.cut(to: transaction.list)
        verdict.cut(to: transaction.verdict)
        // What was told of tables may have been told of this transaction alone.
        namelessTables.removeAll()
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
            gtid: gtid, mariaDBGTID: mariaDBGTID, isKept: !walk.isWanted, begin: walk.reader.offset, verdict: verdict.mark,
            list: input.list.mark)
        forgetStatement()
    }

    // MARK: - The order of the inputs

    private mutating func note(_ gtid: GTID) throws(CodecError) {
        guard seen.insert(gtid) else {
            throw CodecError(.unsupported, at: 0, "\(gtid) is there twice: an input was named twice, or they overlap")
        }
    }

    /// Compares what a file says was executed before it with what the inputs before it hold.
    private mutating func takePrevious(_ walk: inout FileWalk, _ input: PlannedInput) throws(CodecError) {
        try walk.loadWhole()
        let set = try PreviousGTIDsEvent(decoding: walk.reader.head, checksum: walk.reader.checksum).gtidSet()
        defer { previous = set }
        let known = seen.union(previous ?? GTIDSet())
        let later = known.subtracting(set)
        guard later.isEmpty else {
            throw CodecError(
                .unsupported, at: 0,
                "the inputs before it hold what was not executed when it began (\(later)): name them in the order in which they were written"
            )
        }
        let missing = set.subtracting(known)
        if previous != nil, !missing.isEmpty {
            verdict.warn("before \(input.path), \(missing) was executed that is in no input: what it changed is not taken into account")
        }
    }

    /// Tells of what is wanted by name and is in no input.
    mutating func end() {
        guard let missing = transactions.included?.subtracting(seen), !missing.isEmpty else { return }
        verdict.warn("\(missing) of --gtid is in none of the inputs")
    }

    // MARK: - Events of transactions

    /// Judges the event that the reader stands at; returns whether it ends a statement.
    @discardableResult
    private mutating func takeWhole(_ header: EventHeader, _ walk: inout FileWalk, _ input: PlannedInput) throws(CodecError) -> Bool {
        let offset = walk.reader.offset
        let checksum = walk.reader.checksum
        // Its columns may have more names than the head has room for.
        if header.type == .tableMap || header.type == .queryCompressed { try walk.loadWhole() }
        let endsStatement = header.endsStatement(walk.reader.head, layout, checksum)
        try take(header, walk.reader.head, at: offset, layout, checksum, endsStatement: endsStatement, input)
        return endsStatement
    }

    /// Judges an event of a file or of a payload.
    mutating func take(
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
        default:
            if header.rowsType != nil {
                try takeRows(header, head, at: offset, layout, checksum, input)
            } else if !header.type.isKnown, !header.flags.contains(.ignorable) {
                block(at: offset, input, "an event of a type that is not known (\(header.type.rawValue))")
            }
        }
        if endsStatement { endStatement(at: offset, input) }
    }

    /// Tells what stands in the way, unless the transaction is kept as it is.
    mutating func block(at offset: UInt64, _ input: PlannedInput, _ reason: String, needsSchema: Bool = false) {
        guard !transaction.isKept else {
            guard !touched.isEmpty, !hasWarnedOfKept else { return }
            hasWarnedOfKept = true
            return verdict.warn(
                "what is kept at byte \(offset) of \(input.path) may have changed rows that are to be undone (\(reason)): "
                    + "where it has, these cannot be undone, or not to what they were")
        }
        verdict.add(
            Verdict.Blocker(gtid: transaction.name, file: input.path, position: offset, reason: reason, needsSchema: needsSchema))
    }

    mutating func blockXA(at offset: UInt64, _ input: PlannedInput) {
        guard !transaction.isXA else { return }
        transaction.isXA = true
        block(at: offset, input, "an XA transaction: what becomes of it is decided elsewhere")
    }
}
