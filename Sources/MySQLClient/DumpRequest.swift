import Common

/// What of a server's binlog is to be sent, and how.
public struct DumpRequest: Hashable, Sendable {
    /// Where the dump begins.
    public enum Start: Hashable, Sendable {
        /// In a file, at an event that begins at this offset; the first event begins at 4. An empty name is the server's first file.
        case file(String, position: UInt64)
        /// With all transactions that are not in the set; MySQL with gtid_mode=ON, and Kingbus.
        case gtids(lacking: GTIDSet)
        /// Behind these groups; MariaDB.
        case mariaDB(behind: MariaDBGTIDPosition)
    }

    public var start: Start
    /// Whether to wait for more at the end of the last file.
    public var follows: Bool
    /// What the dump calls itself. A server ends an older dump of the same number, so that by default one is drawn by lot from the upper half
    /// of the numbers; a dump that ends by itself has none, as mysqlbinlog's.
    public var serverID: UInt32
    /// How often an idle server says that it is there. Nothing at all for ``silentHeartbeats`` of them ends the dump.
    public var heartbeatMilliseconds: UInt64 = 10_000

    static let silentHeartbeats: UInt64 = 4

    public init(_ start: Start, follows: Bool, serverID: UInt32? = nil) {
        self.start = start
        self.follows = follows
        self.serverID = serverID ?? (follows ? UInt32.random(in: 1 << 31...UInt32.max - 1) : 0)
    }

    /// The same bit asks MySQL for heartbeats with 64-bit positions and MariaDB for ANNOTATE_ROWS events.
    private var flags: BinlogDumpFlags { follows ? [.heartbeatV2] : [.heartbeatV2, .nonBlocking] }

    /// The command that begins the dump.
    ///
    /// - Throws: `unsupported` for a position that the protocol has no room for.
    var command: ClientCommand {
        get throws(CodecError) {
            switch start {
            case .file(let name, let position):
                guard let position = UInt32(exactly: position) else {
                    throw CodecError(.unsupported, at: 0, "a dump cannot begin at \(position): the protocol has room for 32 bits")
                }
                return .binlogDump(BinlogDumpCommand(position: position, flags: flags, serverID: serverID, file: Array(name.utf8)))
            case .gtids(let held):
                return .binlogDumpGTID(
                    BinlogDumpGTIDCommand(flags: flags.union(.throughGTID), serverID: serverID, encodedGTIDSet: held.encoded()))
            case .mariaDB:
                let position = UInt32(BinlogDumpGTIDCommand.firstEventPosition)
                return .binlogDump(BinlogDumpCommand(position: position, flags: flags, serverID: serverID, file: []))
            }
        }
    }
}

/// A place in a server's binlog files.
public struct BinlogPosition: Hashable, Sendable {
    public var file: String
    /// Bytes from the file's beginning.
    public var offset: UInt64

    public init(file: String, offset: UInt64) {
        self.file = file
        self.offset = offset
    }
}
