import Testing

extension IntegrationTests {
    /// What can be wrong with the upstream: each has one message, and what is stored stays whole.
    @Suite("Upstream failures") struct UpstreamFailures {
        private static let traffic = "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (1), (2)"

        @Test("a wrong upstream password is named once, and a right one is noticed without a restart")
        func wrongPassword() async throws {
            let primary = try await MySQLServer.start("primary")
            try await primary.create()
            try await primary.execute(Self.traffic)
            let wrong = "not the right one"
            let node = try NodeProcess("n1", upstreamPort: primary.port, as: .init(password: wrong), flags: [])
            _ = try node.launch()

            let report = try await node.waitForUpstream("connecting", alert: "upstream_access_denied")
            let reason = try #require(report.upstream.reason)
            #expect(reason.contains("127.0.0.1:\(primary.port)") && reason.contains("'repl'"), "\(reason)")
            try await primary.waitForConnections(4)
            #expect(node.errorLines(with: "access_denied").count == 1, "\(node.errors)")
            #expect(!node.errors.contains(wrong))

            try await primary.execute("SET sql_log_bin = 0; ALTER USER repl@'127.0.0.1' IDENTIFIED BY '\(wrong)'")
            try await node.waitToHold(try await primary.executedGTIDSet())
        }

        @Test("an upstream that cannot be reached is named once, and is pulled from when it comes")
        func unreachable() async throws {
            let primary = try await MySQLServer.start("primary")
            try await primary.create()
            try await primary.execute(Self.traffic)
            let executed = try await primary.executedGTIDSet()
            try await primary.stop()
            let node = try NodeProcess("n1", upstreamPort: primary.port, as: .init(), flags: [])
            _ = try node.launch()

            let report = try await node.waitForUpstream("connecting", alert: "upstream_unreachable")
            let reason = try #require(report.upstream.reason)
            #expect(reason.contains("127.0.0.1:\(primary.port)") && reason.contains("Connection refused"), "\(reason)")
            #expect(try await node.get("/readyz").status == 503)

            try await primary.start()
            try await node.waitToHold(executed)
            #expect(node.errorLines(with: "unreachable").count == 1, "\(node.errors)")
        }

        @Test("an upstream without GTIDs blocks until it has them and the pull is started again")
        func withoutGTIDs() async throws {
            let primary = try await MySQLServer.start("primary", options: ["--gtid-mode=OFF"])
            try await primary.create()
            let node = try NodeProcess("n1", upstreamPort: primary.port, as: .init(), flags: [])
            _ = try node.launch()

            let report = try await node.waitForUpstream("blocked", alert: "upstream_gtid_mode")
            #expect(report.upstream.reason?.contains("gtid_mode=OFF") == true, "\(report)")
            #expect(node.errorLines(with: "gtid_mode=OFF").count == 1, "\(node.errors)")

            for mode in ["OFF_PERMISSIVE", "ON_PERMISSIVE", "ON"] { try await primary.execute("SET GLOBAL gtid_mode = \(mode)") }
            try await primary.execute(Self.traffic)
            try await node.change("POST", "/v1/upstream/start")
            try await node.waitToHold(try await primary.executedGTIDSet())
        }

        @Test("a transaction without a GTID blocks, under its place, what is pulled from the beginning, and not what begins behind it")
        func anonymousTransaction() async throws {
            let primary = try await MySQLServer.start("primary")
            try await primary.create()
            try await primary.execute(Self.traffic)
            let before = try await primary.executedGTIDSet()
            try await primary.writeAnonymously("INSERT INTO shop.t VALUES (3)")
            try await primary.execute("INSERT INTO shop.t VALUES (4)")
            let node = try NodeProcess("n1", upstreamPort: primary.port, as: .init(), flags: [])
            _ = try node.launch()

            let report = try await node.waitForUpstream("blocked", alert: "upstream_anonymous_transaction")
            #expect(report.upstream.reason?.contains("binlog.00000") == true, "\(report)")
            #expect(report.executedGTIDSet == before || report.executedGTIDSet == "")
            #expect(node.errorLines(with: "anonymous").count == 1, "\(node.errors)")

            let behind = try await NodeProcess.start("n2", upstreamPort: primary.port, flags: ["--start-gtid-set", before])
            try await behind.waitToHold(try await primary.executedGTIDSet())
            #expect(try await behind.report().purgedGTIDSet == before)

            // The same while it runs: what was pulled stays and is served.
            try await primary.writeAnonymously("INSERT INTO shop.t VALUES (5)")
            try await primary.execute("INSERT INTO shop.t VALUES (6)")
            _ = try await behind.waitForUpstream("blocked", alert: "upstream_anonymous_transaction")
        }

        @Test("an upstream that purged what is needed blocks under the missing GTIDs, and what is stored is served on")
        func purgedMeanwhile() async throws {
            async let starting = MySQLServer.start("replica")
            let primary = try await MySQLServer.start("primary")
            let replica = try await starting
            try await primary.create()
            try await primary.execute(Self.traffic)
            let held = try await primary.executedGTIDSet()
            let node = try await NodeProcess.start(upstreamPort: primary.port)
            try await node.waitToHold(held)
            try await node.stop()
            try await primary.execute("INSERT INTO shop.t VALUES (3); INSERT INTO shop.t VALUES (4)")
            try await primary.purge()
            try await primary.execute("INSERT INTO shop.t VALUES (5)")

            try await node.start()

            let report = try await node.waitForUpstream("blocked", alert: "upstream_purged")
            let source = try #require(held.split(separator: ":").first)
            #expect(report.upstream.missingGTIDSet == "\(source):4-5")
            #expect(report.upstream.reason?.contains("\(source):4-5") == true, "\(report)")
            #expect(report.executedGTIDSet == held)
            #expect(node.errorLines(with: "has purged").count == 1, "\(node.errors)")
            try await replica.replicate(fromPort: node.mysqlPort)
            try await replica.waitToApply(held)
            #expect(try await replica.query("SELECT id FROM shop.t ORDER BY id") == [["1"], ["2"]])
        }
    }
}

extension MySQLServer {
    /// Writes without GTIDs, then has them again.
    fileprivate func writeAnonymously(_ sql: String) async throws {
        for mode in ["ON_PERMISSIVE", "OFF_PERMISSIVE"] { try await execute("SET GLOBAL gtid_mode = \(mode)") }
        try await execute(sql)
        try await execute("SET GLOBAL gtid_mode = ON_PERMISSIVE")
        try await eventually("anonymous transactions to end") {
            try await query("SHOW STATUS LIKE 'Ongoing_anonymous_%'").allSatisfy { $0[1] == "0" }
        }
        try await execute("SET GLOBAL gtid_mode = ON")
    }

    /// Waits until so many connections were made since the call.
    fileprivate func waitForConnections(_ count: Int) async throws {
        func refused() async throws -> Int {
            Int(try await query("SHOW GLOBAL STATUS LIKE 'Aborted_connects'").first?.last ?? "") ?? 0
        }
        let before = try await refused()
        try await eventually("\(count) refused logins") { try await refused() >= before + count }
    }
}
