import Common
import Testing

@testable import kingbus_node

/// The statements of known clients, in the order in which they send them, each with its answer.
@Suite struct SQLClientTests {
    private func check(_ conversation: [(String, String)], version: String = "9.7.4") {
        var client = SQLFixture(version: version)
        for (statement, expected) in conversation { #expect(client.ask(statement) == expected, "\(statement)") }
    }

    @Test func `a MySQL 5.7 replica is answered`() {
        check(
            [
                ("SELECT UNIX_TIMESTAMP()", "#UNIX_TIMESTAMP() | 1700000000"),
                ("SELECT @@GLOBAL.SERVER_ID", "#@@GLOBAL.SERVER_ID | 101"),
                ("SET @master_heartbeat_period= 30000001024", "OK"),
                ("SET @master_binlog_checksum= @@global.binlog_checksum", "OK"),
                ("SELECT @master_binlog_checksum", "@master_binlog_checksum | CRC32"),
                ("SELECT @@GLOBAL.GTID_MODE", "@@GLOBAL.GTID_MODE | ON"),
                ("SELECT @@GLOBAL.SERVER_UUID", "@@GLOBAL.SERVER_UUID | 0a0a0a0a-0000-4000-8000-000000000001"),
                ("SET @slave_uuid= '3e11fa47-71ca-11e1-9e33-c80aa9429562'", "OK"),
                (
                    "SELECT @@global.rpl_semi_sync_source_enabled",
                    "ERROR 1193: Unknown system variable 'rpl_semi_sync_source_enabled'"
                ),
                ("SELECT @@global.rpl_semi_sync_master_enabled", "#@@global.rpl_semi_sync_master_enabled | 1"),
                ("SET @rpl_semi_sync_slave= 1", "OK"),
            ], version: "5.7.44-log")
    }

    @Test func `a MySQL 9 replica is answered and its settings are kept`() {
        var client = SQLFixture()
        let conversation = [
            ("SELECT UNIX_TIMESTAMP()", "#UNIX_TIMESTAMP() | 1700000000"),
            ("SELECT @@GLOBAL.SERVER_ID", "#@@GLOBAL.SERVER_ID | 101"),
            ("SET @master_heartbeat_period = 1500000000, @source_heartbeat_period = 1500000000", "OK"),
            (
                "SET @master_binlog_checksum = @@global.binlog_checksum, @source_binlog_checksum = @@global.binlog_checksum", "OK"
            ),
            ("SELECT @source_binlog_checksum", "@source_binlog_checksum | CRC32"),
            ("SELECT @@GLOBAL.GTID_MODE", "@@GLOBAL.GTID_MODE | ON"),
            ("SELECT @@GLOBAL.SERVER_UUID", "@@GLOBAL.SERVER_UUID | 0a0a0a0a-0000-4000-8000-000000000001"),
            ("SET @slave_uuid = 'A-b', @replica_uuid = 'A-b'", "OK"),
            ("SELECT @@global.rpl_semi_sync_source_enabled", "#@@global.rpl_semi_sync_source_enabled | 1"),
            ("SET @rpl_semi_sync_replica = 1", "OK"),
        ]
        for (statement, expected) in conversation { #expect(client.ask(statement) == expected) }
        #expect(client.session.heartbeatPeriodNanoseconds == 1_500_000_000)
        #expect(client.session.announcedChecksum == .crc32)
        #expect(client.session.replicaUUID == "A-b")
        #expect(client.session.isSemiSyncReplica)
        #expect(client.session.mariaDBCapability == nil)
    }

    @Test func `a MariaDB replica is answered and its position is kept`() {
        var client = SQLFixture(version: "5.5.5-10.11.6-MariaDB-log")
        #expect(client.ask("SHOW VARIABLES LIKE 'SERVER_ID'") == "Variable_name, Value | server_id, 101")
        #expect(client.ask("SET @mariadb_slave_capability=4") == "OK")
        #expect(client.ask("SELECT @@GLOBAL.gtid_domain_id") == "ERROR 1193: Unknown system variable 'gtid_domain_id'")
        #expect(client.ask("SET @slave_connect_state='0-1-100,1-2-5'") == "OK")
        #expect(client.ask("SET @slave_gtid_strict_mode=1") == "OK")
        #expect(client.ask("SET @slave_gtid_ignore_duplicates=0") == "OK")
        #expect(client.ask("SET @slave_until_gtid='0-1-200'") == "OK")
        #expect(
            client.ask("SHOW VARIABLES LIKE 'rpl_semi_sync_master_enabled'")
                == "Variable_name, Value | rpl_semi_sync_master_enabled, ON")
        #expect(client.ask("KILL 12") == "KILL 12")
        #expect(client.session.mariaDBCapability == 4)
        #expect(client.session.slaveConnectState == "0-1-100,1-2-5")
        #expect(client.session.slaveGTIDStrictMode)
        #expect(!client.session.slaveGTIDIgnoreDuplicates)
        #expect(client.session.slaveUntilGTID == "0-1-200")
    }

    @Test func `mysqlbinlog is answered`() {
        var client = SQLFixture()
        #expect(client.ask("SELECT VERSION()") == "VERSION() | 9.7.4")
        #expect(client.session.announcedChecksum == .unaware)
        #expect(client.ask("SET @master_binlog_checksum='NONE', @source_binlog_checksum='NONE'") == "OK")
        #expect(client.session.announcedChecksum == .none)
    }

    @Test func `go-mysql and canal are answered`() {
        check([
            ("KILL 6", "KILL 6"),
            ("KILL CONNECTION 6;", "KILL 6"),
            ("kill query 6", "KILL QUERY 6"),
            ("SHOW GLOBAL VARIABLES LIKE 'BINLOG_CHECKSUM'", "Variable_name, Value | binlog_checksum, CRC32"),
            (
                "SHOW VARIABLES WHERE Variable_name IN ('rpl_semi_sync_master_enabled','rpl_semi_sync_source_enabled');",
                "Variable_name, Value | rpl_semi_sync_master_enabled, ON | rpl_semi_sync_source_enabled, ON"
            ),
            ("SHOW GLOBAL VARIABLES LIKE 'binlog_format';", "Variable_name, Value | binlog_format, ROW"),
            ("SHOW GLOBAL VARIABLES LIKE 'binlog_row_image';", "Variable_name, Value | binlog_row_image, FULL"),
            (
                "SHOW MASTER STATUS",
                "File, #Position, Binlog_Do_DB, Binlog_Ignore_DB, Executed_Gtid_Set"
                    + " | binlog.000003, 5000000000, , , \(SQLFixture.uuid):1-50"
            ),
            ("SELECT @@GLOBAL.GTID_EXECUTED", "@@GLOBAL.GTID_EXECUTED | \(SQLFixture.uuid):1-50"),
            ("SHOW STATUS LIKE 'Ssl_%'", "Variable_name, Value | Ssl_cipher, TLS_AES_256_GCM_SHA384 | Ssl_version, TLSv1.3"),
            ("set wait_timeout=9999999", "OK"),
            ("select @@wait_timeout", "#@@wait_timeout | 9999999"),
            ("set names 'binary'", "OK"),
            ("select @@character_set_client", "@@character_set_client | binary"),
            ("set @slave_uuid=uuid()", "OK"),
            ("select @@version_comment limit 1", "@@version_comment | Kingbus binlog server \(kingbusVersion)"),
            ("show binlog events limit 1", "ERROR 1235: This is a Kingbus binlog server: it does not support SHOW BINLOG EVENTS"),
        ])
    }

    @Test func `Debezium and its connector are answered`() {
        let set = SQLFixture.uuid
        check([
            ("show global variables like 'gtid_purged'", "Variable_name, Value | gtid_purged, \(set):1-10"),
            (
                "show binary log status",
                "File, #Position, Binlog_Do_DB, Binlog_Ignore_DB, Executed_Gtid_Set | binlog.000003, 5000000000, , , \(set):1-50"
            ),
            ("select @@server_id", "#@@server_id | 101"),
            ("SELECT @@global.gtid_purged", "@@global.gtid_purged | \(set):1-10"),
            (
                "SELECT GTID_SUBTRACT('\(set):1-20', '\(set):1-10')",
                "GTID_SUBTRACT('\(set):1-20', '\(set):1-10') | \(set):11-20"
            ),
            ("SELECT gtid_subset(@@gtid_purged, @@gtid_executed) AS s", "#s | 1"),
            ("SELECT gtid_subset(@@gtid_executed, @@gtid_purged) AS s", "#s | 0"),
            (
                "SHOW GRANTS FOR CURRENT_USER",
                "Grants for repl@% | GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `repl`@`%`"
            ),
            ("SHOW SESSION STATUS LIKE 'Ssl_version'", "Variable_name, Value | Ssl_version, TLSv1.3"),
            ("SHOW BINARY LOGS", "Log_name, #File_size, Encrypted | binlog.000002, 1024, No | binlog.000003, 5000000000, No"),
            ("/* ping */ SELECT 1", "#1 | 1"),
            ("SHOW WARNINGS", "Level, #Code, Message"),
        ])
    }

    @Test func `python-mysql-replication and Maxwell are answered`() {
        check([
            ("SHOW GLOBAL VARIABLES LIKE 'BINLOG_CHECKSUM'", "Variable_name, Value | binlog_checksum, CRC32"),
            ("SHOW VARIABLES LIKE 'BINLOG_ROW_METADATA';", "Variable_name, Value | binlog_row_metadata, MINIMAL"),
            ("SHOW VARIABLES LIKE 'log_slave_updates'", "Variable_name, Value | log_slave_updates, ON"),
            ("SHOW VARIABLES LIKE 'enforce_gtid_consistency'", "Variable_name, Value | enforce_gtid_consistency, ON"),
            ("SHOW VARIABLES LIKE 'log_bin'", "Variable_name, Value | log_bin, ON"),
            ("select @@lower_case_table_names", "#@@lower_case_table_names | 0"),
            ("select @@character_set_server", "@@character_set_server | utf8mb4"),
            ("USE information_schema", "OK"),
            ("SELECT DATABASE()", "DATABASE() | information_schema"),
            (
                "SELECT COLUMN_NAME, CAST(x AS CHAR) FROM information_schema.columns WHERE table_schema = %s ORDER BY 1",
                "ERROR 1146: Table 'information_schema.columns' doesn't exist; this is a Kingbus binlog server, which has no tables"
            ),
        ])
    }

    private static let connectorJ =
        "/* mysql-connector-j-8.3.0 */SELECT  @@session.auto_increment_increment AS auto_increment_increment, @@character_set_client AS"
        + " character_set_client, @@character_set_connection AS character_set_connection, @@character_set_results AS"
        + " character_set_results, @@character_set_server AS character_set_server, @@collation_server AS collation_server,"
        + " @@collation_connection AS collation_connection, @@init_connect AS init_connect, @@interactive_timeout AS"
        + " interactive_timeout, @@license AS license, @@lower_case_table_names AS lower_case_table_names, @@max_allowed_packet AS"
        + " max_allowed_packet, @@net_write_timeout AS net_write_timeout, @@performance_schema AS performance_schema, "

    @Test(arguments: [
        (
            "9.7.4",
            "@@sql_mode AS sql_mode, @@system_time_zone AS system_time_zone, @@time_zone AS time_zone,"
                + " @@transaction_isolation AS transaction_isolation, @@wait_timeout AS wait_timeout", 19
        ),
        (
            "5.7.44",
            "@@query_cache_size AS query_cache_size, @@query_cache_type AS query_cache_type, @@sql_mode AS sql_mode,"
                + " @@system_time_zone AS system_time_zone, @@time_zone AS time_zone, @@tx_isolation AS transaction_isolation,"
                + " @@wait_timeout AS wait_timeout", 21
        ),
    ])
    func `Connector J reads its variables in one SELECT`(version: String, rest: String, count: Int) throws {
        var client = SQLFixture(version: version)
        guard case .resultSet(let set) = client.answer((Self.connectorJ + rest).utf8) else {
            Issue.record("no result set")
            return
        }
        #expect(set.columns.count == count)
        #expect(set.rows.first?.contains(.null) == false)
        #expect(set.columns[0] == .integer("auto_increment_increment"))
    }

    @Test func `a query cache exists before MySQL 8 only`() {
        var client = SQLFixture()
        #expect(client.ask("SELECT @@query_cache_size") == "ERROR 1193: Unknown system variable 'query_cache_size'")
    }

    @Test func `monitors are answered`() {
        check([
            (
                "select @@global.hostname, ifnull(@@global.report_host, ''), @@global.server_id, @@global.version,"
                    + " @@global.read_only, @@global.binlog_format, @@global.log_bin, @@global.log_slave_updates",
                "@@global.hostname, ifnull(@@global.report_host, ''), #@@global.server_id, @@global.version, #@@global.read_only,"
                    + " @@global.binlog_format, #@@global.log_bin, #@@global.log_slave_updates | node1, , 101, 9.7.4, 1, ROW, 1, 1"
            ),
            ("SELECT SUBSTRING_INDEX(@@hostname, '.', 1)", "SUBSTRING_INDEX(@@hostname, '.', 1) | node1"),
            ("show global status like 'Uptime'", "Variable_name, Value | Uptime, 99"),
            ("show variables like 'maxscale%'", "Variable_name, Value"),
            (
                "show global status like 'rpl_semi_sync_source%'",
                "Variable_name, Value | Rpl_semi_sync_source_clients, 1 | Rpl_semi_sync_source_status, ON"
            ),
            (
                "SHOW REPLICAS",
                "#Server_Id, Host, #Port, #Source_Id, Replica_UUID | 2, r2, 3306, 101, 22222222-0000-4000-8000-000000000002"
            ),
            (
                "show slave hosts",
                "#Server_id, Host, #Port, #Master_id, Slave_UUID | 2, r2, 3306, 101, 22222222-0000-4000-8000-000000000002"
            ),
            (
                "SHOW FULL PROCESSLIST",
                "#Id, User, Host, db, Command, #Time, State, Info | 5, repl, 10.0.0.2:4000, NULL, Binlog Dump GTID, 60, Source has"
                    + " sent all binlog to replica; waiting for more updates, NULL | 7, repl, 10.0.0.9:4001, test, Query, 0, , x"
            ),
            ("SHOW DATABASES", "Database | information_schema"),
        ])
    }

    @Test func `the replication status is an empty set under its old and its new names`() {
        var client = SQLFixture()
        let new = client.ask("SHOW REPLICA STATUS")
        #expect(new.hasPrefix("Replica_IO_State, Source_Host, Source_User, Source_Port, Connect_Retry, Source_Log_File"))
        #expect(new.hasSuffix("Get_Source_public_key, Network_Namespace"))
        let old = client.ask("show slave status")
        #expect(old.hasPrefix("Slave_IO_State, Master_Host, Master_User, Master_Port, Connect_Retry, Master_Log_File"))
        #expect(old.contains("Seconds_Behind_Master, Master_SSL_Verify_Server_Cert"))
        #expect(old.hasSuffix("Get_master_public_key, Network_Namespace"))
        #expect(!old.contains(" | ") && !new.contains(" | "))
        #expect(client.ask("SHOW ALL SLAVES STATUS") == old)
        #expect(client.ask("SHOW REPLICA STATUS FOR CHANNEL 'x'") == new)
    }
}
