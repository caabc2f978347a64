import Common

/// What the SQL front end tells clients about this server: values only, gathered by the connection before a statement is evaluated.
///
/// Sets are kept as sets: their text is made when a client asks for it.
struct ServerFacts: Sendable {
    /// What the handshake shows and VERSION() returns: the upstream's version text.
    var version: AdvertisedVersion
    var versionComment = "Kingbus binlog server \(kingbusVersion)"
    var serverID: UInt32
    /// In MySQL's form: lower case with hyphens.
    var serverUUID: String
    var hostname: String
    /// The port of the MySQL listener.
    var port: UInt16
    var uptimeSeconds: UInt64 = 0

    var gtidExecuted = GTIDSet()
    var gtidPurged = GTIDSet()
    var binlog = BinlogFacts()
    var semiSync = SemiSyncFacts()
    var replicas: [ReplicaFacts] = []
    /// The connections of this node.
    var processes: [ProcessFacts] = []
    var connection: ConnectionFacts

    /// Settings of the upstream that its consumers read to interpret its events.
    var upstream = UpstreamFacts()

    /// Seconds since 1970 and the microseconds beyond them.
    var now: (seconds: UInt64, microseconds: UInt32)
}

struct BinlogFacts: Hashable, Sendable {
    struct File: Hashable, Sendable {
        var name: String
        var byteCount: UInt64
    }

    struct Position: Hashable, Sendable {
        var file: String
        var offset: UInt64
    }

    /// Where the next event will stand, in the coordinates that consumers see; nil before there is an upstream.
    var end: Position?
    var files: [File] = []
}

struct SemiSyncFacts: Hashable, Sendable {
    /// Consumers may ask for semi-synchronous replication.
    var isSourceEnabled = false
    /// Consumers that do.
    var sourceClients = 0
    /// This cluster acknowledges to its upstream.
    var isReplicaEnabled = false
}

/// A registered replica (COM_REGISTER_SLAVE).
struct ReplicaFacts: Hashable, Sendable {
    var serverID: UInt32
    /// As the replica reported it; often empty.
    var host: String
    var port: UInt16
    var uuid: String
}

/// One line of SHOW PROCESSLIST.
struct ProcessFacts: Hashable, Sendable {
    var id: UInt64
    var user: String
    /// Address and port.
    var host: String
    var database: String?
    /// MySQL's name of the command: Sleep, Query, Binlog Dump, Binlog Dump GTID.
    var command: String
    /// In this command for so long.
    var seconds: UInt64
    var state: String
    var info: String?
}

/// The connection that asks.
struct ConnectionFacts: Hashable, Sendable {
    struct TLS: Hashable, Sendable {
        /// As OpenSSL names them: TLSv1.3, TLS_AES_256_GCM_SHA384.
        var version: String
        var cipher: String
    }

    var id: UInt64
    /// The authenticated user.
    var user: String
    /// The client's address, without the port.
    var host: String
    var tls: TLS?
}

/// What the upstream has set; MySQL's defaults until it is known.
struct UpstreamFacts: Hashable, Sendable {
    /// CRC32 or NONE.
    var binlogChecksum = "CRC32"
    var binlogFormat = "ROW"
    var binlogRowImage = "FULL"
    var binlogRowMetadata = "MINIMAL"
    var binlogRowValueOptions = ""
    var lowerCaseTableNames: Int64 = 0
    var characterSetServer = "utf8mb4"
    /// Nil: the character set's default.
    var collationServer: String?
}

/// A server's version text and what can be told from it.
struct AdvertisedVersion: Hashable, Sendable, CustomStringConvertible {
    let description: String
    /// 80026 for 8.0.26, as version comments write it; 0 where the text begins with no number.
    let number: Int
    let isMariaDB: Bool

    init(_ text: String) {
        description = text
        isMariaDB = text.lowercased().contains("mariadb")
        // Old MariaDB servers put a MySQL version in front for the sake of old replicas.
        let prefix = "5.5.5-"
        let own = isMariaDB && text.hasPrefix(prefix) ? text.dropFirst(prefix.count) : text[...]
        let parts = own.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false).map { part in
            min(Int(part.prefix { ("0"..."9").contains($0) }.prefix(4)) ?? 0, 99)
        }
        number = (parts + [0, 0]).prefix(3).reduce(0) { $0 * 100 + $1 }
    }

    /// MariaDB kept what MySQL 5.7 had, so it counts as older than 8.0 whatever its number.
    func isMySQL(from version: Int) -> Bool { !isMariaDB && number >= version }
}
