/// An error number of MySQL, with the SQLSTATE that belongs to it.
///
/// Source: "Server Error Message Reference" in the MySQL manual.
public struct ErrorCode: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// ER_CON_COUNT_ERROR
    public static let tooManyConnections = ErrorCode(rawValue: 1040)
    /// ER_OUT_OF_RESOURCES
    public static let outOfResources = ErrorCode(rawValue: 1041)
    /// ER_HANDSHAKE_ERROR
    public static let badHandshake = ErrorCode(rawValue: 1043)
    /// ER_DBACCESS_DENIED_ERROR
    public static let databaseAccessDenied = ErrorCode(rawValue: 1044)
    /// ER_ACCESS_DENIED_ERROR
    public static let accessDenied = ErrorCode(rawValue: 1045)
    /// ER_UNKNOWN_COM_ERROR
    public static let unknownCommand = ErrorCode(rawValue: 1047)
    /// ER_BAD_DB_ERROR
    public static let unknownDatabase = ErrorCode(rawValue: 1049)
    /// ER_SERVER_SHUTDOWN
    public static let serverShutdown = ErrorCode(rawValue: 1053)
    /// ER_PARSE_ERROR
    public static let syntax = ErrorCode(rawValue: 1064)
    /// ER_NO_SUCH_THREAD
    public static let noSuchThread = ErrorCode(rawValue: 1094)
    /// ER_KILL_DENIED_ERROR
    public static let killDenied = ErrorCode(rawValue: 1095)
    /// ER_UNKNOWN_ERROR
    public static let unknown = ErrorCode(rawValue: 1105)
    /// ER_NET_PACKET_TOO_LARGE
    public static let packetTooLarge = ErrorCode(rawValue: 1153)
    /// ER_NET_PACKETS_OUT_OF_ORDER
    public static let packetsOutOfOrder = ErrorCode(rawValue: 1156)
    /// ER_NET_READ_ERROR
    public static let readError = ErrorCode(rawValue: 1158)
    /// ER_NET_READ_INTERRUPTED
    public static let readTimeout = ErrorCode(rawValue: 1159)
    /// ER_NET_ERROR_ON_WRITE
    public static let writeError = ErrorCode(rawValue: 1160)
    /// ER_NET_WRITE_INTERRUPTED
    public static let writeTimeout = ErrorCode(rawValue: 1161)
    /// ER_UNKNOWN_SYSTEM_VARIABLE
    public static let unknownSystemVariable = ErrorCode(rawValue: 1193)
    /// ER_TABLEACCESS_DENIED_ERROR
    public static let tableAccessDenied = ErrorCode(rawValue: 1142)
    /// ER_COLUMNACCESS_DENIED_ERROR
    public static let columnAccessDenied = ErrorCode(rawValue: 1143)
    /// ER_LOCK_WAIT_TIMEOUT
    public static let lockWaitTimeout = ErrorCode(rawValue: 1205)
    /// ER_LOCK_DEADLOCK
    public static let deadlock = ErrorCode(rawValue: 1213)
    /// ER_SPECIFIC_ACCESS_DENIED_ERROR
    public static let specificAccessDenied = ErrorCode(rawValue: 1227)
    /// ER_WRONG_VALUE_FOR_VAR
    public static let wrongValueForVariable = ErrorCode(rawValue: 1231)
    /// ER_NOT_SUPPORTED_YET
    public static let notSupportedYet = ErrorCode(rawValue: 1235)
    /// ER_MASTER_FATAL_ERROR_READING_BINLOG, ER_SOURCE_… in new headers
    public static let fatalErrorReadingBinlog = ErrorCode(rawValue: 1236)
    /// ER_NOT_SUPPORTED_AUTH_MODE
    public static let unsupportedAuthentication = ErrorCode(rawValue: 1251)
    /// ER_QUERY_INTERRUPTED
    public static let queryInterrupted = ErrorCode(rawValue: 1317)
    /// ER_OPTION_PREVENTS_STATEMENT
    public static let optionPreventsStatement = ErrorCode(rawValue: 1290)
    /// ER_MALFORMED_PACKET
    public static let malformedPacket = ErrorCode(rawValue: 1835)
    /// ER_SECURE_TRANSPORT_REQUIRED
    public static let secureTransportRequired = ErrorCode(rawValue: 3159)

    /// The five characters that MySQL sends with this number; HY000, the general one, where it has no other.
    public var sqlState: StaticString {
        switch self {
        case .tooManyConnections: "08004"
        case .badHandshake, .unknownCommand, .serverShutdown: "08S01"
        case .packetTooLarge, .packetsOutOfOrder, .readError, .readTimeout, .writeError, .writeTimeout: "08S01"
        case .unsupportedAuthentication: "08004"
        case .accessDenied: "28000"
        case .databaseAccessDenied, .unknownDatabase, .syntax, .specificAccessDenied, .wrongValueForVariable, .notSupportedYet: "42000"
        case .queryInterrupted: "70100"
        default: "HY000"
        }
    }
}
