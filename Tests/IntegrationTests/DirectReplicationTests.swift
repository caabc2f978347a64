import Testing

extension IntegrationTests {
    /// What holds without Kingbus in between, on the same servers: the measure for every test with it.
    @Suite("Without Kingbus") struct DirectReplication {
        @Test("a replica that follows a primary by GTID ends with the same tables and the same GTIDs")
        func replicaEqualsPrimary() async throws {
            async let starting = MySQLServer.start("primary")
            let replica = try await MySQLServer.start("replica", options: ["--super-read-only=ON"])
            let primary = try await starting
            try await primary.create()
            try await replica.replicate(fromPort: primary.port)

            try await primary.execute(
                """
                CREATE DATABASE shop;
                CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, note TEXT, amount DECIMAL(10, 2));
                INSERT INTO shop.orders (note, amount) VALUES ('tab\\t, line\\n, back\\\\slash', 1.50), (NULL, -2), ('', 0);
                UPDATE shop.orders SET amount = amount + 1 WHERE id = 2;
                """)
            try await replica.waitToApply(try await primary.executedGTIDSet())

            #expect(
                try await replica.query("SELECT * FROM shop.orders ORDER BY id") == [
                    ["1", "tab\t, line\n, back\\slash", "1.50"], ["2", "NULL", "-1.00"], ["3", "", "0.00"],
                ])
            let checksums = try await primary.tableChecksums("shop")
            #expect(checksums.count == 1)
            #expect(try await replica.tableChecksums("shop") == checksums)
            #expect(try await replica.executedGTIDSet() == primary.executedGTIDSet())
        }

        @Test("a primary that was killed carries on with what it had committed, and its replica carries on with it")
        func killedPrimaryReturns() async throws {
            async let starting = MySQLServer.start("primary")
            let replica = try await MySQLServer.start("replica")
            let primary = try await starting
            try await primary.create()
            try await replica.replicate(fromPort: primary.port)
            try await primary.execute("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (1)")

            await primary.kill()
            try await primary.start()
            try await primary.execute("INSERT INTO shop.t VALUES (2)")

            try await replica.waitToApply(try await primary.executedGTIDSet())
            #expect(try await replica.query("SELECT id FROM shop.t ORDER BY id") == [["1"], ["2"]])
        }

        @Test("mysqlbinlog copies a primary's files byte by byte, and finds their checksums right")
        func mysqlbinlogCopies() async throws {
            let primary = try await MySQLServer.start("primary")
            try await primary.create()
            try await primary.execute("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); FLUSH BINARY LOGS")
            let copies = try TemporaryFolder("copies")

            try await Mysqlbinlog.copy(fromPort: primary.port, startingAt: "binlog.000001", to: copies.path)

            let first = try #require(try primary.binlogFiles.first)
            let difference = try await Command.run("/usr/bin/cmp", [first, copies.file("binlog.000001")])
            #expect(difference.status == .code(0), "\(difference.text)")
            let sql = try await Mysqlbinlog.decode([copies.file("binlog.000001")], options: ["--verify-binlog-checksum"]).text
            #expect(sql.contains("CREATE TABLE shop.t"))
        }
    }
}
