/// The first byte of a command: what the client wants. Source: `enum_server_command` in `include/my_command.h`.
public enum CommandByte: UInt8, Hashable, Sendable {
    case quit = 0x01
    case initDatabase = 0x02
    case query = 0x03
    case fieldList = 0x04
    case statistics = 0x09
    case processKill = 0x0c
    case debug = 0x0d
    case ping = 0x0e
    case changeUser = 0x11
    case binlogDump = 0x12
    case registerReplica = 0x15
    case statementPrepare = 0x16
    case statementExecute = 0x17
    case statementSendLongData = 0x18
    case statementClose = 0x19
    case statementReset = 0x1a
    case setOption = 0x1b
    case binlogDumpGTID = 0x1e
    case resetConnection = 0x1f
}
