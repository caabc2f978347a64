import Testing

extension IntegrationTests {
    /// What can be wrong with those who read.
    @Suite("Replica failures") struct ReplicaFailures {
        @Test("a wrong replica password is error 1045, and the right one is let in")
        func wrongPassword() async throws {
            let node = try await NodeProcess.start(upstreamPort: nil)

            let refused = try await client(of: node, password: "not the right one")

            #expect(refused.status == .code(1))
            #expect(refused.errors.contains("ERROR 1045 (28000): Access denied for user 'repl'"), "\(refused.errors)")
            #expect(node.errorLines(with: "repl").contains { $0.contains("denied") || $0.contains("refused") }, "\(node.errors)")
            let admitted = try await client(of: node, password: MySQLServer.Account().password)
            #expect(admitted.text == "1\n", "\(admitted.errors)")
        }

        private func client(of node: NodeProcess, password: String) async throws -> CommandResult {
            try await Command.run(
                try await RealServers.program("mysql"),
                [
                    "--host=127.0.0.1", "--port=\(node.mysqlPort)", "--user=repl", "--batch", "--skip-column-names",
                    "--get-server-public-key", "--execute=SELECT 1",
                ], environment: ["MYSQL_PWD": password])
        }

        @Test("a replica that needs purged GTIDs is told so in MySQL's words, and the node serves on")
        func needsPurged() async throws {
            async let starting = MySQLServer.start("replica")
            let primary = try await MySQLServer.start("primary")
            let replica = try await starting
            try await primary.create()
            try await primary.execute("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY)")
            let purged = try await primary.executedGTIDSet()
            try await primary.purge()
            try await primary.execute("INSERT INTO shop.t VALUES (1)")
            let node = try await NodeProcess.start(upstreamPort: primary.port)
            let report = try await node.waitToHold(try await primary.executedGTIDSet())
            #expect(report.purgedGTIDSet == purged)

            try await replica.replicate(fromPort: node.mysqlPort)

            try await eventually("the replica's receiver to give up") {
                try await replica.query("SELECT service_state FROM performance_schema.replication_connection_status") == [["OFF"]]
            }
            let error = try await replica.query(
                "SELECT last_error_number, last_error_message FROM performance_schema.replication_connection_status")
            #expect(error.first?.first == "13114")
            let words =
                "Got fatal error 1236 from source when reading data from binary log: 'Cannot replicate because the source purged required binary logs."
            #expect(error.first?.last?.hasPrefix(words) == true, "\(error)")

            // With what is purged in place, it gets the rest.
            try await replica.execute(
                """
                STOP REPLICA; SET sql_log_bin = 0; CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); SET sql_log_bin = 1;
                SET GLOBAL gtid_purged = '\(purged)'; START REPLICA
                """)
            try await replica.waitToApply(try await primary.executedGTIDSet())
            #expect(try await replica.query("SELECT id FROM shop.t") == [["1"]])
        }

        @Test("a replica that is there before the upstream asks until there is something")
        func asksBeforeTheUpstream() async throws {
            async let starting = MySQLServer.start("replica")
            let node = try await NodeProcess.start(upstreamPort: nil)
            let replica = try await starting

            try await replica.replicate(fromPort: node.mysqlPort)

            try await eventually("the replica to ask twice") {
                node.errorLines(with: "a dump was refused").count >= 2
            }
            let state = try await replica.query("SELECT service_state FROM performance_schema.replication_connection_status")
            #expect(state != [["OFF"]])
        }

        @Test("a replica that comes back to find nothing new idles on heartbeats")
        func idlesFromTheFirst() async throws {
            async let starting = MySQLServer.start("replica")
            let primary = try await MySQLServer.start("primary")
            let replica = try await starting
            try await primary.create()
            try await primary.execute("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY)")
            let node = try await NodeProcess.start(upstreamPort: primary.port)
            try await replica.replicate(fromPort: node.mysqlPort, settings: ["SOURCE_HEARTBEAT_PERIOD = 1"])
            try await replica.waitToApply(try await primary.executedGTIDSet())
            try await replica.execute("STOP REPLICA; START REPLICA")

            try await eventually("five heartbeats, or the receiver's end") {
                let row = try await replica.query(
                    "SELECT count_received_heartbeats, service_state FROM performance_schema.replication_connection_status"
                ).first
                return (row?.first.flatMap { Int($0) } ?? 0) >= 5 || row?.last == "OFF"
            }
            let error = try await replica.query(
                "SELECT service_state, last_error_message FROM performance_schema.replication_connection_status")
            #expect(error == [["ON", ""]])
        }
    }
}

extension MySQLServer {
    /// Forgets the binlog up to here.
    func purge() async throws {
        try await execute("FLUSH BINARY LOGS")
        guard let last = try binlogFiles.last?.split(separator: "/").last else { throw CommandFailed(description: "\(name) has no binlog") }
        try await execute("PURGE BINARY LOGS TO '\(last)'")
    }
}
