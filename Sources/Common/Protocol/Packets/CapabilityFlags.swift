/// What client and server can do; a connection uses what both have set.
///
/// Source: "Capabilities Flags" in the MySQL source documentation, `include/mysql_com.h`.
public struct CapabilityFlags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// CLIENT_LONG_PASSWORD; MariaDB calls the bit CLIENT_MYSQL and its servers leave it clear.
    public static let longPassword = CapabilityFlags(rawValue: 1 << 0)
    /// CLIENT_FOUND_ROWS
    public static let foundRows = CapabilityFlags(rawValue: 1 << 1)
    /// CLIENT_LONG_FLAG
    public static let longFlag = CapabilityFlags(rawValue: 1 << 2)
    /// CLIENT_CONNECT_WITH_DB
    public static let connectWithDatabase = CapabilityFlags(rawValue: 1 << 3)
    /// CLIENT_COMPRESS
    public static let compress = CapabilityFlags(rawValue: 1 << 5)
    /// CLIENT_LOCAL_FILES
    public static let localFiles = CapabilityFlags(rawValue: 1 << 7)
    /// CLIENT_PROTOCOL_41
    public static let protocol41 = CapabilityFlags(rawValue: 1 << 9)
    /// CLIENT_INTERACTIVE
    public static let interactive = CapabilityFlags(rawValue: 1 << 10)
    /// CLIENT_SSL
    public static let ssl = CapabilityFlags(rawValue: 1 << 11)
    /// CLIENT_TRANSACTIONS
    public static let transactions = CapabilityFlags(rawValue: 1 << 13)
    /// CLIENT_SECURE_CONNECTION, CLIENT_RESERVED2 in new headers
    public static let secureConnection = CapabilityFlags(rawValue: 1 << 15)
    /// CLIENT_MULTI_STATEMENTS
    public static let multiStatements = CapabilityFlags(rawValue: 1 << 16)
    /// CLIENT_MULTI_RESULTS
    public static let multiResults = CapabilityFlags(rawValue: 1 << 17)
    /// CLIENT_PLUGIN_AUTH
    public static let pluginAuth = CapabilityFlags(rawValue: 1 << 19)
    /// CLIENT_CONNECT_ATTRS
    public static let connectAttributes = CapabilityFlags(rawValue: 1 << 20)
    /// CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA
    public static let pluginAuthLengthEncoded = CapabilityFlags(rawValue: 1 << 21)
    /// CLIENT_SESSION_TRACK
    public static let sessionTrack = CapabilityFlags(rawValue: 1 << 23)
    /// CLIENT_DEPRECATE_EOF
    public static let deprecateEOF = CapabilityFlags(rawValue: 1 << 24)
    /// CLIENT_ZSTD_COMPRESSION_ALGORITHM
    public static let zstdCompression = CapabilityFlags(rawValue: 1 << 26)
    /// CLIENT_QUERY_ATTRIBUTES
    public static let queryAttributes = CapabilityFlags(rawValue: 1 << 27)

    /// What this module implements on either side. Compression, session tracking, several statements in one query and query attributes
    /// are not among it, so no peer ever uses them with us.
    public static let supported: CapabilityFlags = [
        .longPassword, .longFlag, .connectWithDatabase, .protocol41, .transactions, .secureConnection, .pluginAuth,
        .connectAttributes, .pluginAuthLengthEncoded, .deprecateEOF,
    ]
}

/// The server's state, told with every OK and EOF packet. Source: `SERVER_STATUS_…` in `include/mysql_com.h`.
public struct StatusFlags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    public static let inTransaction = StatusFlags(rawValue: 1 << 0)
    public static let autocommit = StatusFlags(rawValue: 1 << 1)
    public static let moreResultsExist = StatusFlags(rawValue: 1 << 3)
}

/// The character set numbers that Kingbus itself sends. Source: `information_schema.COLLATIONS`.
public enum CollationNumber {
    /// utf8mb4_general_ci: every server and client since 5.5 knows it, MariaDB included.
    public static let utf8mb4: UInt8 = 45
    /// No text: numbers and bytes.
    public static let binary: UInt8 = 63
}
