import Foundation
import Glibc
import Testing

extension IntegrationTests {
    /// A primary that went on writing after a cluster had stopped to take it in, and what is left of that.
    @Suite("Flashback of a tail") struct FlashbackTail {
        private static func flashback(_ arguments: [String]) async throws -> CommandResult {
            try await Command.run(Repository.program("flashback"), arguments, environment: ["MYSQL_PWD": ""], within: .seconds(300))
        }

        @Test("what a cluster lacks is undone on the primary that wrote it, which then is what the cluster's replicas are")
        func tail() async throws {
            let primary = try await MySQLServer.start("old", options: ["--binlog-row-metadata=FULL"])
            try await primary.create()
            let cluster = try await NodeCluster.start(upstreamPort: primary.port)
            let replica = try await MySQLServer.start("replica")
            try await replica.replicate(fromPort: cluster.nodes[0].mysqlPort)
            try await primary.execute(
                "CREATE DATABASE fb; CREATE TABLE fb.t (id INT PRIMARY KEY, n INT); INSERT INTO fb.t VALUES (1,1),(2,2),(3,3)")
            let held = try await primary.executedGTIDSet()
            try await replica.waitToApply(held)
            try await cluster.control("upstream", "stop", "--yes")
            try await primary.execute(
                "UPDATE fb.t SET n=n+10; DELETE FROM fb.t WHERE id=2; INSERT INTO fb.t VALUES (9,9); UPDATE fb.t SET id=4 WHERE id=9")
            #expect(try await primary.flashbackSums(of: ["t"]) != replica.flashbackSums(of: ["t"]))

            let admin = cluster.nodes.map(\.adminURL)
            let folder = try TemporaryFolder("tail")
            let input = "mysql://root@127.0.0.1:\(primary.port)"
            let undone = try await Self.flashback(
                ["--not-in", admin[1], "--schema", input, "-o", folder.file("undo.sql"), input])
            #expect(undone.status == .code(0), "\(undone.errors)")
            #expect(undone.errors.contains("the leader of term") && undone.errors.contains("were copied into"), "\(undone.errors)")
            #expect(!undone.errors.contains("the cluster takes transactions from"))
            try await primary.query(contentsOf: folder.file("undo.sql"))
            #expect(try await primary.flashbackSums(of: ["t"]) == replica.flashbackSums(of: ["t"]))

            // Segments by themselves are read as far as their directory is.
            let data = cluster.nodes[0].dataDirectory
            let whole = try await Self.flashback(["--check", "--output", "binlog", "--type", "insert,update,delete", data])
            let segments = try FileManager.default.contentsOfDirectory(atPath: "\(data)/segments").sorted()
            let alone = try await Self.flashback(
                ["--check", "--output", "binlog", "--type", "insert,update,delete"] + segments.map { "\(data)/segments/\($0)" })
            #expect(whole.status == .code(0) && alone.text == whole.text, "\(whole.text)\(alone.text)\(alone.errors)")

            // Without a majority nobody knows what is committed.
            let leader = try await cluster.waitForLeader().name
            await cluster.kill(cluster.nodes.map(\.name).filter { $0 != leader })
            let lonely = try await Self.flashback(["--check", "--not-in", cluster[leader].adminURL, input])
            #expect(lonely.status == .code(69), "\(lonely.status) \(lonely.errors)")
        }

        @Test("what the cluster has, and that came after what it lacks in the same table, is refused, each by its GTID")
        func refusals() async throws {
            let old = try await MySQLServer.start("old", options: ["--binlog-row-metadata=FULL"])
            try await old.create()
            try await old.execute("CREATE DATABASE fb; CREATE TABLE fb.t (id INT PRIMARY KEY); CREATE TABLE fb.u (id INT PRIMARY KEY)")
            let uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
            // The cluster's upstream has one of two transactions of a third server, which came to the old primary in another order.
            let upstream = try await MySQLServer.start("upstream")
            try await upstream.create()
            try await upstream.execute(
                "CREATE DATABASE fb; CREATE TABLE fb.t (id INT PRIMARY KEY); SET GTID_NEXT='\(uuid):2'; INSERT INTO fb.t VALUES (2); SET GTID_NEXT='AUTOMATIC'"
            )
            let held = try await upstream.executedGTIDSet()
            let node = try await NodeProcess.start(upstreamPort: upstream.port)
            try await node.waitToHold(held)
            try await old.execute(
                "SET GTID_NEXT='\(uuid):1'; INSERT INTO fb.t VALUES (1); SET GTID_NEXT='\(uuid):2'; INSERT INTO fb.t VALUES (2)")
            let file = try #require(try old.binlogFiles.last)
            let refused = try await Self.flashback(["--check", "--output", "binlog", "--not-in", node.adminURL, file])
            #expect(refused.status == .code(3), "\(refused.errors)")
            #expect(refused.text.contains("the cluster takes transactions from 127.0.0.1:\(upstream.port)"), "\(refused.text)")
            #expect(refused.text.contains("\(uuid):2: the cluster has it, and it changes `fb`.`t` after a transaction"), "\(refused.text)")
        }

        @Test("a signal while the output is written leaves no unfinished file", arguments: [SIGINT, SIGTERM, SIGHUP])
        func signals(signal: Int32) async throws {
            let server = try await MySQLServer.start("flashback", options: ["--binlog-row-metadata=FULL"])
            try await server.execute("CREATE DATABASE fb; CREATE TABLE fb.t (id INT AUTO_INCREMENT PRIMARY KEY, b CHAR(200))")
            let rows =
                "INSERT INTO fb.t (b) SELECT REPEAT('x', 200) FROM information_schema.COLUMNS a, information_schema.COLUMNS b LIMIT 100000;"
            let file = try await server.binlog(of: rows)
            let folder = try TemporaryFolder("signal")
            let process = try ChildProcess(
                try Repository.program("flashback"), ["-o", folder.file("undo.sql"), file], standardOutput: folder.file("output"),
                standardError: folder.file("errors"))
            try await eventually("an unfinished file, or the end", within: .seconds(120)) {
                if !process.isRunning { return true }
                return try !Self.unfinished(folder).isEmpty
            }
            #expect(process.isRunning)
            process.signal(signal)
            #expect(try await process.exit(within: .seconds(30)) == .signal(signal))
            #expect(try Self.unfinished(folder).isEmpty)
            #expect(!FileManager.default.fileExists(atPath: folder.file("undo.sql")))
        }

        private static func unfinished(_ folder: TemporaryFolder) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".tmp") }
        }
    }
}
