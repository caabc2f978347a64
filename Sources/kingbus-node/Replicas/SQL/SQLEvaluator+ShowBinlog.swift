import Common

// Column names and their order: mysql-server sql/rpl_source.cc and sql/rpl_replica.cc.
extension SQLEvaluator {
    /// One row, or none before there is an upstream.
    var binaryLogStatus: SQLResultSet {
        SQLResultSet(
            columns: [
                .text("File"), .integer("Position"), .text("Binlog_Do_DB"), .text("Binlog_Ignore_DB"), .text("Executed_Gtid_Set"),
            ],
            rows: facts.binlog.end.map {
                [[.text($0.file), SQLValue($0.offset), .text(""), .text(""), .text(facts.gtidExecuted.description)]]
            } ?? [])
    }

    var binaryLogs: SQLResultSet {
        // MySQL added the third column in 8.0.14.
        let hasEncryption = facts.version.isMySQL(from: 80014)
        return SQLResultSet(
            columns: [.text("Log_name"), .integer("File_size")] + (hasEncryption ? [.text("Encrypted")] : []),
            rows: facts.binlog.files.map {
                [.text($0.name), SQLValue($0.byteCount)] + (hasEncryption ? [.text("No")] : [])
            })
    }

    func replicas(isOldName: Bool) -> SQLResultSet {
        SQLResultSet(
            columns: isOldName
                ? [.integer("Server_id"), .text("Host"), .integer("Port"), .integer("Master_id"), .text("Slave_UUID")]
                : [.integer("Server_Id"), .text("Host"), .integer("Port"), .integer("Source_Id"), .text("Replica_UUID")],
            rows: facts.replicas.map {
                [
                    SQLValue(UInt64($0.serverID)), .text($0.host), SQLValue(UInt64($0.port)), SQLValue(UInt64(facts.serverID)),
                    .text($0.uuid),
                ]
            })
    }
}

extension SQLResultSet {
    /// Always empty: what Kingbus reads from its upstream is told by `kingbus-ctl upstream show`, not as a replication channel.
    static func replicaStatus(isOldName: Bool) -> SQLResultSet {
        let columns = replicaStatusColumns.map { name in
            guard isOldName else { return name }
            if name == "Get_Source_public_key" { return "Get_master_public_key" }
            return name.split(separator: "_").map {
                switch $0 {
                case "Source": "Master"
                case "Replica": "Slave"
                default: String($0)
                }
            }.joined(separator: "_")
        }
        return SQLResultSet(columns: columns.map(Column.text), rows: [])
    }

    private static let replicaStatusColumns = [
        "Replica_IO_State", "Source_Host", "Source_User", "Source_Port", "Connect_Retry", "Source_Log_File", "Read_Source_Log_Pos",
        "Relay_Log_File", "Relay_Log_Pos", "Relay_Source_Log_File", "Replica_IO_Running", "Replica_SQL_Running", "Replicate_Do_DB",
        "Replicate_Ignore_DB", "Replicate_Do_Table", "Replicate_Ignore_Table", "Replicate_Wild_Do_Table",
        "Replicate_Wild_Ignore_Table", "Last_Errno", "Last_Error", "Skip_Counter", "Exec_Source_Log_Pos", "Relay_Log_Space",
        "Until_Condition", "Until_Log_File", "Until_Log_Pos", "Source_SSL_Allowed", "Source_SSL_CA_File", "Source_SSL_CA_Path",
        "Source_SSL_Cert", "Source_SSL_Cipher", "Source_SSL_Key", "Seconds_Behind_Source", "Source_SSL_Verify_Server_Cert",
        "Last_IO_Errno", "Last_IO_Error", "Last_SQL_Errno", "Last_SQL_Error", "Replicate_Ignore_Server_Ids", "Source_Server_Id",
        "Source_UUID", "Source_Info_File", "SQL_Delay", "SQL_Remaining_Delay", "Replica_SQL_Running_State", "Source_Retry_Count",
        "Source_Bind", "Last_IO_Error_Timestamp", "Last_SQL_Error_Timestamp", "Source_SSL_Crl", "Source_SSL_Crlpath",
        "Retrieved_Gtid_Set", "Executed_Gtid_Set", "Auto_Position", "Replicate_Rewrite_DB", "Channel_Name", "Source_TLS_Version",
        "Source_public_key_path", "Get_Source_public_key", "Network_Namespace",
    ]
}
