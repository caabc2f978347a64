/// What kind of event follows an event header.
///
/// Any value may stand on the wire: a newer server's types pass through under their number.
/// Source: `Log_event_type` in MySQL's `binlog_event.h`; the numbers that it no longer lists are those of older servers.
/// Those from 160 on are MariaDB's (`log_event.h`).
public struct EventType: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt8

    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let unknown = EventType(rawValue: 0)
    public static let startV3 = EventType(rawValue: 1)
    public static let query = EventType(rawValue: 2)
    public static let stop = EventType(rawValue: 3)
    public static let rotate = EventType(rawValue: 4)
    public static let intvar = EventType(rawValue: 5)
    public static let load = EventType(rawValue: 6)
    public static let slave = EventType(rawValue: 7)
    public static let createFile = EventType(rawValue: 8)
    public static let appendBlock = EventType(rawValue: 9)
    public static let execLoad = EventType(rawValue: 10)
    public static let deleteFile = EventType(rawValue: 11)
    public static let newLoad = EventType(rawValue: 12)
    public static let rand = EventType(rawValue: 13)
    public static let userVar = EventType(rawValue: 14)
    public static let formatDescription = EventType(rawValue: 15)
    public static let xid = EventType(rawValue: 16)
    public static let beginLoadQuery = EventType(rawValue: 17)
    public static let executeLoadQuery = EventType(rawValue: 18)
    public static let tableMap = EventType(rawValue: 19)
    public static let writeRowsV0 = EventType(rawValue: 20)
    public static let updateRowsV0 = EventType(rawValue: 21)
    public static let deleteRowsV0 = EventType(rawValue: 22)
    public static let writeRowsV1 = EventType(rawValue: 23)
    public static let updateRowsV1 = EventType(rawValue: 24)
    public static let deleteRowsV1 = EventType(rawValue: 25)
    public static let incident = EventType(rawValue: 26)
    public static let heartbeat = EventType(rawValue: 27)
    public static let ignorable = EventType(rawValue: 28)
    public static let rowsQuery = EventType(rawValue: 29)
    public static let writeRows = EventType(rawValue: 30)
    public static let updateRows = EventType(rawValue: 31)
    public static let deleteRows = EventType(rawValue: 32)
    public static let gtid = EventType(rawValue: 33)
    public static let anonymousGTID = EventType(rawValue: 34)
    public static let previousGTIDs = EventType(rawValue: 35)
    public static let transactionContext = EventType(rawValue: 36)
    public static let viewChange = EventType(rawValue: 37)
    public static let xaPrepare = EventType(rawValue: 38)
    public static let partialUpdateRows = EventType(rawValue: 39)
    public static let transactionPayload = EventType(rawValue: 40)
    public static let heartbeatV2 = EventType(rawValue: 41)
    public static let gtidTagged = EventType(rawValue: 42)
    public static let largeTransactionHeader = EventType(rawValue: 43)

    // MariaDB's own.
    public static let annotateRows = EventType(rawValue: 160)
    public static let binlogCheckpoint = EventType(rawValue: 161)
    public static let mariaDBGTID = EventType(rawValue: 162)
    public static let gtidList = EventType(rawValue: 163)
    public static let startEncryption = EventType(rawValue: 164)
    public static let queryCompressed = EventType(rawValue: 165)
    public static let writeRowsCompressedV1 = EventType(rawValue: 166)
    public static let updateRowsCompressedV1 = EventType(rawValue: 167)
    public static let deleteRowsCompressedV1 = EventType(rawValue: 168)
    public static let writeRowsCompressed = EventType(rawValue: 169)
    public static let updateRowsCompressed = EventType(rawValue: 170)
    public static let deleteRowsCompressed = EventType(rawValue: 171)
    public static let partialRowData = EventType(rawValue: 172)

    /// Whether an event of this type opens a group of MySQL's: ``gtid``, ``anonymousGTID`` or ``gtidTagged``.
    @inlinable public var opensGroup: Bool { self == .gtid || self == .anonymousGTID || self == .gtidTagged }
}

extension EventType: CustomStringConvertible {
    /// Whether any server known here writes it.
    public var isKnown: Bool {
        let own = Int(rawValue) - Int(Self.annotateRows.rawValue)
        return self != .unknown && (Self.names.indices.contains(Int(rawValue)) || Self.mariaDBNames.indices.contains(own))
    }

    /// The servers' short name, as SHOW BINLOG EVENTS prints it; `Unknown(n)` for a number without one.
    public var description: String {
        let index = Int(rawValue)
        if Self.names.indices.contains(index) { return Self.names[index] }
        let own = index - Int(Self.annotateRows.rawValue)
        return Self.mariaDBNames.indices.contains(own) ? Self.mariaDBNames[own] : "Unknown(\(rawValue))"
    }

    private static let names = [
        "Unknown", "Start_v3", "Query", "Stop", "Rotate", "Intvar", "Load", "Slave", "Create_file", "Append_block", "Exec_load",
        "Delete_file", "New_load", "RAND", "User_var", "Format_desc", "Xid", "Begin_load_query", "Execute_load_query", "Table_map",
        "Write_rows_v0", "Update_rows_v0", "Delete_rows_v0", "Write_rows_v1", "Update_rows_v1", "Delete_rows_v1", "Incident",
        "Heartbeat", "Ignorable", "Rows_query", "Write_rows", "Update_rows", "Delete_rows", "Gtid", "Anonymous_Gtid",
        "Previous_gtids", "Transaction_context", "View_change", "XA_prepare", "Update_rows_partial", "Transaction_payload",
        "Heartbeat_v2", "Gtid_tagged", "Large_transaction_header",
    ]

    /// From ``annotateRows`` on.
    private static let mariaDBNames = [
        "Annotate_rows", "Binlog_checkpoint", "Gtid", "Gtid_list", "Start_encryption", "Query_compressed", "Write_rows_compressed_v1",
        "Update_rows_compressed_v1", "Delete_rows_compressed_v1", "Write_rows_compressed", "Update_rows_compressed",
        "Delete_rows_compressed", "Partial_rows",
    ]
}
