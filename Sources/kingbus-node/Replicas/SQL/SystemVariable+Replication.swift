import Common

extension SystemVariable {
    /// What describes the binlog and its replication.
    static let replicationVariables: [SystemVariable] = [
        .integer("server_id", .global) { UInt64($0.serverID) },
        .integer("server_id_bits", .global) { _ in 32 },
        .text("server_uuid", .global) { $0.serverUUID },
        .text("report_host", .global) { _ in nil },
        .integer("report_port", .global) { UInt64($0.port) },

        .boolean("log_bin", .global) { _ in true },
        .boolean("log_slave_updates", .global) { _ in true },
        .boolean("log_replica_updates", .global, since: 80026) { _ in true },
        .text("binlog_checksum", .global) { $0.upstream.binlogChecksum },
        .text("binlog_format", .both) { $0.upstream.binlogFormat },
        .text("binlog_row_image", .both) { $0.upstream.binlogRowImage },
        .text("binlog_row_metadata", .global, since: 80001) { $0.upstream.binlogRowMetadata },
        .text("binlog_row_value_options", .both, since: 80003) { $0.upstream.binlogRowValueOptions },
        .boolean("binlog_rows_query_log_events", .both) { _ in false },
        .boolean("binlog_transaction_compression", .both, since: 80020) { _ in false },
        .integer("binlog_expire_logs_seconds", .global, since: 80001) { _ in 0 },
        .integer("expire_logs_days", .global, until: 80400) { _ in 0 },
        .integer("sync_binlog", .global) { _ in 1 },
        .boolean("sql_log_bin", .session) { _ in true }.settable,

        .text("gtid_mode", .global) { _ in "ON" },
        .text("enforce_gtid_consistency", .global) { _ in "ON" },
        .text("gtid_executed", .global) { $0.gtidExecuted.description },
        .text("gtid_purged", .global) { $0.gtidPurged.description },
        .text("gtid_owned", .both) { _ in "" },
        .text("gtid_next", .session) { _ in "AUTOMATIC" },

        .boolean("rpl_semi_sync_master_enabled", .global) { $0.semiSync.isSourceEnabled },
        .boolean("rpl_semi_sync_source_enabled", .global, since: 80026) { $0.semiSync.isSourceEnabled },
        .boolean("rpl_semi_sync_slave_enabled", .global) { $0.semiSync.isReplicaEnabled },
        .boolean("rpl_semi_sync_replica_enabled", .global, since: 80026) { $0.semiSync.isReplicaEnabled },
        .text("master_info_repository", .global, until: 80300) { _ in "FILE" },
        .text("relay_log_info_repository", .global, until: 80300) { _ in "FILE" },
        .integer("slave_net_timeout", .global) { _ in 60 },
        .integer("replica_net_timeout", .global, since: 80026) { _ in 60 },

        .boolean("read_only", .global) { _ in true },
        .boolean("super_read_only", .global) { _ in true },
        .boolean("innodb_read_only", .global) { _ in true },
    ]
}
