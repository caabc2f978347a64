import Testing

extension IntegrationTests {
    /// `flashback --verify` on real servers.
    @Suite("Flashback compares") struct FlashbackVerify {
        /// Compares, and returns what was printed, a line for each conflict.
        private static func verify(
            at url: String, _ arguments: [String], expecting code: Int32
        ) async throws -> [String] {
            let result = try await Command.run(
                Repository.program("flashback"), ["--verify", url] + arguments, environment: ["MYSQL_PWD": nil, "HOME": "/nonexistent"],
                within: .seconds(300))
            let lines = result.text.split(separator: "\n").map { String($0) }
            if result.status != .code(code) {
                throw CommandFailed(description: "flashback ended with \(result.status): \(lines) \(result.errors)")
            }
            return lines
        }

        @Test(
            "rows of every type that are what their last changes left are found so, by a user who may only read",
            arguments: [[], ["--binlog-row-metadata=FULL"], ["--binlog-checksum=NONE", "--binlog-transaction-compression=ON"]])
        func mysql(options: [String]) async throws {
            let server = try await MySQLServer.start("flashback", options: options)
            try await server.execute(FlashbackWorkload.mysqlSetUp(hasExtras: true))
            try await server.execute("CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'secret'; GRANT SELECT ON fb.* TO reader@'127.0.0.1'")
            let file = try await server.binlog(of: FlashbackWorkload.mysqlChanges)
            try await server.execute("SET GLOBAL sql_mode='ANSI,TRADITIONAL'; SET GLOBAL time_zone='+09:00'; SET GLOBAL super_read_only=ON")
            let folder = try TemporaryFolder("password")
            let login = ["--password-file", try folder.write("secret\n", to: "password")]
            #expect(try await Self.verify(at: "mysql://reader@127.0.0.1:\(server.port)", login + [file], expecting: 0).isEmpty)
        }

        @Test(
            "on MariaDB, rows of every type that are what their last changes left are found so",
            arguments: [[], ["--binlog-row-metadata=FULL", "--log-bin-compress=ON", "--log-bin-compress-min-len=10"]])
        func mariaDB(options: [String]) async throws {
            let server = try await MariaDBServer.start("flashback", options: options)
            try await server.query(FlashbackWorkload.mariaDBSetUp(hasExtras: false))
            try await server.query("CREATE USER reader@'%' IDENTIFIED BY 'secret'; GRANT SELECT ON fb.* TO reader@'%'")
            try await server.query("FLUSH BINARY LOGS")
            try await server.query(FlashbackWorkload.mariaDBChanges)
            try await server.query("FLUSH BINARY LOGS")
            let folder = try TemporaryFolder("password")
            let login = ["--password-file", try folder.write("secret\n", to: "password")]
            let url = "mysql://reader@127.0.0.1:\(server.port)"
            #expect(try await Self.verify(at: url, login + [server.binlog(2)], expecting: 0).isEmpty)
            try await server.query("UPDATE fb.types SET u=UUID() WHERE id=9 OR id=6 LIMIT 1; UPDATE fb.types SET f1=1.5 WHERE id=-7")
            let lines = try await Self.verify(at: url, login + [server.binlog(2)], expecting: 5)
            #expect(lines.count == 2)
            #expect(lines.allSatisfy { $0.contains("`fb`.`types`: the row is not what the change left") })
        }

        /// A change that somebody made since, what it is told as, and how it is taken back.
        private struct Planted {
            var change: String
            var told: [String]
            var back: String
        }

        private static let planted = [
            Planted(
                change: "UPDATE fb.t SET d=d+0.5 WHERE id=1", told: ["`fb`.`t`: the row is not what the change left: `id`=1"],
                back: "UPDATE fb.t SET d=d-0.5 WHERE id=1"),
            Planted(
                change: "UPDATE fb.t SET j='{\"a\":2}' WHERE id=1", told: ["`fb`.`t`: the row is not what the change left: `id`=1"],
                back: "UPDATE fb.t SET j='{\"a\":1}' WHERE id=1"),
            Planted(
                change: "UPDATE fb.t SET s='B' WHERE id=1", told: ["`fb`.`t`: the row is not what the change left: `id`=1"],
                back: "UPDATE fb.t SET s='b' WHERE id=1"),
            Planted(
                change: "UPDATE fb.t SET id=77 WHERE id=1", told: ["`fb`.`t`: the row is not there: `id`=1"],
                back: "UPDATE fb.t SET id=1 WHERE id=77"),
            Planted(
                change: "INSERT INTO fb.t VALUES (3, 0, NULL, '')",
                told: ["`fb`.`t`: a row is there, where the change left none: `id`=3"], back: "DELETE FROM fb.t WHERE id=3"),
            Planted(
                change: "INSERT INTO fb.t VALUES (2, 0, NULL, '')",
                told: ["`fb`.`t`: a row is there, where the change left none: `id`=2"], back: "DELETE FROM fb.t WHERE id=2"),
            Planted(
                change: "DELETE FROM fb.same WHERE a=1 LIMIT 1",
                told: ["`fb`.`same`: 2 rows like it are there, of the 3 that the changes left: `a`=1, `b`='x'"],
                back: "INSERT INTO fb.same VALUES (1, 'x')"),
            Planted(
                change: "UPDATE fb.same SET b='X' WHERE a=1 LIMIT 2",
                told: ["`fb`.`same`: 1 rows like it are there, of the 3 that the changes left: `a`=1, `b`='x'"],
                back: "UPDATE fb.same SET b='x' WHERE a=1"),
            Planted(
                change: "UPDATE fb.words SET w='ONE' WHERE w='one'",
                told: [
                    "`fb`.`words`: the row is not what the change left: `w`='One'",
                    "`fb`.`words`: a row is there, where the change left none: `w`='one'",
                ],
                back: "UPDATE fb.words SET w='One' WHERE w='one'"),
            Planted(
                change: "INSERT INTO fb.words VALUES ('TWO', 1)",
                told: ["`fb`.`words`: a row is there, where the change left none: `w`='two'"], back: "DELETE FROM fb.words WHERE w='two'"),
            Planted(
                change: "INSERT INTO fb.other VALUES (1, 1)", told: [], back: "DELETE FROM fb.other"),
        ]

        @Test("each change that was made since is told, with its transaction and its row, and nothing else")
        func conflicts() async throws {
            let server = try await MySQLServer.start("flashback")
            try await server.execute(
                """
                CREATE DATABASE fb;
                CREATE TABLE fb.t (id INT PRIMARY KEY, d DOUBLE, j JSON, s VARCHAR(9));
                CREATE TABLE fb.same (a INT, b VARCHAR(9));
                CREATE TABLE fb.words (w VARCHAR(9) PRIMARY KEY, n INT);
                CREATE TABLE fb.other (a INT, b INT);
                INSERT INTO fb.t VALUES (1, 0.1, '{}', 'a'), (2, 0.2, NULL, 'b'), (3, 0.3, NULL, 'c');
                INSERT INTO fb.same VALUES (1, 'x'), (2, 'y'), (2, 'y');
                INSERT INTO fb.words VALUES ('one', 1), ('two', 2);
                """)
            let file = try await server.binlog(
                of: """
                    UPDATE fb.t SET d=d*3 WHERE id=1;
                    BEGIN; UPDATE fb.t SET j='{"a":1}' WHERE id=1; DELETE FROM fb.t WHERE id=3; COMMIT;
                    UPDATE fb.t SET s='b' WHERE id=1;
                    UPDATE fb.t SET id=4 WHERE id=2;
                    UPDATE fb.t SET s='z' WHERE id=4;
                    INSERT INTO fb.same VALUES (1, 'x'), (1, 'x');
                    UPDATE fb.same SET b='x' WHERE a=1;
                    DELETE FROM fb.same WHERE a=1;
                    INSERT INTO fb.same VALUES (1, 'x'), (1, 'x'), (1, 'x');
                    DELETE FROM fb.same WHERE a=2 LIMIT 1;
                    UPDATE fb.words SET w='One', n=n+1 WHERE w='one';
                    UPDATE fb.words SET n=n+1 WHERE w='one';
                    DELETE FROM fb.words WHERE w='two';
                    """)
            let source = try await server.value("SELECT @@server_uuid")
            #expect(try await Self.verify(at: server.flashbackURL, [file], expecting: 0).isEmpty)
            for planted in Self.planted {
                try await server.execute(planted.change)
                let lines = try await Self.verify(at: server.flashbackURL, [file], expecting: planted.told.isEmpty ? 0 : 5)
                #expect(lines.count == planted.told.count)
                for (line, told) in zip(lines, planted.told) {
                    #expect(line.hasSuffix(told))
                    #expect(line.contains(#/^\/.* at byte \d+, [0-9a-f-]{36}:\d+: `fb`/#) && line.contains(source))
                }
                try await server.execute(planted.back)
            }
            #expect(try await Self.verify(at: server.flashbackURL, [file], expecting: 0).isEmpty)
        }
    }
}
