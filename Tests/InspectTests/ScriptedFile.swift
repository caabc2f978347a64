import Common

/// A binlog file made by hand, without checksums.
struct ScriptedFile {
    private(set) var bytes = BinlogMagic.plain

    private let serverVersion: String

    init(serverVersion: String = "9.7.4") {
        self.serverVersion = serverVersion
        describe()
    }

    /// Adds a description of what follows.
    mutating func describe() {
        let description = FormatDescriptionEvent(
            serverVersion: serverVersion, postHeaderLengths: FormatDescriptionEvent.currentPostHeaderLengths,
            checksum: ChecksumAlgorithm.none)
        description.encode(in: EventEnvelope(serverID: 1, checksum: .none), into: &bytes)
    }

    mutating func add(_ type: EventType, _ body: [UInt8], server: UInt32 = 1) {
        EventHeader(timestamp: 1, type: type, serverID: server, eventLength: UInt32(EventHeader.byteCount + body.count)).encode(
            into: &bytes)
        bytes += body
    }

    mutating func query(_ text: String) {
        QueryEvent.encode(text.utf8, database: "d".utf8, in: EventEnvelope(timestamp: 1, serverID: 1, checksum: .none), into: &bytes)
    }

    /// Sets a variable for the next statement, to a text in utf8mb4.
    mutating func variable(_ name: String, _ text: [UInt8]) {
        var body: [UInt8] = []
        body.append(littleEndian: UInt32(name.utf8.count))
        body += Array(name.utf8) + [0, 0]
        body.append(littleEndian: 255 as UInt32)
        body.append(littleEndian: UInt32(text.count))
        add(.userVar, body + text + [0])
    }

    /// Opens a group of MariaDB's, `0-server-number`, which ends with ``commit()``.
    mutating func group(_ number: UInt64, server: UInt32 = 1, thread: UInt64? = nil) {
        var body: [UInt8] = []
        body.append(littleEndian: number)
        body += [UInt8](repeating: 0, count: 5)
        if let thread {
            body.append(MariaDBGTIDEvent.ExtraFlags.threadID.rawValue)
            body.append(littleEndian: thread)
        } else {
            body += [UInt8](repeating: 0, count: 6)
        }
        add(.mariaDBGTID, body, server: server)
    }

    mutating func commit() { add(.xid, [UInt8](repeating: 0, count: 8)) }

    /// Maps a table whose first column is a LONGBLOB and whose others are TINYINT.
    mutating func table(_ id: UInt64 = 7, name: String = "t", columns: [String] = ["a"]) {
        var body: [UInt8] = []
        body.append(id, byteCount: 6)
        body += [0, 0, 1] + Array("d".utf8) + [0, UInt8(name.utf8.count)] + Array(name.utf8) + [0]
        body.append(lengthEncoded: UInt64(columns.count))
        body += [ColumnType.longBlob.rawValue] + [UInt8](repeating: ColumnType.tiny.rawValue, count: columns.count - 1)
        body += [1, 4] + [UInt8](repeating: 0xff, count: (columns.count + 7) / 8)
        // COLUMN_NAME.
        body.append(4)
        body.append(lengthEncoded: columns.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) })
        add(.tableMap, body)
    }

    /// Maps a table of columns of these types, none of which has metadata.
    mutating func table(_ id: UInt64 = 7, types: [ColumnType]) {
        var body: [UInt8] = []
        body.append(id, byteCount: 6)
        body += [0, 0, 1] + Array("d".utf8) + [0, 1] + Array("t".utf8) + [0]
        body.append(lengthEncoded: UInt64(types.count))
        body += types.map(\.rawValue) + [0] + [UInt8](repeating: 0xff, count: (types.count + 7) / 8)
        add(.tableMap, body)
    }

    /// Inserts a row of up to eight columns, none of which is NULL.
    mutating func row(_ values: [UInt8], table id: UInt64 = 7, columnCount: Int) {
        var body: [UInt8] = []
        body.append(id, byteCount: 6)
        body += [1, 0, 2, 0]
        body.append(lengthEncoded: UInt64(columnCount))
        add(.writeRows, body + [UInt8(1 << columnCount - 1), 0] + values)
    }

    /// Inserts rows of the first column.
    mutating func insert(
        _ values: [[UInt8]], table id: UInt64 = 7, columnCount: Int = 1, flags: UInt8 = 0, endsStatement: Bool = true
    ) {
        var body: [UInt8] = []
        body.append(id, byteCount: 6)
        body += [flags | (endsStatement ? 1 : 0), 0, 2, 0]
        body.append(lengthEncoded: UInt64(columnCount))
        body += [1] + [UInt8](repeating: 0, count: (columnCount + 7) / 8 - 1)
        for value in values {
            body.append(0)
            body.append(littleEndian: UInt32(value.count))
            body += value
        }
        add(.writeRows, body)
    }

    func events() throws -> [[UInt8]] {
        var events: [[UInt8]] = []
        var cursor = EventCursor(bytes.span.bytes.extracting(BinlogMagic.byteCount..<bytes.count))
        while try cursor.next() != nil { events.append(cursor.event.array) }
        return events
    }
}
