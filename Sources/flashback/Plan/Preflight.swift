import BinlogInput
import Common

/// The first walk over the inputs: finds out what is wanted, where it stands, and what of it cannot be undone, before a byte is written.
struct Preflight: ~Copyable {
    let transactions: TransactionFilter
    let rows: RowFilter
    /// Whether the output names columns.
    let needsNames: Bool
    let schema: SchemaStore?
    let temporaryFolder: String
    let blockBytes: Int
    /// Whether what is undone must be the end of the binlog, on which nothing that is kept depends.
    let mustBeTail: Bool
    /// What `--password-file` says.
    let passwordFile: String?
    /// Takes a line for stderr.
    let tell: (String) -> Void

    var plan = Plan()
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
    /// Tables whose foreign keys refer to touched ones, with these.
    var touchedChildren: [String: [String]] = [:]
    /// Tables of which it was judged what a transaction of the cluster's changed in them: the one that the walk is in.
    var heldTables: Set<String> = []
    /// The file that the last one says follows it, and where.
    var nextFile: (name: String, offset: UInt64)?
    /// Where the last input ends; nil for a data directory's or a segment.
    var inputEnd: UInt64?
    /// Tables of which it was told why they stand in the way.
    var blockedTables: Set<String> = []
    /// Whether it was told that what is kept may have changed rows of which nothing is known here.
    private var hasWarnedOfKept = false
    /// What was in the inputs so far, and what they say was executed before.
    private var seen = GTIDSet()
    private var previous: GTIDSet?
    /// Files that were taken.
    var files: Set<FileIdentity> = []
    /// Bytes that were copied since they cannot be read twice.
    var copiedBytes: UInt64 = 0
    private var order = FileOrder()
    /// When the file was begun, in seconds since 1970; 0 where it does not say.
    private var fileTime: UInt32 = 0
    /// Whether GTIDs of MySQL's tell the file's place among others.
    private var hasGTIDs = false
    var transaction = Transaction()
    /// Of the file's last FORMAT_DESCRIPTION.
    var layout = EventLayout(FormatDescriptionEvent(serverVersion: "", postHeaderLengths: [], checksum: nil))
    var isMariaDB = false
    var serverVersion = ""

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
        /// What the schema has of it; nil without one.
        let match: SchemaStore.Match?
        /// Those whose parent it is.
        let foreignKeys: [(child: String, key: ForeignKey)]
        /// For each `--where` its column; fewer where it does not have them all.
        let conditionColumns: [Int]
        /// Whether something is undone in it.
        var isTouched = false
        /// Type and head of an event, up to its rows.
        var lastType = EventType.unknown
        var lastHead: [UInt8] = []
        var lastObstacles: [Obstacle] = []
        /// Told once the event turns out to be wanted.
        var untoldWarnings: [String] = []

        init(
            _ map: TableMapEvent, body: [UInt8], isWanted: Bool, match: SchemaStore.Match?,
            foreignKeys: [(child: String, key: ForeignKey)], conditionColumns: [Int]
        ) {
            self.map = map
            name = "`\(map.database)`.`\(map.table)`"
            self.body = body
            self.isWanted = isWanted
            self.match = match
            self.foreignKeys = foreignKeys
            self.conditionColumns = conditionColumns
        }
    }

    init(
        transactions: TransactionFilter, rows: RowFilter, needsNames: Bool, schema: SchemaStore? = nil, temporaryFolder: String,
        blockBytes: Int, mustBeTail: Bool = false, passwordFile: String? = nil, tell: @escaping (String) -> Void = { _ in }
    ) {
        self.mustBeTail = mustBeTail
        self.passwordFile = passwordFile
        self.tell = tell
        self.transactions = transactions
        self.schema = schema
        self.rows = rows
        self.needsNames = needsNames
        self.temporaryFolder = temporaryFolder
        self.blockBytes = blockBytes
    }

    // MARK: - A file

    /// Goes through one file; returns whether the log goes on in the next one.
    mutating func takeFile(
        _ path: String, _ file: consuming SeekableFile, reading readPath: String? = nil, within bounds: LogBounds? = nil
    ) throws(ToolError) -> Bool {
        var walk = FileWalk(reader: try EventReader(ByteInput(path: readPath ?? path), isDigesting: false), bounds: bounds)
        let input = PlannedInput(path: path, file: file, blockBytes: blockBytes)
        plan.inputs.append(input)
        tables.removeAll()
        forgetStatement()
        fileTime = 0
        nextFile = nil
        inputEnd = nil
        hasGTIDs = false
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
        if bounds == nil {
            inputEnd = walk.reader.offset
            try place(path)
        }
        // As many files as there are, those without anything to undo keep none open.
        if input.list.blocks.isEmpty { input.release() }
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
            if input.formats.isEmpty { fileTime = header.timestamp }
            input.formats.append((description, header.serverID))
            layout = EventLayout(description)
            serverVersion = description.serverVersion
            isMariaDB = ServerVersion(parsing: serverVersion).isMariaDB
            if !mustBeTail, let misfit = transactions.misfit(isMariaDB: isMariaDB) { verdict.warn("\(input.path) was \(misfit)") }
        }
        if header.type == .rotate, !header.flags.contains(.artificial) {
            let rotate = try RotateEvent(decoding: walk.reader.head, checksum: walk.reader.checksum)
            nextFile = (rotate.fileName.string, walk.reader.offset)
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
        blockedTables.removeAll()
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
        walk.beginTransaction(gtid, isWanted: transactions.wants(gtid, mariaDB: mariaDBGTID) && transactions.wants(committedAt: time))
        transaction = Transaction(
            gtid: gtid, mariaDBGTID: mariaDBGTID, isKept: !walk.isWanted, begin: walk.reader.offset, verdict: verdict.mark,
            list: input.list.mark)
        forgetStatement()
        heldTables.removeAll(keepingCapacity: true)
        if mustBeTail, gtid == nil, walk.isWanted {
            block(at: walk.reader.offset, input, "a transaction without a GTID of MySQL's: nothing tells whether the cluster has it")
        }
    }

    // MARK: - The order of the inputs

    /// Compares a file that was gone through with the one before.
    private mutating func place(_ path: String) throws(ToolError) {
        do throws(CodecError) {
            if let warning = try order.take(path, time: fileTime, hasGTIDs: hasGTIDs) { verdict.warn(warning) }
        } catch { throw ToolError(.failure, file: path, error.reason) }
    }

    private mutating func note(_ gtid: GTID) throws(CodecError) {
        hasGTIDs = true
        guard seen.insert(gtid) else {
            throw CodecError(.unsupported, at: 0, "\(gtid) is there twice: an input was named twice, or they overlap")
        }
    }

    /// Compares what a file says was executed before it with what the inputs before it hold.
    private mutating func takePrevious(_ walk: inout FileWalk, _ input: PlannedInput) throws(CodecError) {
        try walk.loadWhole()
        let set = try PreviousGTIDsEvent(decoding: walk.reader.head, checksum: walk.reader.checksum).gtidSet()
        if !set.isEmpty { hasGTIDs = true }
        defer { previous = set }
        if mustBeTail, previous == nil, let excluded = transactions.excluded, case let lacking = set.subtracting(excluded), !lacking.isEmpty
        {
            verdict.warn("before \(input.path), \(lacking) was executed, which the cluster does not have: it is in no input, and stays")
        }
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
        plan.notes = notes
        endTail()
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
            if mustBeTail, !touched.isEmpty {
                return refuseHeld(
                    at: offset, input, "the cluster has it, and it came after a transaction that the cluster lacks: \(reason)")
            }
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
