import BinlogFiles
import Common

@testable import flashback

/// A binlog file put together event by event: table `shop`.`<name>` of columns that are one byte wide.
struct BinlogScript {
    private static let source = SourceID(high: 1, low: 2)

    private(set) var bytes = BinlogMagic.plain
    /// Of the last GTID.
    var number: Int64 = 0
    /// When the next events were written, in seconds since 1970, and by which server.
    var time: UInt32 = 100
    var serverID: UInt32 = 1

    /// - Parameter time: When the file was begun, in seconds since 1970.
    init(serverVersion: String = "9.7.4", time: UInt32 = 0) {
        let format = FormatDescriptionEvent(
            serverVersion: serverVersion, postHeaderLengths: FormatDescriptionEvent.currentPostHeaderLengths, checksum: .crc32)
        format.encode(in: EventEnvelope(timestamp: time, serverID: 1, position: .startingAt(4), checksum: .crc32), into: &bytes)
    }

    /// One transaction that inserts one row.
    static var oneInsert: BinlogScript {
        var script = BinlogScript()
        script.begin()
        script.table(1, "a")
        script.rows(.writeRows, 1, [[1]])
        script.commit()
        return script
    }

    mutating func add(_ type: EventType, _ body: [UInt8], flags: EventFlags = []) {
        let start = bytes.count
        let length = EventHeader.byteCount + body.count + 4
        EventHeader(
            timestamp: time, type: type, serverID: serverID, eventLength: UInt32(length), endPosition: UInt32(start + length), flags: flags
        ).encode(into: &bytes)
        bytes += body
        bytes.append(littleEndian: eventChecksum(of: bytes.span.bytes.extracting(start..<bytes.count)))
    }

    /// A GTID event of the next number.
    mutating func gtid() {
        number += 1
        var body: [UInt8] = [0]
        body += [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]
        body.append(littleEndian: number)
        add(.gtid, body)
    }

    mutating func query(_ text: String, database: String = "shop") {
        var body: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, UInt8(database.utf8.count), 0, 0, 0, 0]
        body += Array(database.utf8) + [0] + Array(text.utf8)
        add(.query, body)
    }

    mutating func begin() {
        gtid()
        query("BEGIN")
    }

    mutating func commit() { add(.xid, [7, 0, 0, 0, 0, 0, 0, 0]) }

    /// - Parameters:
    ///   - names: Of the columns, as binlog_row_metadata=FULL has them.
    ///   - key: The columns of the primary key, from 0.
    mutating func table(
        _ id: UInt8, _ name: String, columns: Int = 1, database: String = "shop", names: [String] = [], key: [UInt8] = []
    ) {
        var body: [UInt8] = [id, 0, 0, 0, 0, 0, 1, 0, UInt8(database.utf8.count)] + Array(database.utf8)
        body += [0, UInt8(name.utf8.count)] + Array(name.utf8) + [0, UInt8(columns)]
        body += [UInt8](repeating: ColumnType.tiny.rawValue, count: columns) + [0, 0]
        if !names.isEmpty {
            let list = names.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
            body += [1, 1, 0, 4, UInt8(list.count)] + list
        }
        if !key.isEmpty { body += [8, UInt8(key.count)] + key }
        add(.tableMap, body)
    }

    /// A row event of version 2.
    ///
    /// - Parameters:
    ///   - columns: Bitmaps: one, or two for an update.
    ///   - flags: beside the one that ends a statement; as MySQL 9.7 has them.
    ///   - images: Bytes of them, without their bitmaps of NULLs.
    mutating func rows(
        _ type: EventType, _ id: UInt8, isLast: Bool = true, columnCount: Int = 1, columns: [UInt8]? = nil, extra: [UInt8] = [],
        flags: UInt16 = RowsEvent.Flags.showsCascades.rawValue, _ images: [[UInt8]]
    ) {
        var body: [UInt8] = [id, 0, 0, 0, 0, 0]
        body.append(littleEndian: flags | (isLast ? 1 : 0))
        body.append(littleEndian: UInt16(2 + extra.count))
        body += extra + [UInt8(columnCount)]
        let all = UInt8((1 << columnCount) - 1)
        body += columns ?? (type == .updateRows ? [all, all] : [all])
        for image in images { body += [0] + image }
        add(type, body)
    }
}

/// What the tests look at of an event.
struct ReadEvent {
    var header: EventHeader
    var bytes: [UInt8]

    var body: [UInt8] { Array(bytes[EventHeader.byteCount..<bytes.count - 4]) }
    /// The id of a TABLE_MAP or a row event.
    var tableID: UInt8 { body[0] }
    var rowFlags: UInt16 { UInt16(body[6]) | UInt16(body[7]) << 8 }

    static func all(_ file: [UInt8]) throws -> [ReadEvent] {
        var events: [ReadEvent] = []
        var cursor = EventCursor(file.span.bytes.extracting(4..<file.count))
        while let header = try cursor.next() { events.append(ReadEvent(header: header, bytes: cursor.event.array)) }
        return events
    }

    /// The table and row events, as `map 1`, `write 1`, `delete 1 end`.
    static func shape(_ file: [UInt8]) throws -> [String] {
        try all(file).compactMap { event in
            switch event.header.type {
            case .tableMap: "map \(event.tableID)"
            case .writeRows: "write \(event.tableID)\(event.rowFlags & 1 == 1 ? " end" : "")"
            case .updateRows: "update \(event.tableID)\(event.rowFlags & 1 == 1 ? " end" : "")"
            case .deleteRows: "delete \(event.tableID)\(event.rowFlags & 1 == 1 ? " end" : "")"
            case .query: event.bytes.contains(UInt8(ascii: "@")) ? nil : "begin"
            case .xid: "commit"
            default: nil
            }
        }
    }
}

extension TemporaryFolder {
    /// What undoes a script.
    func undo(_ script: BinlogScript, _ undo: Undo = Undo(output: .binlog)) throws -> [UInt8] {
        try undo.undo([try write(script.bytes)], to: path("undo"))
        return try bytes("undo")
    }
}
