extension MySQLServer {
    /// An account for replicas and for mysqlbinlog.
    struct Account: Sendable {
        var name = "repl"
        var password = "a password of the tests"
    }

    /// The GTIDs of all that was committed here, without line ends.
    func executedGTIDSet() async throws -> String {
        try await value("SELECT REPLACE(@@GLOBAL.gtid_executed, '\\n', '')")
    }

    /// Makes an account that may replicate; outside the binlog, so that the first GTID is the test's own.
    func create(_ account: Account = Account()) async throws {
        try await execute(
            """
            SET sql_log_bin = 0;
            CREATE USER \(account.name)@'127.0.0.1' IDENTIFIED BY '\(account.password)';
            GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO \(account.name)@'127.0.0.1';
            """)
    }

    /// Becomes a replica, by GTID, of whoever listens on a port of 127.0.0.1; asks again every second while nobody does.
    ///
    /// - Parameter settings: more of `CHANGE REPLICATION SOURCE TO`, for example `SOURCE_HEARTBEAT_PERIOD = 1`.
    func replicate(
        fromPort source: Int, as account: Account = Account(), retries: Int = 86400, settings: [String] = []
    ) async throws {
        let all =
            [
                "SOURCE_HOST = '127.0.0.1'", "SOURCE_PORT = \(source)", "SOURCE_USER = '\(account.name)'",
                "SOURCE_PASSWORD = '\(account.password)'", "SOURCE_AUTO_POSITION = 1", "GET_SOURCE_PUBLIC_KEY = 1",
                "SOURCE_CONNECT_RETRY = 1", "SOURCE_RETRY_COUNT = \(retries)",
            ] + settings
        try await execute("CHANGE REPLICATION SOURCE TO \(all.joined(separator: ", ")); START REPLICA")
    }

    /// Becomes a replica of the first of several nodes, and takes another by itself when it has lost the one that it reads from and has
    /// asked it in vain three times, a second apart.
    ///
    /// All have the same weight: a replica leaves a source, in the middle of a transaction, for one of more weight that is there again.
    func replicate(fromAnyOf nodes: [NodeProcess], as account: Account = Account()) async throws {
        guard let first = nodes.first else { return }
        let sources = nodes.map { "DO asynchronous_connection_failover_add_source('', '127.0.0.1', \($0.mysqlPort), '', 50);" }
        try await execute(sources.joined(separator: "\n"))
        try await replicate(fromPort: first.mysqlPort, as: account, retries: 3, settings: ["SOURCE_CONNECTION_AUTO_FAILOVER = 1"])
    }

    /// The port of the source that it reads from, or asks.
    func sourcePort() async throws -> Int? {
        Int(try await value("SELECT port FROM performance_schema.replication_connection_configuration"))
    }

    /// What has stopped it from replicating: an error of its applier, or a receiver that has given up and not only reconnects.
    func replicationProblems() async throws -> [[String]] {
        try await query(
            """
            SELECT service_state, last_error_number, last_error_message FROM performance_schema.replication_connection_status
            WHERE service_state = 'OFF'
            UNION ALL SELECT service_state, last_error_number, last_error_message
            FROM performance_schema.replication_applier_status_by_worker WHERE last_error_number <> 0 OR service_state = 'OFF'
            UNION ALL SELECT service_state, last_error_number, last_error_message
            FROM performance_schema.replication_applier_status_by_coordinator WHERE last_error_number <> 0 OR service_state = 'OFF'
            """)
    }

    /// Waits until this replica has applied a GTID set.
    ///
    /// - Throws: `CommandFailed` with the replica's own account of its state.
    func waitToApply(_ gtidSet: String, within deadline: Duration = .seconds(60)) async throws {
        let seconds = deadline.components.seconds
        let outcome = try await query("SELECT WAIT_FOR_EXECUTED_GTID_SET('\(gtidSet)', \(seconds))", within: deadline + .seconds(10))
        guard outcome == [["0"]] else {
            let executed = try await executedGTIDSet()
            throw CommandFailed(
                description: "\(name) has not applied \(gtidSet) within \(deadline), but \(executed). \(try await replicaStatus())")
        }
    }

    /// The values of `SHOW REPLICA STATUS`, for messages.
    func replicaStatus() async throws -> String {
        try await query("SHOW REPLICA STATUS").map { $0.joined(separator: " ") }.joined(separator: "\n")
    }

    /// `CHECKSUM TABLE` of every table of some databases, by `database.table`.
    func tableChecksums(_ databases: String...) async throws -> [String: String] {
        let names = databases.map { "'\($0)'" }.joined(separator: ", ")
        let tables = try await query(
            """
            SELECT CONCAT('`', table_schema, '`.`', table_name, '`') FROM information_schema.tables
            WHERE table_type = 'BASE TABLE' AND table_schema IN (\(names))
            """
        ).flatMap { $0 }
        guard !tables.isEmpty else { return [:] }
        let rows = try await query("CHECKSUM TABLE \(tables.joined(separator: ", "))")
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }

    func value(_ sql: String) async throws -> String {
        guard let value = try await query(sql).first?.first else { throw CommandFailed(description: "\(sql) on \(name) gave nothing") }
        return value
    }
}
