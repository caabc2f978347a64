/// What a client asks for between its login and its COM_QUIT.
///
///     switch try ClientCommand(decoding: payload) {
///     case .query(let text): …
///     case .binlogDumpGTID(let request): …
///     case .unsupported: reply(ErrorPacket(.unknownCommand, "Unknown command"))
///     }
///
/// Formats: "Text Protocol", "Utility Commands" and "Replication Protocol" in the MySQL source documentation, without query attributes
/// (CLIENT_QUERY_ATTRIBUTES), which we never agree on.
public enum ClientCommand: Hashable, Sendable {
    case quit
    case initDatabase([UInt8])
    /// SQL, in the connection's character set.
    case query([UInt8])
    case statistics
    case processKill(UInt32)
    case ping
    case setOption(UInt16)
    case resetConnection
    case registerReplica(RegisterReplicaCommand)
    case binlogDump(BinlogDumpCommand)
    case binlogDumpGTID(BinlogDumpGTIDCommand)
    /// A command that is not spoken here, by its byte; MySQL's answer to what it does not know is error 1047.
    case unsupported(UInt8)

    /// - Parameter payload: one whole payload.
    /// - Throws: ``CodecError`` if the payload is empty or ends early. Bytes behind a command are passed over, as mysqld does.
    public init(decoding payload: RawSpan) throws(CodecError) {
        var reader = ByteReader(payload)
        let byte = try reader.uint8()
        switch CommandByte(rawValue: byte) {
        case .quit: self = .quit
        case .initDatabase: self = .initDatabase(reader.rest().array)
        case .query: self = .query(reader.rest().array)
        case .statistics: self = .statistics
        case .processKill: self = .processKill(try reader.uint32())
        case .ping: self = .ping
        case .setOption: self = .setOption(try reader.uint16())
        case .resetConnection: self = .resetConnection
        case .registerReplica: self = .registerReplica(try RegisterReplicaCommand(reading: &reader))
        case .binlogDump: self = .binlogDump(try BinlogDumpCommand(reading: &reader))
        case .binlogDumpGTID: self = .binlogDumpGTID(try BinlogDumpGTIDCommand(reading: &reader))
        case .fieldList, .debug, .changeUser, .statementPrepare, .statementExecute, .statementSendLongData, .statementClose,
            .statementReset, nil:
            self = .unsupported(byte)
        }
    }

    /// The payload.
    public func encoded() -> [UInt8] {
        switch self {
        case .quit: return [CommandByte.quit.rawValue]
        case .initDatabase(let name): return [CommandByte.initDatabase.rawValue] + name
        case .query(let text): return [CommandByte.query.rawValue] + text
        case .statistics: return [CommandByte.statistics.rawValue]
        case .ping: return [CommandByte.ping.rawValue]
        case .resetConnection: return [CommandByte.resetConnection.rawValue]
        case .unsupported(let byte): return [byte]
        case .processKill(let connectionID):
            var output = [CommandByte.processKill.rawValue]
            output.append(littleEndian: connectionID)
            return output
        case .setOption(let option):
            var output = [CommandByte.setOption.rawValue]
            output.append(littleEndian: option)
            return output
        case .registerReplica(let command): return command.encoded()
        case .binlogDump(let command): return command.encoded()
        case .binlogDumpGTID(let command): return command.encoded()
        }
    }
}
