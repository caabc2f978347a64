import Foundation
import Testing

extension IntegrationTests {
    /// What flashback learns from real servers about their tables.
    @Suite("Flashback with a schema") struct FlashbackSchema {
        private static func flashback(_ arguments: [String]) async throws -> CommandResult {
            try await Command.run(Repository.program("flashback"), arguments, environment: ["MYSQL_PWD": ""], within: .seconds(300))
        }

        private static func url(_ port: Int, user: String = "root") -> String { "mysql://\(user)@127.0.0.1:\(port)" }

        private static let tables = ["g", "nk", "k"]
        private static let setUp = """
            CREATE DATABASE fb;
            CREATE TABLE fb.g (id INT PRIMARY KEY, a INT UNSIGNED, v BIGINT AS (a+1) VIRTUAL, e ENUM('x','y'),
              s VARCHAR(20) CHARACTER SET latin1 AS (CONCAT('é',a)) STORED, t VARCHAR(20) CHARACTER SET latin1, KEY(s));
            CREATE TABLE fb.nk (a INT, v INT AS (a*2) VIRTUAL, s FLOAT AS (a/3) STORED, f VARCHAR(10) CHARACTER SET utf8mb4);
            CREATE TABLE fb.k (a INT, s INT AS (a*3) STORED PRIMARY KEY, b INT);
            INSERT INTO fb.g (id,a,e,t) VALUES (1,4000000000,'x','ü'),(2,2,'y',NULL),(3,NULL,NULL,'z');
            INSERT INTO fb.nk (a,f) VALUES (1,'a'),(1,'A'),(1,'a'),(NULL,NULL);
            INSERT INTO fb.k (a,b) VALUES (1,1),(2,2);
            """
        private static let changes = """
            UPDATE fb.g SET a=7, t='ö' WHERE id=1;
            DELETE FROM fb.g WHERE id<3;
            INSERT INTO fb.g (id,a,t) VALUES (9,4294967295,'ß');
            UPDATE fb.nk SET f='b' WHERE f='a' LIMIT 1;
            DELETE FROM fb.nk WHERE a IS NULL;
            UPDATE fb.nk SET a=a+5;
            INSERT INTO fb.nk (a,f) VALUES (6,'a');
            UPDATE fb.k SET a=a+10 ORDER BY a DESC;
            DELETE FROM fb.k WHERE b=2;
            INSERT INTO fb.k (a,b) VALUES (5,5);
            """

        @Test("with a schema, of a server or a dump, sql undoes what a binlog with little metadata holds, generated columns too")
        func generated() async throws {
            let server = try await MySQLServer.start("flashback")
            try await server.execute(Self.setUp)
            let before = try await server.flashbackSums(of: Self.tables)
            var dump = "USE fb;\n"
            for table in Self.tables { dump += try await server.query("SHOW CREATE TABLE fb.\(table)")[0][1] + ";\n" }
            let folder = try TemporaryFolder("undo")
            for schema in [Self.url(server.port), try folder.write(dump, to: "dump.sql")] {
                let file = try await server.binlog(of: "SET NAMES utf8mb4;" + Self.changes)
                #expect(try await server.flashbackSums(of: Self.tables) != before)
                #expect(try await Self.flashback(["--check", file]).status == .code(4))
                let undone = try await Self.flashback(["--schema", schema, "-o", folder.file("undo.sql"), file])
                #expect(undone.status == .code(0), "\(undone.errors)")
                try await server.query(contentsOf: folder.file("undo.sql"))
                #expect(try await server.flashbackSums(of: Self.tables) == before)
            }
        }

        @Test("a server tells which tables have triggers, to a user who may see them")
        func triggers() async throws {
            let server = try await MySQLServer.start("flashback", options: ["--binlog-row-metadata=FULL"])
            try await server.execute(
                """
                CREATE DATABASE fb; CREATE TABLE fb.t (id INT PRIMARY KEY); CREATE TABLE fb.free (id INT PRIMARY KEY);
                CREATE TRIGGER fb.watch AFTER INSERT ON fb.t FOR EACH ROW SET @n = 1;
                CREATE USER reader@'%'; GRANT SELECT ON *.* TO reader@'%';
                CREATE USER seer@'%'; GRANT SELECT ON fb.* TO seer@'%'; GRANT TRIGGER ON fb.* TO seer@'%';
                """)
            let file = try await server.binlog(of: "INSERT INTO fb.t VALUES (1)")
            let free = try await server.binlog(of: "INSERT INTO fb.free VALUES (1)")
            let blind = try await Self.flashback([file])
            #expect(blind.status == .code(0) && blind.text.contains("# Whether tables have triggers is not known"))
            for user in ["root", "seer"] {
                let refused = try await Self.flashback(["--schema", Self.url(server.port, user: user), file])
                #expect(refused.status == .code(3) && refused.errors.contains("has triggers (`watch`)"), "\(refused.errors)")
                let allowed = try await Self.flashback(["--schema", Self.url(server.port, user: user), free])
                #expect(allowed.status == .code(0) && !allowed.text.contains("is not known"), "\(allowed.errors)")
            }
            let hidden = try await Self.flashback(["--schema", Self.url(server.port, user: "reader"), free])
            #expect(hidden.status == .code(4) && hidden.errors.contains("grant TRIGGER"), "\(hidden.errors)")
            let binlog = try await Self.flashback(["--check", "--output", "binlog", "--schema", Self.url(server.port), file])
            #expect(binlog.status == .code(0))
        }

        @Test("what MariaDB's foreign keys change is in no binlog, and is in the way where a schema tells of them")
        func cascades() async throws {
            let server = try await MariaDBServer.start("flashback", options: ["--binlog-row-metadata=FULL"])
            try await server.query(
                """
                CREATE DATABASE fb; CREATE TABLE fb.p (id INT PRIMARY KEY, x INT); CREATE TABLE fb.q (id INT PRIMARY KEY);
                CREATE TABLE fb.c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES fb.p (id) ON DELETE CASCADE ON UPDATE SET NULL);
                INSERT INTO fb.p VALUES (1,1),(2,2); INSERT INTO fb.c VALUES (1,1),(2,2); INSERT INTO fb.q VALUES (1);
                """)
            let schema = ["--schema", Self.url(server.port)]
            var files: [String] = []
            for (number, sql) in ["DELETE FROM fb.p WHERE id=1", "UPDATE fb.p SET id=3", "UPDATE fb.p SET x=9", "DELETE FROM fb.q"]
                .enumerated()
            {
                try await server.query("FLUSH BINARY LOGS; SET binlog_format=ROW; \(sql)")
                files.append(server.binlog(number + 2))
            }
            try await server.query("FLUSH BINARY LOGS")
            #expect(try await server.query("SELECT COUNT(*), SUM(p IS NULL) FROM fb.c") == "1\t1\n")
            for output in ["sql", "binlog"] {
                let check = ["--check", "--output", output] + schema
                let delete = try await Self.flashback(check + [files[0]])
                #expect(delete.status == .code(3) && delete.text.contains("refers ON DELETE CASCADE"), "\(delete.text)\(delete.errors)")
                let update = try await Self.flashback(check + [files[1]])
                #expect(update.status == .code(3) && update.text.contains("refers ON UPDATE SET NULL"), "\(update.text)\(update.errors)")
                for harmless in files[2...] { #expect(try await Self.flashback(check + [harmless]).status == .code(0)) }
            }
            let unknown = try await Self.flashback(["--check", "--output", "binlog", files[0]])
            #expect(unknown.status == .code(4) && unknown.text.contains("maps `fb`.`c` and shows no rows of it"), "\(unknown.text)")
        }

        @Test("sql is refused for MariaDB's system-versioned tables, by their rows or by a schema")
        func versioned() async throws {
            let server = try await MariaDBServer.start("flashback", options: ["--binlog-row-metadata=FULL"])
            try await server.query(
                """
                CREATE DATABASE fb; CREATE TABLE fb.v (a INT) WITH SYSTEM VERSIONING; CREATE TABLE fb.n (a INT, t TIMESTAMP(6), u TIMESTAMP(6));
                CREATE TABLE fb.o (a INT, b TIMESTAMP(6) GENERATED ALWAYS AS ROW START, e TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
                  PERIOD FOR SYSTEM_TIME (b, e)) WITH SYSTEM VERSIONING;
                """)
            for (number, table) in ["v", "o", "n"].enumerated() {
                try await server.query("FLUSH BINARY LOGS; SET binlog_format=ROW; INSERT INTO fb.\(table) (a) VALUES (1)")
                try await server.query("FLUSH BINARY LOGS")
                let file = server.binlog(2 * number + 2)
                let without = try await Self.flashback(["--check", file])
                #expect(without.status == .code(table == "n" ? 0 : 4), "\(table): \(without.text)\(without.errors)")
                let with = try await Self.flashback(["--check", "--schema", Self.url(server.port), file])
                #expect(with.status == .code(table == "n" ? 0 : 3), "\(table): \(with.text)\(with.errors)")
                #expect(try await Self.flashback(["--check", "--output", "binlog", file]).status == .code(0))
            }
        }

        @Test("JSON with values that only SQL makes is undone exactly by sql, and what SQL cannot make is in the way of it")
        func opaqueJSON() async throws {
            let server = try await MySQLServer.start("flashback", options: ["--binlog-row-metadata=FULL"])
            try await server.execute(
                """
                CREATE DATABASE fb; CREATE TABLE fb.j (id INT PRIMARY KEY, n INT, j JSON); CREATE TABLE fb.b (b BINARY(2), t TIMESTAMP(3));
                INSERT INTO fb.b VALUES (x'cafe', '2026-11-21 01:02:03.123');
                INSERT INTO fb.j VALUES (1, 1, JSON_ARRAY(x'00ff', CAST(1.50 AS DECIMAL(5,2)), CAST('2026-11-21' AS DATE), CAST('-12:00:00.5' AS TIME(6)),
                  CAST('2026-11-21 01:02:03.5' AS DATETIME(6)))), (2, 1, '[]'), (3, 1, NULL);
                UPDATE fb.j SET j=JSON_OBJECT('b', x'cafe') WHERE id=2;
                INSERT INTO fb.j SELECT 4, 1, JSON_ARRAY(b) FROM fb.b; INSERT INTO fb.j SELECT 5, 1, JSON_ARRAY(t) FROM fb.b;
                """)
            let before = try await server.flashbackSums(of: ["j"])
            let file = try await server.binlog(of: "UPDATE fb.j SET j='{}' WHERE id<4; UPDATE fb.j SET n=2; DELETE FROM fb.j WHERE id<4")
            let folder = try TemporaryFolder("undo")
            let undone = try await Self.flashback(["-o", folder.file("undo.sql"), file])
            #expect(undone.status == .code(0), "\(undone.errors)")
            try await server.query(contentsOf: folder.file("undo.sql"))
            #expect(try await server.flashbackSums(of: ["j"]) == before)
            for id in [4, 5] {
                let file = try await server.binlog(of: "DELETE FROM fb.j WHERE id=\(id)")
                let refused = try await Self.flashback([file])
                #expect(
                    refused.status == .code(3) && refused.errors.contains("`j` of `fb`.`j` holds JSON with a value"), "\(refused.errors)")
                #expect(try await Self.flashback(["--check", "--output", "binlog", file]).status == .code(0))
            }
        }

        @Test("--where undoes the rows that are like it, and no others")
        func conditions() async throws {
            let server = try await MySQLServer.start("flashback", options: ["--binlog-row-metadata=FULL"])
            try await server.execute(
                "CREATE DATABASE fb; CREATE TABLE fb.t (id INT PRIMARY KEY, n INT); INSERT INTO fb.t VALUES (1,1),(2,2),(3,3)")
            let folder = try TemporaryFolder("undo")
            for output in ["sql", "binlog"] {
                let file = try await server.binlog(of: "UPDATE fb.t SET n=n+10; DELETE FROM fb.t WHERE id=2")
                let undone = try await Self.flashback(["--where", "id=2", "--output", output, "-o", folder.file("undo"), file])
                #expect(undone.status == .code(0) && undone.errors.contains("a subset of the changes is undone"), "\(undone.errors)")
                if output == "sql" {
                    try await server.query(contentsOf: folder.file("undo"))
                } else {
                    try await Mysqlbinlog.replay([folder.file("undo")], into: server)
                }
                #expect(try await server.query("SELECT * FROM fb.t ORDER BY id") == [["1", "11"], ["2", "2"], ["3", "13"]])
                try await server.execute("UPDATE fb.t SET n=id")
            }
        }
    }
}
