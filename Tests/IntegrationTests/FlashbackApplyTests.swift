import Foundation
import Glibc
import Testing

extension IntegrationTests {
    /// `flashback --apply` on real servers.
    @Suite("Flashback at a server") struct FlashbackApply {
        /// Those of the workload whose rows can be undone at a server: not MyISAM's, and none that a trigger changes.
        private static let tables = ["types", "nokey", "ck", "parent", "child", "pt", "uq"]
        private static let tableOptions = tables.flatMap { ["--table", "fb.\($0)"] }

        /// What a server's sessions begin with.
        private static let hostileDefaults = """
            SET GLOBAL sql_mode='ANSI,TRADITIONAL'; SET GLOBAL time_zone='+09:00'; SET GLOBAL character_set_server=gbk;
            SET GLOBAL collation_server=gbk_bin; SET GLOBAL completion_type=1; SET GLOBAL autocommit=0;
            """

        @discardableResult
        private static func apply(
            to url: String, _ arguments: [String], expecting code: Int32 = 0
        ) async throws -> CommandResult {
            let result = try await Command.run(
                Repository.program("flashback"), ["--apply", url] + arguments, environment: ["MYSQL_PWD": nil, "HOME": "/nonexistent"],
                within: .seconds(300))
            if result.status != .code(code) { throw CommandFailed(description: "flashback ended with \(result.status): \(result.errors)") }
            return result
        }

        @Test(
            "changes of every type and shape are undone exactly on MySQL, whatever its sessions begin with",
            arguments: [[], ["--binlog-row-metadata=FULL"], ["--binlog-checksum=NONE", "--binlog-transaction-compression=ON"]])
        func mysql(options: [String]) async throws {
            let server = try await MySQLServer.start("flashback", options: options)
            try await server.execute(FlashbackWorkload.mysqlSetUp(hasExtras: true))
            let before = try await server.flashbackSums(of: Self.tables)
            let file = try await server.binlog(of: FlashbackWorkload.mysqlChanges)
            let after = try await server.flashbackSums(of: Self.tables)
            #expect(after != before)
            try await server.execute(Self.hostileDefaults)

            let executed = try await server.executedGTIDSet()
            try await Self.apply(to: server.flashbackURL, ["--dry-run", file] + Self.tableOptions)
            #expect(try await server.flashbackSums(of: Self.tables) == after)
            #expect(try await server.executedGTIDSet() == executed)
            #expect(try await server.query("SHOW DATABASES LIKE 'kingbus%'").isEmpty)

            try await Self.apply(to: server.flashbackURL, [file] + Self.tableOptions)
            #expect(try await server.flashbackSums(of: Self.tables) == before)
            #expect(try await server.query("SELECT undone=transactions FROM kingbus_flashback.progress") == [["1"]])

            let again = try await Self.apply(to: server.flashbackURL, [file] + Self.tableOptions)
            #expect(again.errors.contains("have been undone before"))
            #expect(try await server.flashbackSums(of: Self.tables) == before)
        }

        @Test(
            "changes of every type and shape are undone exactly on MariaDB, whatever its sessions begin with",
            arguments: [[], ["--binlog-row-metadata=FULL", "--log-bin-compress=ON", "--log-bin-compress-min-len=10"]])
        func mariaDB(options: [String]) async throws {
            let server = try await MariaDBServer.start("flashback", options: options)
            try await server.query(FlashbackWorkload.mariaDBSetUp(hasExtras: true))
            try await server.query("CREATE USER flash@'%' IDENTIFIED BY 'secret'; GRANT ALL ON *.* TO flash@'%'")
            let sums = "CHECKSUM TABLE " + Self.tables.map { "fb.`\($0)`" }.joined(separator: ", ")
            let before = try await server.query(sums)
            try await server.query("FLUSH BINARY LOGS")
            try await server.query(FlashbackWorkload.mariaDBChanges)
            try await server.query("FLUSH BINARY LOGS")
            let after = try await server.query(sums)
            #expect(after != before)
            try await server.query(Self.hostileDefaults)
            let folder = try TemporaryFolder("password")
            let login = ["--password-file", try folder.write("secret\n", to: "password")]
            let url = "mysql://flash@127.0.0.1:\(server.port)"

            try await Self.apply(to: url, login + ["--dry-run", server.binlog(2)] + Self.tableOptions)
            #expect(try await server.query(sums) == after)
            #expect(try await server.query("SHOW DATABASES LIKE 'kingbus%'") == "")

            try await Self.apply(to: url, login + [server.binlog(2)] + Self.tableOptions)
            #expect(try await server.query(sums) == before)
        }

        @Test("a row that was changed since ends it, with nothing of its transaction undone; put back, the same command goes on")
        func conflict() async throws {
            let server = try await MySQLServer.start("flashback")
            try await server.execute(
                "CREATE DATABASE fb; CREATE TABLE fb.t (id INT PRIMARY KEY, v VARCHAR(20)); "
                    + "INSERT INTO fb.t VALUES (1, 'a'), (2, 'a'), (3, 'a')")
            let before = try await server.flashbackSums(of: ["t"])
            let file = try await server.binlog(
                of: """
                    UPDATE fb.t SET v='b' WHERE id=1;
                    BEGIN; UPDATE fb.t SET v='b' WHERE id=2; DELETE FROM fb.t WHERE id=3; COMMIT;
                    INSERT INTO fb.t VALUES (9, 'b');
                    """)
            let last = try #require(Int(try await server.executedGTIDSet().split(separator: "-").last ?? ""))
            let source = try await server.value("SELECT @@server_uuid")
            try await server.execute("UPDATE fb.t SET v='later' WHERE id=2")
            let rows = [["1", "b"], ["2", "later"]]

            for options in [["--dry-run"], [], []] {
                let result = try await Self.apply(to: server.flashbackURL, options + [file], expecting: 5)
                #expect(result.errors.contains(#/at byte \d+: /#))
                #expect(result.errors.contains("\(source):\(last - 1): `fb`.`t`: no row is there as the change left it: `id`=2"))
                #expect(try await server.query("SELECT * FROM fb.t") == rows + (options.isEmpty ? [] : [["9", "b"]]))
            }

            // A row where one is to be put back.
            try await server.execute("UPDATE fb.t SET v='b' WHERE id=2; INSERT INTO fb.t VALUES (3, 'other')")
            let taken = try await Self.apply(to: server.flashbackURL, [file], expecting: 5)
            #expect(taken.errors.contains("`fb`.`t`: the row `id`=3 cannot be put back: Duplicate entry '3'"))
            try await server.execute("DELETE FROM fb.t WHERE id=3")
            try await Self.apply(to: server.flashbackURL, [file])
            #expect(try await server.flashbackSums(of: ["t"]) == before)
        }

        @Test("a row is found by its key though it holds JSON that no SQL makes, as long as that stays as it is")
        func opaqueJSON() async throws {
            let server = try await MySQLServer.start("flashback")
            try await server.execute(
                """
                CREATE DATABASE fb; CREATE TABLE fb.j (id INT PRIMARY KEY, n INT, j JSON); CREATE TABLE fb.b (b BLOB, t TIMESTAMP(3), i BIT(9));
                INSERT INTO fb.b VALUES (x'cafe', '2026-11-21 01:02:03.123', b'101010101');
                INSERT INTO fb.j SELECT 1, 1, JSON_ARRAY(b) FROM fb.b; INSERT INTO fb.j SELECT 2, 1, JSON_ARRAY(t) FROM fb.b;
                INSERT INTO fb.j SELECT 3, 1, JSON_ARRAY(i) FROM fb.b; INSERT INTO fb.j VALUES (4, 1, '{"a": 1}');
                """)
            let before = try await server.flashbackSums(of: ["j"])
            let file = try await server.binlog(of: "UPDATE fb.j SET n=2")
            try await server.execute("UPDATE fb.j SET n=3 WHERE id=1")
            let changed = try await Self.apply(to: server.flashbackURL, ["--dry-run", file], expecting: 5)
            #expect(changed.errors.contains("no row is there as the change left it: `id`=1"))
            try await server.execute("UPDATE fb.j SET n=2 WHERE id=1")
            try await Self.apply(to: server.flashbackURL, ["--dry-run", file])
            try await Self.apply(to: server.flashbackURL, [file])
            #expect(try await server.flashbackSums(of: ["j"]) == before)
        }

        @Test("the same statement that is run again is undone again")
        func again() async throws {
            let server = try await MySQLServer.start("flashback")
            try await server.execute(
                "CREATE DATABASE fb; CREATE TABLE fb.t (id INT PRIMARY KEY, v VARCHAR(20)); INSERT INTO fb.t VALUES (1, 'a')")
            let before = try await server.flashbackSums(of: ["t"])
            for _ in 0..<2 {
                let file = try await server.binlog(of: "DELETE FROM fb.t")
                let undone = try await Self.apply(to: server.flashbackURL, [file])
                #expect(!undone.errors.contains("have been undone before"))
                #expect(try await server.flashbackSums(of: ["t"]) == before)
            }
        }

        @Test("tables where triggers would fire again, or nothing can be taken back, are refused before anything is changed")
        func refusals() async throws {
            let server = try await MySQLServer.start("flashback")
            try await server.execute(FlashbackWorkload.mysqlSetUp(hasExtras: true))
            let file = try await server.binlog(of: FlashbackWorkload.mysqlChanges)
            let after = try await server.flashbackSums(of: FlashbackWorkload.mysqlTables)
            try await server.execute("ALTER TABLE fb.pt RENAME COLUMN z TO renamed; DROP TABLE fb.uq")
            let triggers = try await Self.apply(to: server.flashbackURL, [file, "--table", "fb.trg"], expecting: 3)
            #expect(triggers.errors.contains("`fb`.`trg` has triggers (`t1`)"))
            let myISAM = try await Self.apply(to: server.flashbackURL, [file, "--table", "fb.my-isam"], expecting: 3)
            #expect(myISAM.errors.contains("`fb`.`my-isam` is a table of MyISAM"))
            #expect(try await server.query("SHOW DATABASES LIKE 'kingbus%'").isEmpty)
            let dropped = try await Self.apply(to: server.flashbackURL, [file, "--table", "fb.uq"], expecting: 4)
            #expect(dropped.errors.contains("has no table `fb`.`uq`"))
            let sums = try await server.flashbackSums(of: FlashbackWorkload.mysqlTables.filter { $0 != "uq" })
            #expect(sums == after.filter { $0[0] != "fb.uq" })
        }

        @Test("a row that the server would change is not put back, and one of many megabytes is")
        func sizes() async throws {
            let server = try await MySQLServer.start("flashback")
            try await server.execute(
                """
                CREATE DATABASE fb; CREATE TABLE fb.t (id INT PRIMARY KEY, v VARCHAR(20) CHARSET utf8mb4);
                CREATE TABLE fb.big (id INT PRIMARY KEY, b LONGBLOB);
                INSERT INTO fb.t VALUES (1, '漢'); INSERT INTO fb.big VALUES (1, REPEAT(x'00ff', 10 << 20));
                """)
            let before = try await server.flashbackSums(of: ["big"])
            let file = try await server.binlog(of: "DELETE FROM fb.t; DELETE FROM fb.big")
            try await server.execute("SET GLOBAL max_allowed_packet=16<<20")
            let long = try await Self.apply(to: server.flashbackURL, [file, "--table", "big"], expecting: 1)
            #expect(long.errors.contains("raise max_allowed_packet"))
            try await server.execute("SET GLOBAL max_allowed_packet=1<<30")
            try await Self.apply(to: server.flashbackURL, [file, "--table", "big"])
            #expect(try await server.flashbackSums(of: ["big"]) == before)

            try await server.execute("ALTER TABLE fb.t MODIFY v VARCHAR(20) CHARSET latin1")
            let cut = try await Self.apply(to: server.flashbackURL, [file, "--table", "t"], expecting: 1)
            #expect(cut.errors.contains("`fb`.`t`: the row `id`=1 was taken with warnings"))
            #expect(try await server.query("SELECT * FROM fb.t").isEmpty)
        }

        @Test("what a server does not let the user do is told in its own words, and leaves no trace")
        func permissions() async throws {
            let server = try await MySQLServer.start("flashback")
            try await server.execute(
                """
                CREATE DATABASE fb; CREATE TABLE fb.t (id INT PRIMARY KEY);
                CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'secret'; GRANT SELECT, TRIGGER ON fb.* TO reader@'127.0.0.1';
                """)
            let file = try await server.binlog(of: "INSERT INTO fb.t VALUES (1)")
            let folder = try TemporaryFolder("password")
            let login = ["--password-file", try folder.write("secret\n", to: "password")]
            let reader = "mysql://reader@127.0.0.1:\(server.port)"
            let denied = try await Self.apply(to: reader, login + [file], expecting: 77)
            #expect(denied.errors.contains("(error 1044)"))
            #expect(try await Self.apply(to: reader, login + ["--dry-run", file], expecting: 77).errors.contains("(error 1142)"))
            #expect(try await Self.apply(to: reader, [file], expecting: 77).errors.contains("refuses the login of 'reader'"))
            try await server.execute("SET GLOBAL super_read_only=ON")
            #expect(try await Self.apply(to: server.flashbackURL, [file], expecting: 1).errors.contains("read-only"))
            #expect(try await server.query("SELECT * FROM fb.t") == [["1"]])
            try await Self.apply(to: "mysql://root@127.0.0.1:1", [file], expecting: 69)
        }

        /// Many transactions of rows that nothing but counting tells apart, so that one that is undone twice, or not at all, shows.
        private static let manyTransactions = 1500
        private static let manySetUp = """
            CREATE DATABASE fb;
            CREATE TABLE fb.log (a INT, b VARCHAR(10));
            CREATE TABLE fb.t (id INT PRIMARY KEY, n INT);
            INSERT INTO fb.log WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM s WHERE n<900) SELECT 7, 'same' FROM s;
            INSERT INTO fb.t WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM s WHERE n<50) SELECT n, 0 FROM s;
            """
        private static var manyChanges: String {
            (0..<manyTransactions).map { number in
                number % 2 == 0
                    ? "BEGIN; DELETE FROM fb.log LIMIT 1; UPDATE fb.t SET n=n+1 WHERE id=\(number % 50 + 1); COMMIT;"
                    : "INSERT INTO fb.log VALUES (7, 'same');"
            }.joined(separator: "\n")
        }

        /// Runs the command again and again, and ends it or the server in the middle, until it has done its work.
        private func interrupted(
            _ server: MySQLServer, _ file: String, by end: (ChildProcess) async throws -> ExitStatus
        ) async throws -> [ExitStatus] {
            var statuses: [ExitStatus] = []
            let folder = try TemporaryFolder("interrupted")
            while statuses.last != .code(0), statuses.count < 20 {
                let undone = try? await server.value("SELECT SUM(undone) FROM kingbus_flashback.progress")
                let aim = (undone.flatMap { Int($0) } ?? 0) + 200
                let process = try ChildProcess(
                    Repository.program("flashback"), ["--apply", server.flashbackURL, file], environment: ["MYSQL_PWD": nil],
                    standardError: folder.file("errors"))
                try await eventually("\(aim) transactions to be undone, or all", within: .seconds(120)) {
                    if !process.isRunning { return true }
                    return Int(try await server.value("SELECT SUM(undone) FROM kingbus_flashback.progress")) ?? 0 >= aim
                }
                statuses.append(aim < Self.manyTransactions ? try await end(process) : try await process.exit(within: .seconds(120)))
            }
            return statuses
        }

        @Test("killed in the middle of many transactions, the same command goes on, and undoes each exactly once")
        func killedTool() async throws {
            let server = try await MySQLServer.start("flashback")
            try await server.execute(Self.manySetUp)
            let before = try await server.flashbackSums(of: ["log", "t"])
            let file = try await server.binlog(of: Self.manyChanges)
            let statuses = try await interrupted(server, file) { process in
                await process.kill()
                return try #require(process.exitStatus)
            }
            #expect(statuses.filter { $0 == .signal(SIGKILL) }.count >= 3)
            #expect(statuses.last == .code(0))
            #expect(try await server.flashbackSums(of: ["log", "t"]) == before)
            #expect(try await server.query("SELECT undone, transactions FROM kingbus_flashback.progress") == [["1500", "1500"]])
        }

        @Test("of two that undo the same at once, each transaction is undone by one of them")
        func twoTools() async throws {
            let server = try await MySQLServer.start("flashback")
            try await server.execute(Self.manySetUp)
            let before = try await server.flashbackSums(of: ["log", "t"])
            let file = try await server.binlog(of: Self.manyChanges)
            let processes = try (0..<2).map { _ in
                try ChildProcess(Repository.program("flashback"), ["--apply", server.flashbackURL, file], environment: ["MYSQL_PWD": nil])
            }
            var statuses: [ExitStatus] = []
            for process in processes { statuses.append(try await process.exit(within: .seconds(120))) }
            #expect(statuses.contains(.code(0)) || statuses == [.code(1), .code(1)])
            try await Self.apply(to: server.flashbackURL, [file])
            #expect(try await server.flashbackSums(of: ["log", "t"]) == before)
        }

        @Test("where the server is killed and comes back, the same command goes on, and undoes each exactly once")
        func killedServer() async throws {
            let server = try await MySQLServer.start("flashback")
            try await server.execute(Self.manySetUp)
            let before = try await server.flashbackSums(of: ["log", "t"])
            let file = try await server.binlog(of: Self.manyChanges)
            let statuses = try await interrupted(server, file) { process in
                await server.kill()
                let status = try await process.exit(within: .seconds(60))
                try await server.start()
                return status
            }
            #expect(statuses.filter { $0 == .code(69) }.count >= 3)
            #expect(statuses.last == .code(0))
            #expect(try await server.flashbackSums(of: ["log", "t"]) == before)
        }
    }
}

extension MySQLServer {
    /// For tools, as root without a password.
    var flashbackURL: String { "mysql://root@127.0.0.1:\(port)" }
}
