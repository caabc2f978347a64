import Foundation
import Testing

extension IntegrationTests {
    /// What flashback writes, applied by stock clients to real servers.
    @Suite("Flashback") struct Flashback {
        @Test(
            "changes of every type and shape are undone and redone exactly on MySQL",
            arguments: [[], ["--binlog-row-metadata=FULL"], ["--binlog-checksum=NONE", "--binlog-transaction-compression=ON"]])
        func mysql(options: [String]) async throws {
            let server = try await MySQLServer.start("flashback", options: options)
            try await server.execute(FlashbackWorkload.mysqlSetUp(hasExtras: true))
            let before = try await server.flashbackSums(of: FlashbackWorkload.mysqlTables)
            let file = try await server.binlog(of: FlashbackWorkload.mysqlChanges)
            let after = try await server.flashbackSums(of: FlashbackWorkload.mysqlTables)
            #expect(before != after)

            let folder = try TemporaryFolder("undo")
            try await Self.flashback(["--output", "binlog", "-o", folder.file("undo"), file])
            try await Mysqlbinlog.replay([folder.file("undo")], into: server)
            #expect(try await server.flashbackSums(of: FlashbackWorkload.mysqlTables) == before)

            try await Self.flashback(["--output", "binlog", "-o", folder.file("redo"), folder.file("undo")])
            try await Mysqlbinlog.replay([folder.file("redo")], into: server)
            #expect(try await server.flashbackSums(of: FlashbackWorkload.mysqlTables) == after)
        }

        @Test(
            "changes of every type and shape are undone and redone exactly on MariaDB",
            arguments: [[], ["--binlog-row-metadata=FULL", "--log-bin-compress=ON", "--log-bin-compress-min-len=10"]])
        func mariaDB(options: [String]) async throws {
            let server = try await MariaDBServer.start("flashback", options: options)
            try await server.query(FlashbackWorkload.mariaDBSetUp(hasExtras: true))
            let before = try await server.query(Self.mariaDBSums)
            try await server.query("FLUSH BINARY LOGS")
            try await server.query(FlashbackWorkload.mariaDBChanges)
            try await server.query("FLUSH BINARY LOGS")
            let after = try await server.query(Self.mariaDBSums)
            #expect(before != after)

            let folder = try TemporaryFolder("undo")
            try await Self.flashback(["--output", "binlog", "-o", folder.file("undo"), server.binlog(2)])
            try await Self.replay(folder.file("undo"), into: server)
            #expect(try await server.query(Self.mariaDBSums) == before)

            try await Self.flashback(["--output", "binlog", "-o", folder.file("redo"), folder.file("undo")])
            try await Self.replay(folder.file("redo"), into: server)
            #expect(try await server.query(Self.mariaDBSums) == after)
        }

        @Test("what a row image leaves out is refused with its reason, and what it need not hold is undone")
        func images() async throws {
            let server = try await MySQLServer.start("flashback")
            try await server.execute(
                """
                CREATE DATABASE fb;
                CREATE TABLE fb.t (id INT PRIMARY KEY, n INT, b TEXT);
                CREATE TABLE fb.nokey (n INT, b TEXT);
                INSERT INTO fb.t VALUES (1, 1, 'one'), (2, 2, 'two');
                INSERT INTO fb.nokey VALUES (1, 'x'), (1, 'y'), (2, 'z');
                """)
            let before = try await server.flashbackSums(of: ["t", "nokey"])
            let kept = try await server.binlog(
                of: """
                    SET binlog_row_image=NOBLOB;
                    UPDATE fb.t SET n=n+1;
                    UPDATE fb.nokey SET n=2 WHERE b='y';
                    UPDATE fb.t SET id=id+10;
                    """)
            let folder = try TemporaryFolder("undo")
            try await Self.flashback(["--output", "binlog", "-o", folder.file("undo"), kept])
            try await Mysqlbinlog.replay([folder.file("undo")], into: server)
            #expect(try await server.flashbackSums(of: ["t", "nokey"]) == before)

            let refused = try await server.binlog(
                of: """
                    SET binlog_row_image=NOBLOB;
                    UPDATE fb.t SET b='new' WHERE id=1;
                    SET binlog_row_image=MINIMAL;
                    UPDATE fb.t SET n=5 WHERE id=1;
                    DELETE FROM fb.t WHERE id=2;
                    """)
            let result = try await Command.run(Repository.program("flashback"), ["--check", "--output", "binlog", refused])
            #expect(result.status == .code(3))
            let reasons = result.text.split(separator: "\n").dropFirst().map { $0.replacing(/.*: (an? [A-Z].*):.*/) { "\($0.1)" } }
            #expect(
                reasons == [
                    "an UPDATE of `fb`.`t` does not hold what column 3 was", "an UPDATE of `fb`.`t` does not hold what column 2 was",
                    "a DELETE from `fb`.`t` does not hold column 2",
                ])
        }

        /// What a session may be set to when SQL comes to it.
        private static let hostileSession = [
            "--default-character-set=gbk",
            "--init-command=SET sql_mode='ANSI,TRADITIONAL', time_zone='+09:00', sql_safe_updates=1, completion_type=1, sql_auto_is_null=1",
        ]

        /// Values of the variables that the output changes.
        private static let sessionState = """
            SELECT @@sql_mode, @@time_zone, @@sql_safe_updates, @@completion_type, @@sql_auto_is_null, @@foreign_key_checks,
              @@character_set_client, @@character_set_results, @@collation_connection;
            """

        @Test("SQL undoes changes of every type and shape on MySQL, whatever the session is set to, and leaves it as it was")
        func mysqlStatements() async throws {
            let server = try await MySQLServer.start("flashback", options: ["--binlog-row-metadata=FULL"])
            try await server.execute(FlashbackWorkload.mysqlSetUp(hasExtras: false))
            let before = try await server.flashbackSums(of: FlashbackWorkload.mysqlTables)
            let file = try await server.binlog(of: FlashbackWorkload.mysqlChanges)
            #expect(try await server.flashbackSums(of: FlashbackWorkload.mysqlTables) != before)
            let folder = try TemporaryFolder("undo")
            try await Self.flashback(["-o", folder.file("undo.sql"), file])
            let script = try String(contentsOfFile: folder.file("undo.sql"), encoding: .utf8)
            let whole = try folder.write(Self.sessionState + script + Self.sessionState, to: "whole.sql")
            let states = try await Command.succeed(
                try await RealServers.program("mysql"),
                server.clientOptions + ["--ssl-mode=DISABLED", "--batch", "--skip-column-names"] + Self.hostileSession,
                environment: ["MYSQL_PWD": nil], input: whole, within: .seconds(300)
            ).text.split(separator: "\n")
            #expect(states.count == 2)
            #expect(states.first == states.last)
            #expect(try await server.flashbackSums(of: FlashbackWorkload.mysqlTables) == before)
        }

        @Test("SQL undoes changes of every type and shape on MariaDB, whatever the session is set to, and leaves it as it was")
        func mariaDBStatements() async throws {
            let server = try await MariaDBServer.start("flashback", options: ["--binlog-row-metadata=FULL"])
            try await server.query(FlashbackWorkload.mariaDBSetUp(hasExtras: false))
            let before = try await server.query(Self.mariaDBSums)
            try await server.query("FLUSH BINARY LOGS")
            try await server.query(FlashbackWorkload.mariaDBChanges)
            try await server.query("FLUSH BINARY LOGS")
            #expect(try await server.query(Self.mariaDBSums) != before)
            let folder = try TemporaryFolder("undo")
            try await Self.flashback(["-o", folder.file("undo.sql"), server.binlog(2)])
            let script = try String(contentsOfFile: folder.file("undo.sql"), encoding: .utf8)
            let whole = try folder.write(Self.sessionState + script + Self.sessionState, to: "whole.sql")
            let states = try await server.query(contentsOf: whole, options: Self.hostileSession).split(separator: "\n")
            #expect(states.count == 2)
            #expect(states.first == states.last)
            #expect(try await server.query(Self.mariaDBSums) == before)
        }

        @Test("numbers that a sequence gave out are not taken back, and without names a sequence leaves the verdict open")
        func sequences() async throws {
            for (metadata, status) in [("FULL", ExitStatus.code(0)), ("NO_LOG", .code(4))] {
                let server = try await MariaDBServer.start("flashback", options: ["--binlog-row-metadata=\(metadata)"])
                try await server.query(
                    "CREATE DATABASE fb; CREATE SEQUENCE fb.s; CREATE TABLE fb.t (id INT PRIMARY KEY, v INT DEFAULT (NEXTVAL(fb.s)))")
                try await server.query("FLUSH BINARY LOGS")
                try await server.query("SET binlog_format=ROW; INSERT INTO fb.t (id) VALUES (1), (2); DO NEXTVAL(fb.s)")
                try await server.query("FLUSH BINARY LOGS")
                let folder = try TemporaryFolder("undo")
                let result = try await Command.run(
                    Repository.program("flashback"), ["--output", "binlog", "-o", folder.file("undo"), server.binlog(2)])
                #expect(result.status == status)
                guard result.status == .code(0) else { continue }
                try await Self.replay(folder.file("undo"), into: server)
                #expect(try await server.query("SELECT COUNT(*), NEXTVAL(fb.s) > 3 FROM fb.t") == "0\t1\n")
            }
        }

        @Test("a table with quotes in its expressions takes SQL")
        func quotesInExpressions() async throws {
            let server = try await MySQLServer.start("flashback", options: ["--binlog-row-metadata=FULL"])
            try await server.execute(#"CREATE DATABASE fb; CREATE TABLE fb.t (id INT PRIMARY KEY, v VARCHAR(9) DEFAULT ('it''s \\'))"#)
            let file = try await server.binlog(of: "INSERT INTO fb.t (id) VALUES (1)")
            let folder = try TemporaryFolder("undo")
            try await Self.flashback(["-o", folder.file("undo.sql"), file])
            // What the server has of the table from before is not what it opens it with.
            try await server.execute("FLUSH TABLES")
            try await server.query(contentsOf: folder.file("undo.sql"))
            #expect(try await server.query("SELECT * FROM fb.t").isEmpty)
        }

        private static let mariaDBSums =
            "CHECKSUM TABLE " + FlashbackWorkload.mariaDBTables.map { "fb.`\($0)`" }.joined(separator: ", ")

        @Test("without the columns' names the verdict on sql is open, and binlog needs none")
        func names() async throws {
            let server = try await MySQLServer.start("flashback")
            try await server.execute("CREATE DATABASE fb; CREATE TABLE fb.t (id INT PRIMARY KEY)")
            let file = try await server.binlog(of: "INSERT INTO fb.t VALUES (1)")
            let sql = try await Command.run(Repository.program("flashback"), [file])
            #expect(sql.status == .code(4))
            #expect(sql.errors.contains("does not name the columns of `fb`.`t`"))
            #expect(try await Command.run(Repository.program("flashback"), ["--check", "--output", "binlog", file]).status == .code(0))
        }

        /// Runs the program, which must succeed.
        static func flashback(_ arguments: [String]) async throws {
            try await Command.succeed(Repository.program("flashback"), arguments, within: .seconds(300))
        }

        static func replay(_ file: String, into server: MariaDBServer) async throws {
            let folder = try TemporaryFolder("replay")
            try await Command.succeed(
                try await MariaDBServer.program("mariadb-binlog"), ["--verify-binlog-checksum", file], output: folder.file("sql"),
                within: .seconds(300))
            try await server.query(contentsOf: folder.file("sql"))
        }
    }
}

extension MariaDBServer {
    /// Runs statements with the stock client and returns what it prints.
    @discardableResult
    func query(_ sql: String) async throws -> String {
        let script = try TemporaryFolder("sql")
        return try await query(contentsOf: try script.write(sql, to: "script.sql"))
    }

    /// Runs the statements of a file.
    @discardableResult
    func query(contentsOf path: String, options: [String] = []) async throws -> String {
        try await Command.succeed(
            try await Self.program("mariadb"), clientOptions + ["--batch", "--skip-column-names", "--binary-mode"] + options,
            environment: ["MYSQL_PWD": nil], input: path, within: .seconds(300)
        ).text
    }

    /// A binlog file, by its number from 1.
    func binlog(_ number: Int) -> String { folder.file("data/binlog.\(String(number + 1_000_000).dropFirst())") }
}

extension MySQLServer {
    /// The checksum of each of the tables.
    func flashbackSums(of tables: [String]) async throws -> [[String]] {
        try await query("CHECKSUM TABLE " + tables.map { "fb.`\($0)`" }.joined(separator: ", "))
    }

    /// Runs statements and returns the binlog file that they, and nothing else, are in.
    func binlog(of sql: String) async throws -> String {
        try await execute("FLUSH BINARY LOGS")
        try await execute(sql)
        try await execute("FLUSH BINARY LOGS")
        let files = try binlogFiles
        return files[files.count - 2]
    }
}
