import Common

@testable import kingbus_node

/// What known clients send behind their login.
enum RecordedSessions {
    private static let replica57 = [
        "SELECT UNIX_TIMESTAMP()", "SELECT @@GLOBAL.SERVER_ID", "SET @master_heartbeat_period= 30000001024",
        "SET @master_binlog_checksum= @@global.binlog_checksum", "SELECT @master_binlog_checksum", "SELECT @@GLOBAL.GTID_MODE",
        "SELECT @@GLOBAL.SERVER_UUID", "SET @slave_uuid= '4e11fa47-71ca-11e1-9e33-c80aa9429562'",
        "SELECT @@global.rpl_semi_sync_master_enabled",
    ]
    private static let replica97 = [
        "SELECT UNIX_TIMESTAMP()", "SELECT @@GLOBAL.SERVER_ID",
        "SET @master_heartbeat_period = 1500000000, @source_heartbeat_period = 1500000000",
        "SET @master_binlog_checksum = @@global.binlog_checksum, @source_binlog_checksum = @@global.binlog_checksum",
        "SELECT @source_binlog_checksum", "SELECT @@GLOBAL.GTID_MODE", "SELECT @@GLOBAL.SERVER_UUID",
        "SET @slave_uuid = '4e11fa47-71ca-11e1-9e33-c80aa9429562', @replica_uuid = '4e11fa47-71ca-11e1-9e33-c80aa9429562'",
        "SELECT @@global.rpl_semi_sync_source_enabled",
    ]
    private static let tools = [
        "SELECT VERSION()", "SHOW VARIABLES LIKE 'SERVER_ID'", "SET @master_binlog_checksum='NONE', @source_binlog_checksum='NONE'",
        "select @@version_comment limit 1", "SHOW BINARY LOGS", "SHOW PROCESSLIST", "SHOW MASTER STATUS", "KILL 7",
    ]
    static let statements = replica57 + replica97 + tools

    /// What makes the checksums known, without which no dump is given.
    static let announcement = ClientCommand.query(Array(replica97[3].utf8))
    static let register = ClientCommand.registerReplica(
        RegisterReplicaCommand(serverID: 2, host: Array("r2".utf8), user: Array("repl".utf8), port: 3306))

    static func dump(_ set: GTIDSet = GTIDSet(), flags: BinlogDumpFlags = [.throughGTID, .heartbeatV2]) -> ClientCommand {
        .binlogDumpGTID(BinlogDumpGTIDCommand(flags: flags, serverID: 2, encodedGTIDSet: set.encoded()))
    }

    static func dump(file: String, position: UInt32, flags: BinlogDumpFlags = []) -> ClientCommand {
        .binlogDump(BinlogDumpCommand(position: position, flags: flags, serverID: 2, file: Array(file.utf8)))
    }

    static let dumps = [
        dump(), dump(SourceFile.set("1-2")), dump(SourceFile.set("1-999")), dump(flags: [.nonBlocking, .throughGTID]),
        dump(file: "", position: 4), dump(file: "b.000001", position: 4, flags: .nonBlocking), dump(file: "b.000009", position: 4),
        dump(file: "b.000001", position: 200),
    ]

    static let commands =
        statements.map { ClientCommand.query(Array($0.utf8)) } + dumps + [
            register, .ping, .quit, .statistics, .initDatabase(Array("mysql".utf8)), .resetConnection, .setOption(1), .processKill(7),
            .unsupported(0x16), .unsupported(0x04),
        ]
}
