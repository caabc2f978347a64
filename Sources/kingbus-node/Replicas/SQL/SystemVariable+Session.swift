import Common

extension SystemVariable {
    /// What drivers read and set on connecting. They are kept and shown; of all of them only the dump's own settings have an effect.
    static let sessionVariables: [SystemVariable] = characterSets + switches + sizes + modes

    private static let characterSets: [SystemVariable] = [
        .text("character_set_client", .both) { $0.upstream.characterSetServer }.settable,
        .text("character_set_connection", .both) { $0.upstream.characterSetServer }.settable,
        .text("character_set_results", .both) { $0.upstream.characterSetServer }.settable,
        .text("character_set_database", .both) { $0.upstream.characterSetServer }.settable,
        .text("character_set_server", .both) { $0.upstream.characterSetServer }.settable,
        .text("character_set_filesystem", .both) { _ in "binary" }.settable,
        .text("collation_connection", .both, serverCollation).settable,
        .text("collation_database", .both, serverCollation).settable,
        .text("collation_server", .both, serverCollation).settable,
    ]

    @Sendable private static func serverCollation(_ facts: ServerFacts) -> String? {
        if let collation = facts.upstream.collationServer { return collation }
        return try? CharacterSet.named(facts.upstream.characterSetServer, in: facts.version).collation
    }

    private static let switches: [SystemVariable] = [
        .boolean("autocommit", .both) { _ in true }.settable,
        .boolean("big_tables", .both) { _ in false }.settable,
        .boolean("explicit_defaults_for_timestamp", .both) { _ in true }.settable,
        .boolean("foreign_key_checks", .both) { _ in true }.settable,
        .boolean("profiling", .both) { _ in false }.settable,
        .boolean("session_track_schema", .both) { _ in true }.settable,
        .boolean("session_track_state_change", .both) { _ in false }.settable,
        .boolean("sql_auto_is_null", .both) { _ in false }.settable,
        .boolean("sql_big_selects", .both) { _ in true }.settable,
        .boolean("sql_notes", .both) { _ in true }.settable,
        .boolean("sql_quote_show_create", .both) { _ in true }.settable,
        .boolean("sql_safe_updates", .both) { _ in false }.settable,
        .boolean("sql_warnings", .both) { _ in false }.settable,
        .boolean("transaction_read_only", .both, since: 50720) { _ in false }.settable,
        .boolean("tx_read_only", .both, until: 80000) { _ in false }.settable,
        .boolean("unique_checks", .both) { _ in true }.settable,
    ]

    private static let sizes: [SystemVariable] = [
        .integer("auto_increment_increment", .both) { _ in 1 }.settable,
        .integer("auto_increment_offset", .both) { _ in 1 }.settable,
        .integer("error_count", .session) { _ in 0 },
        .integer("group_concat_max_len", .both) { _ in 1024 }.settable,
        .integer("identity", .session) { _ in 0 }.settable,
        .integer("information_schema_stats_expiry", .both, since: 80003) { _ in 86_400 }.settable,
        .integer("innodb_lock_wait_timeout", .both) { _ in 50 }.settable,
        .integer("insert_id", .session) { _ in 0 }.settable,
        .integer("interactive_timeout", .both) { _ in 28_800 }.settable,
        .integer("last_insert_id", .session) { _ in 0 }.settable,
        .integer("lock_wait_timeout", .both) { _ in 31_536_000 }.settable,
        .integer("max_allowed_packet", .both) { _ in UInt64(SQLLimits.maxStatementBytes) },
        .integer("max_execution_time", .both, since: 50708) { _ in 0 }.settable,
        .integer("net_buffer_length", .both) { _ in 16_384 }.settable,
        .integer("net_read_timeout", .both) { _ in 30 }.settable,
        .integer("net_retry_count", .both) { _ in 10 }.settable,
        .integer("net_write_timeout", .both) { _ in 60 }.settable,
        .integer("pseudo_thread_id", .session) { $0.connection.id },
        .integer("sql_select_limit", .both) { _ in .max }.settable,
        .integer("timestamp", .session) { $0.now.seconds }.settable,
        .integer("wait_timeout", .both) { _ in 28_800 }.settable,
        .integer("warning_count", .session) { _ in 0 },
    ]

    private static let modes: [SystemVariable] = [
        .text("default_storage_engine", .both) { _ in "InnoDB" }.settable,
        .text("lc_messages", .both) { _ in "en_US" }.settable,
        .text("lc_time_names", .both) { _ in "en_US" }.settable,
        .text("resultset_metadata", .session, since: 80003) { _ in "FULL" }.settable,
        .text("session_track_gtids", .both) { _ in "OFF" }.settable,
        .text("session_track_system_variables", .both) { _ in "" }.settable,
        .text("session_track_transaction_info", .both) { _ in "OFF" }.settable,
        .text("sql_mode", .both) { _ in
            "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
        }.settable,
        .text("time_zone", .both) { _ in "SYSTEM" }.settable,
        .text("transaction_isolation", .both, since: 50720) { _ in "REPEATABLE-READ" }.settable,
        .text("tx_isolation", .both, until: 80000) { _ in "REPEATABLE-READ" }.settable,
    ]
}
