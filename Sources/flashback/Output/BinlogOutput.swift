import Common

/// Writes what undoes transactions as a binlog file, which `mysqlbinlog` turns into what `mysql` takes, and `mariadb-binlog` likewise.
///
/// There are no GTID events in it. The original ones have been executed, so that a server would skip what comes under them, and anonymous
/// ones are refused where gtid_mode is ON (error 1782); without any, the server that takes the transactions gives them GTIDs of its own.
struct BinlogOutput: ReversedOutput, ~Copyable {
    private static let flushBytes = 1 << 20

    private var file: OutputFile
    private var sink = ByteSink(capacity: flushBytes + flushBytes / 4)
    private var format = FormatDescriptionEvent(serverVersion: "", postHeaderLengths: [], checksum: nil)
    private var layout: EventLayout
    private var reversal = RowsReversal()
    private var isInTransaction = false
    private var isInStatement = false
    /// TABLE_MAP events of the statement that are written ahead of its first row event.
    private var tables = ByteSink(capacity: 1 << 10)
    /// The last row event, which may yet turn out to be its statement's last; its checksum and end position are still missing.
    private var pending: Range<Int>?
    private var xid: UInt64 = 0
    /// Of the event that was taken last.
    private var timestamp: UInt32 = 0
    private var serverID: UInt32 = 0

    /// - Parameter keepsLaterRows: See ``Plan/keepsLaterRows``.
    init(_ file: consuming OutputFile, keepsLaterRows: Bool) {
        self.file = file
        layout = EventLayout(format)
        reversal.foreignKeys.keepsLaterRows = keepsLaterRows
    }

    /// What the events end with. Servers that know checksums write one whatever the source did.
    private var checksum: ChecksumAlgorithm { format.checksum == nil ? .none : .crc32 }

    /// Where what is written next stands in the file.
    private var offset: UInt64 { file.count + UInt64(sink.count) }

    // MARK: - Events

    mutating func enter(_ format: FormatDescriptionEvent, serverID: UInt32) throws(ToolError) {
        self.format = format
        self.format.created = 0
        layout = EventLayout(format)
        reversal.foreignKeys.isMariaDB = ServerVersion(parsing: format.serverVersion).isMariaDB
        if format.checksum != nil { self.format.checksum = .crc32 }
        if offset == 0 { sink.append(contentsOf: BinlogMagic.plain) }
        var event: [UInt8] = []
        self.format.encode(
            in: EventEnvelope(serverID: serverID, position: .startingAt(offset), checksum: checksum), into: &event)
        sink.append(contentsOf: event)
        guard !reversal.foreignKeys.isMariaDB else { return }
        // A FORMAT_DESCRIPTION makes a session of MySQL's take what has no GTID for anonymous.
        event.removeAll()
        QueryEvent.encode(
            "/*!50605 SET @@SESSION.GTID_NEXT='AUTOMATIC' */".utf8, database: [],
            in: EventEnvelope(serverID: serverID, flags: .suppressUse, position: .startingAt(offset), checksum: checksum), into: &event)
        sink.append(contentsOf: event)
    }

    mutating func beginStatement() {
        tables.removeAll()
        isInStatement = false
    }

    mutating func addTable(_ event: RawSpan, _ map: TableMapEvent, checksum: ChecksumAlgorithm) {
        let start = tables.count
        tables.append(event.extracting(0..<event.byteCount - checksum.byteCount))
        // Whatever it ends with, its checksum comes when its place is known.
        let length = UInt32(tables.count - start)
        tables.overwrite(start + EventHeader.eventLengthOffset..<tables.count) {
            $0.storeBytes(of: length.littleEndian, as: UInt32.self)
        }
    }

    mutating func undo(
        _ event: RawSpan, _ header: EventHeader, _ plan: (event: RowsEvent, plan: RowPlan)
    ) throws(CodecError) {
        precondition(pending == nil, "the event before has not been settled")
        timestamp = header.timestamp
        serverID = header.serverID
        beginTransaction()
        beginStatementEvents()
        let start = sink.count
        try reversal.append(event, header, plan, layout: layout, checksum: checksum, into: &sink)
        pending = start..<sink.count
    }

    mutating func endStatement() {
        settlePending(isLast: true)
        isInStatement = false
    }

    mutating func endTransaction() {
        endStatement()
        guard isInTransaction else { return }
        isInTransaction = false
        xid += 1
        let number = xid.littleEndian
        append(.xid) { sink in withUnsafeBytes(of: number) { sink.append($0.bytes) } }
    }

    mutating func makeRoom() throws(ToolError) {
        // There is another event of the statement.
        settlePending(isLast: false)
        if sink.count >= Self.flushBytes { try flush() }
    }

    mutating func finish() throws(ToolError) {
        endTransaction()
        try flush()
        try file.finish()
    }

    private mutating func flush() throws(ToolError) {
        precondition(pending == nil, "an event is not whole")
        try file.write(sink.unsafeBytes.bytes)
        sink.removeAll(keeping: Self.flushBytes + Self.flushBytes / 4)
    }

    // MARK: - What stands around row events

    /// What a session needs to insert a row whose AUTO_INCREMENT column is 0: the status variable of sql_mode, NO_AUTO_VALUE_ON_ZERO.
    private static let sqlMode: [UInt8] = [1, 0, 0, 8, 0, 0, 0, 0, 0]

    private mutating func beginTransaction() {
        guard !isInTransaction else { return }
        isInTransaction = true
        append(.query, flags: .suppressUse) { sink in
            // Thread 0, 0 seconds, no name of a database, error 0, the length of the status variables.
            sink.append(contentsOf: [UInt8](repeating: 0, count: 4 + 4 + 1 + 2))
            sink.append(UInt8(Self.sqlMode.count))
            sink.append(0)
            sink.append(contentsOf: Self.sqlMode)
            sink.append(0)
            sink.append("BEGIN")
        }
    }

    private mutating func beginStatementEvents() {
        guard !isInStatement else { return }
        isInStatement = true
        var start = 0
        while start < tables.count {
            let rest = UnsafeRawBufferPointer(rebasing: tables.unsafeBytes[start...]).bytes
            let length = rest.eventLength
            let eventStart = sink.count
            sink.append(rest.extracting(0..<length))
            complete(eventStart..<sink.count, isLengthMissing: true)
            start += length
        }
    }

    /// Appends an event of our own, dated as the one that was taken last.
    private mutating func append(_ type: EventType, flags: EventFlags = [], body: (inout ByteSink) -> Void) {
        let start = sink.count
        let header = EventHeader(timestamp: timestamp, type: type, serverID: serverID, flags: flags)
        _ = sink.append(capacity: EventHeader.byteCount) {
            header.write(to: $0)
            return EventHeader.byteCount
        }
        body(&sink)
        complete(start..<sink.count, isLengthMissing: true)
    }

    /// Completes the last row event.
    private mutating func settlePending(isLast: Bool) {
        guard let range = pending else { return }
        pending = nil
        if isLast {
            sink.overwrite(range) {
                let type = EventType(rawValue: $0[EventHeader.typeOffset])
                $0[layout.rowFlagsOffset(type)] |= UInt8(RowsEvent.Flags.statementEnd.rawValue)
            }
        }
        complete(range, isLengthMissing: false)
    }

    /// Writes the end position and the checksum of the last event in the sink.
    private mutating func complete(_ range: Range<Int>, isLengthMissing: Bool) {
        precondition(range.upperBound == sink.count, "an event is to be completed that is not the last")
        let length = UInt32(range.count + checksum.byteCount)
        let end = UInt32(truncatingIfNeeded: offset + UInt64(checksum.byteCount))
        sink.overwrite(range) { event in
            if isLengthMissing { event.storeBytes(of: length.littleEndian, toByteOffset: EventHeader.eventLengthOffset, as: UInt32.self) }
            event.storeBytes(of: end.littleEndian, toByteOffset: EventHeader.endPositionOffset, as: UInt32.self)
        }
        guard checksum == .crc32 else { return }
        let crc = eventChecksum(of: sink.bytes.extracting(range))
        withUnsafeBytes(of: crc.littleEndian) { sink.append($0.bytes) }
    }
}

extension RawSpan {
    /// The length in an event's header.
    fileprivate var eventLength: Int {
        Int(UInt32(littleEndian: unsafeLoadUnaligned(fromByteOffset: EventHeader.eventLengthOffset, as: UInt32.self)))
    }
}
