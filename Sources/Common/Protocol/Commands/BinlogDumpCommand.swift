/// How a binlog is to be sent. Source: `BINLOG_DUMP_NON_BLOCK` and its neighbours in `sql/rpl_constants.h`.
public struct BinlogDumpFlags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// End with an EOF packet where the binlog ends, instead of waiting for more.
    public static let nonBlocking = BinlogDumpFlags(rawValue: 1 << 0)
    /// MySQL 8.0.26 and newer: heartbeats may be of version 2, with 64-bit positions.
    public static let heartbeatV2 = BinlogDumpFlags(rawValue: 1 << 1)
    /// MariaDB: send ANNOTATE_ROWS events. The same bit; the flavour decides.
    public static let sendAnnotateRows = BinlogDumpFlags(rawValue: 1 << 1)
    /// Some clients set it to say that a GTID set follows, which one always does.
    public static let throughGTID = BinlogDumpFlags(rawValue: 1 << 2)
}

/// A request for the binlog from a file and position on. MariaDB's replicas send it with GTIDs too, those being in session variables.
///
/// Format: COM_BINLOG_DUMP in the MySQL source documentation.
public struct BinlogDumpCommand: Hashable, Sendable {
    public var position: UInt32
    public var flags: BinlogDumpFlags
    /// The replica's; 0 from tools that want the stream to end.
    public var serverID: UInt32
    /// Empty for the first file.
    public var file: [UInt8]

    public init(position: UInt32, flags: BinlogDumpFlags = [], serverID: UInt32, file: [UInt8]) {
        self.position = position
        self.flags = flags
        self.serverID = serverID
        self.file = file
    }

    init(reading reader: inout ByteReader) throws(CodecError) {
        position = try reader.uint32()
        flags = BinlogDumpFlags(rawValue: try reader.uint16())
        serverID = try reader.uint32()
        file = reader.rest().array
    }

    func encoded() -> [UInt8] {
        var output = [CommandByte.binlogDump.rawValue]
        output.append(littleEndian: position)
        output.append(littleEndian: flags.rawValue)
        output.append(littleEndian: serverID)
        output.append(contentsOf: file)
        return output
    }
}

/// A request for all transactions that a GTID set lacks.
///
/// Format: COM_BINLOG_DUMP_GTID in the MySQL source documentation. The set is there whatever the flags say, as mysqld reads it.
public struct BinlogDumpGTIDCommand: Hashable, Sendable {
    /// Where every binlog's first event begins, behind its magic: what a request without a position asks for.
    public static let firstEventPosition: UInt64 = 4

    public var flags: BinlogDumpFlags
    /// The replica's; 0 from tools that want the stream to end.
    public var serverID: UInt32
    /// Mostly empty; some clients fill it with zero bytes.
    public var file: [UInt8]
    public var position: UInt64
    /// What the asker has: a GTID set in MySQL's binary encoding, not looked into here.
    public var encodedGTIDSet: [UInt8]

    public init(
        flags: BinlogDumpFlags = [], serverID: UInt32, file: [UInt8] = [], position: UInt64 = firstEventPosition, encodedGTIDSet: [UInt8]
    ) {
        self.flags = flags
        self.serverID = serverID
        self.file = file
        self.position = position
        self.encodedGTIDSet = encodedGTIDSet
    }

    init(reading reader: inout ByteReader) throws(CodecError) {
        flags = BinlogDumpFlags(rawValue: try reader.uint16())
        serverID = try reader.uint32()
        file = try reader.bytes(Int(try reader.uint32())).array
        position = try reader.uint64()
        encodedGTIDSet = try reader.bytes(Int(try reader.uint32())).array
    }

    func encoded() -> [UInt8] {
        var output = [CommandByte.binlogDumpGTID.rawValue]
        output.append(littleEndian: flags.rawValue)
        output.append(littleEndian: serverID)
        output.append(littleEndian: UInt32(file.count))
        output.append(contentsOf: file)
        output.append(littleEndian: position)
        output.append(littleEndian: UInt32(encodedGTIDSet.count))
        output.append(contentsOf: encodedGTIDSet)
        return output
    }
}
