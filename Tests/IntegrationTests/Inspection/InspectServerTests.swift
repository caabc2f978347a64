import Foundation
import Testing

/// `binlog-inspect mysql://…` and `--follow`, on servers as they run.
@Suite(.serialized)
struct InspectServerTests {
    private static let passwordless: [String: String?] = ["MYSQL_PWD": ""]

    private static func url(_ port: Int, file: String = "") -> String { "mysql://root@127.0.0.1:\(port)/\(file)" }

    private static func inspect(_ arguments: [String], environment: [String: String?] = passwordless) async throws -> CommandResult {
        try await Command.run(try Repository.program("binlog-inspect"), arguments, environment: environment)
    }

    /// A run that goes on until it is told to end.
    private struct Follower {
        let folder: TemporaryFolder
        let process: ChildProcess

        init(_ arguments: [String], environment: [String: String?] = InspectServerTests.passwordless) throws {
            folder = try TemporaryFolder("follow")
            process = try ChildProcess(
                try Repository.program("binlog-inspect"), ["--follow", "--format", "json"] + arguments, environment: environment,
                standardOutput: folder.file("output"), standardError: folder.file("errors"))
        }

        var output: String { (try? String(contentsOfFile: folder.file("output"), encoding: .utf8)) ?? "" }
        var errors: String { (try? String(contentsOfFile: folder.file("errors"), encoding: .utf8)) ?? "" }

        /// Waits until a note of the test has come.
        func waits(for note: String) async throws {
            try await eventually("'\(note)' to be printed; so far there is \(errors)") { output.contains(note) }
        }

        /// Ends it as a person does, and returns what it printed.
        func end() async throws -> String {
            process.signal(SIGINT)
            #expect(try await process.exit(within: .seconds(20)) == .code(0), "\(errors)")
            return output
        }
    }

    private static func note(_ server: ScriptedServer, _ text: String) async throws {
        try await server.run("INSERT INTO shop.notes (text) VALUES ('\(text)')")
    }

    private static func makeNotes(_ server: ScriptedServer) async throws {
        try await server.run("CREATE DATABASE shop; CREATE TABLE shop.notes (id INT AUTO_INCREMENT PRIMARY KEY, text LONGTEXT)")
    }

    @Test("a server tells what its files do, in every format", arguments: ScriptedServer.Kind.allCases)
    func matchesFiles(_ kind: ScriptedServer.Kind) async throws {
        let format = kind == .mariadb ? ["--binlog-format=ROW"] : []
        let server = try await ScriptedServer.start(
            kind, options: ["--binlog-row-metadata=FULL", "--max-allowed-packet=64M"] + format)
        try await Self.makeNotes(server)
        try await Self.note(server, "one")
        // Larger than a packet, and than what is held of an event.
        try await server.run("FLUSH BINARY LOGS; INSERT INTO shop.notes (text) VALUES (REPEAT('x', 20000000)); FLUSH BINARY LOGS;")
        try await Self.note(server, "two")

        let files = try server.binlogs()
        #expect(files.count == 3)
        for format in ["text", "json", "sql", "summary"] {
            let named = ["--format", format] + (format == "text" ? ["--table", "shop.notes", "--limit", "3"] : [])
            let expected = try await Self.inspect(named + files)
            let result = try await Self.inspect(named + [Self.url(server.port)])
            #expect(result.status == .code(0), "\(result.errors)")
            // Comments say which input it is.
            let lines = [expected, result].map { $0.text.split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasPrefix("-- ") } }
            #expect(!lines[0].isEmpty)
            #expect(lines[0] == lines[1], "\(format)")
        }
        let last = URL(filePath: files[2]).lastPathComponent
        let one = try await Self.inspect(["--format", "json", Self.url(server.port, file: last)])
        #expect(one.text.contains("two") && !one.text.contains("one"))
        let verified = try await Self.inspect(["--verify", "--format", "json", Self.url(server.port)])
        #expect(verified.status == .code(0), "\(verified.errors)")
    }

    @Test("a set of GTIDs is what a server is asked for")
    func passesGTIDs() async throws {
        let server = try await ScriptedServer.start(.mysql, options: [])
        try await Self.makeNotes(server)
        for text in ["first", "second", "third"] { try await Self.note(server, text) }
        let source = try await server.query("SELECT @@server_uuid")[0][0]
        try await server.run("FLUSH BINARY LOGS; FLUSH BINARY LOGS;")

        let url = Self.url(server.port)
        let included = try await Self.inspect(["--format", "json", "--gtid", "\(source):4", url])
        #expect(included.text.contains("second") && !included.text.contains("first") && !included.text.contains("third"))
        // Also with transactions that the server does not have.
        let excluded = try await Self.inspect(["--format", "json", "--exclude-gtid", "\(source):1-4:77", url])
        #expect(excluded.text.contains("third") && !excluded.text.contains("second"))
        let positions = try await Self.inspect(["--gtid", "\(source):4", "--table", "notes"] + (try server.binlogs()))
        let told = try await Self.inspect(["--gtid", "\(source):4", "--table", "notes", url])
        #expect(told.text == positions.text)
        #expect(told.text.contains("Write_rows"))

        try await server.run("PURGE BINARY LOGS TO '\(URL(filePath: try server.binlogs()[2]).lastPathComponent)'")
        let purged = try await Self.inspect(["--format", "json", "--exclude-gtid", "\(source):1-2", url])
        #expect(purged.status == .code(0) && purged.text.isEmpty, "\(purged.errors)")
    }

    /// The JSON of row changes without what differs from one recording to the next.
    private static func changes(_ text: String) -> [Substring] {
        text.split(separator: "\n").compactMap { line in
            guard let start = line.range(of: "\"database\":"), !line.contains("\"type\":\"ddl\"") else { return nil }
            return line[start.lowerBound...].split(separator: ",\"thread_id\"")[0]
        }
    }

    @Test("a schema tells what a binlog with little metadata does not", arguments: ScriptedServer.Kind.allCases)
    func readsSchemas(_ kind: ScriptedServer.Kind) async throws {
        let format = kind == .mariadb ? ["--binlog-format=ROW"] : []
        let server = try await ScriptedServer.start(kind, options: ["--default-time-zone=+00:00"] + format)
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "SQL")
        let databases = ["sh`op-1"]
        var full: [Substring] = []
        for metadata in ["FULL", "MINIMAL"] {
            try await server.run("SET GLOBAL binlog_row_metadata=\(metadata); SET GLOBAL binlog_row_image=FULL;")
            try await server.clear(databases)
            for script in ["types", "\(kind)-types"] { try await server.run(try Data(contentsOf: folder.appending(path: "\(script).sql"))) }
            // Of MariaDB's UUID and INET columns only a schema tells.
            let schema = kind == .mariadb ? ["--schema", Self.url(server.port)] : []
            if metadata == "FULL" {
                full = Self.changes(try await Self.inspect(["--format", "json", server.newestBinlog()] + schema).text)
            }
        }
        let binlog = try server.newestBinlog()
        let without = try await Self.inspect(["--format", "json", binlog])
        #expect(Self.changes(without.text) != full)

        let live = try await Self.inspect(["--format", "json", "--schema", Self.url(server.port), binlog])
        #expect(live.status == .code(0) && live.errors.isEmpty, "\(live.errors)")
        expect(Self.changes(live.text), are: full)

        var dump = "USE `sh``op-1`;\n"
        for table in try await server.query("SHOW TABLES FROM `sh``op-1`") {
            let rows = try await server.query("SHOW CREATE TABLE `sh``op-1`.\(table[0].quotedName)")
            dump += rows.map { $0.joined(separator: "\t") }.joined(separator: "\n").drop { $0 != "\t" } + ";\n"
        }
        let file = try TemporaryFolder("schema")
        let dumped = try await Self.inspect(["--format", "json", "--schema", file.write(dump, to: "dump.sql"), binlog])
        #expect(dumped.status == .code(0) && dumped.errors.isEmpty, "\(dumped.errors)")
        expect(Self.changes(dumped.text), are: full)

        try await server.run(
            "ALTER TABLE `sh``op-1`.numbers DROP COLUMN t; ALTER TABLE `sh``op-1`.geo DROP COLUMN l, ADD COLUMN l INT AFTER p")
        let later = try await Self.inspect(["--format", "json", "--schema", Self.url(server.port), binlog])
        #expect(later.status == .code(0))
        let told = later.errors.split(separator: "\n")
        #expect(told.count == 2, "\(later.errors)")
        #expect(
            told.contains { $0.contains("`numbers`") && $0.contains("22 columns") }
                && told.contains { $0.contains("`geo`") && $0.contains("column 4") })
    }

    private func expect(_ changes: [Substring], are expected: [Substring]) {
        #expect(!expected.isEmpty && changes.count == expected.count)
        for (change, wanted) in zip(changes, expected) where change != wanted {
            Issue.record("\(change.prefix(600))\ninstead of\n\(wanted.prefix(600))")
        }
    }

    @Test("following prints what is committed, and goes on after lost connections", arguments: ScriptedServer.Kind.allCases)
    func follows(_ kind: ScriptedServer.Kind) async throws {
        let format = kind == .mariadb ? ["--binlog-format=ROW"] : []
        let server = try await ScriptedServer.start(kind, options: ["--binlog-row-metadata=FULL"] + format)
        try await Self.makeNotes(server)
        try await Self.note(server, "before")
        let follower = try Follower([Self.url(server.port)])
        try await follower.waits(for: "before")
        for round in 1...3 {
            try await Self.note(server, "live \(round)")
            try await follower.waits(for: "live \(round)")
            for dump in try await server.query("SELECT ID FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'") {
                try await server.run("KILL \(dump[0])")
            }
            try await Self.note(server, "away \(round)")
        }
        try await server.run("FLUSH BINARY LOGS")
        try await Self.note(server, "last")
        try await follower.waits(for: "last")
        let output = try await follower.end()
        #expect(follower.errors.contains("connecting again") && follower.errors.contains("going on"))
        let whole = try await Self.inspect(["--format", "json"] + (try server.binlogs()))
        #expect(output == whole.text)
    }

    @Test("following a file goes on in the file that the server rotates to")
    func followsFiles() async throws {
        let server = try await ScriptedServer.start(.mysql, options: ["--binlog-row-metadata=FULL"])
        try await Self.makeNotes(server)
        try await Self.note(server, "before")
        let follower = try Follower([try server.newestBinlog()])
        try await follower.waits(for: "before")
        try await Self.note(server, "live")
        try await follower.waits(for: "live")
        try await server.run("FLUSH BINARY LOGS")
        try await Self.note(server, "behind")
        try await follower.waits(for: "behind")
        #expect(try await follower.end() == (try await Self.inspect(["--format", "json"] + (try server.binlogs()))).text)
    }

    @Test("following ends with its limit, and with its reader")
    func endsFollowing() async throws {
        let server = try await ScriptedServer.start(.mysql, options: [])
        try await Self.makeNotes(server)
        try await Self.note(server, "one")
        let limited = try await Command.run(
            try Repository.program("binlog-inspect"), ["--follow", "--limit", "2", Self.url(server.port)],
            environment: Self.passwordless, within: .seconds(20))
        #expect(limited.status == .code(0))
        #expect(limited.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.count == 2)

        let script = "'\(try Repository.program("binlog-inspect"))' --follow '\(Self.url(server.port))' | head -1"
        let cut = try await Command.run("/bin/sh", ["-c", script], environment: Self.passwordless, within: .seconds(20))
        #expect(cut.status == .code(0) && cut.text.split(separator: "\n").count == 1)
    }

    @Test("a node is followed as its upstream is, over its restart")
    func followsNode() async throws {
        let primary = try await MySQLServer.start("primary")
        let account = MySQLServer.Account()
        try await primary.create(account)
        try await primary.execute("CREATE DATABASE shop; CREATE TABLE shop.notes (text VARCHAR(100))")
        let node = try await NodeProcess.start(upstreamPort: primary.port)
        let password = try node.folder.write("\(account.password)\n", to: "its-password")
        let url = "mysql://\(account.name)@127.0.0.1:\(node.mysqlPort)"
        let follower = try Follower(["--password-file", password, url], environment: ["MYSQL_PWD": nil])
        for text in ["first", "second"] {
            try await primary.execute("INSERT INTO shop.notes VALUES ('\(text)')")
            try await follower.waits(for: "\"\(text)\"")
            await node.kill()
            try await node.start()
        }
        try await primary.execute("INSERT INTO shop.notes VALUES ('third')")
        try await follower.waits(for: "third")
        let output = try await follower.end()
        for text in ["first", "second", "third"] {
            #expect(output.components(separatedBy: "\"\(text)\"").count == 2, "\(text)")
        }
        #expect(follower.errors.contains("connecting again"))
        let again = try await Self.inspect(["--password-file", password, "--format", "json", url], environment: ["MYSQL_PWD": nil])
        #expect(again.text == output)
    }

    @Test("a node's data directory is followed from segment to segment, over the node's death")
    func followsDataDirectory() async throws {
        let primary = try await MySQLServer.start("primary")
        try await primary.create(MySQLServer.Account())
        try await primary.execute("CREATE DATABASE shop; CREATE TABLE shop.notes (text VARCHAR(100), filler LONGBLOB)")
        let node = try await NodeProcess.start(upstreamPort: primary.port, flags: ["--segment-size", "1MiB"])
        let follower = try Follower([node.dataDirectory])
        let segments = "\(node.dataDirectory)/segments"
        for text in ["first", "second", "third", "fourth"] {
            // The last makes a transaction of many entries.
            let filler = text == "fourth" ? 5_000_000 : 700_000
            try await primary.execute("INSERT INTO shop.notes VALUES ('\(text)', REPEAT('x', \(filler))), ('end of \(text)', NULL)")
            try await follower.waits(for: "end of \(text)")
            if text != "first" { await node.kill() }
            if text != "first" { try await node.start() }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: segments).count > 2)
        try await primary.execute("INSERT INTO shop.notes VALUES ('last', NULL)")
        try await follower.waits(for: "\"last\"")
        let output = try await follower.end()
        #expect(follower.errors.isEmpty, "\(follower.errors)")
        #expect(output == (try await Self.inspect(["--format", "json", node.dataDirectory])).text)
        let limited = try await Self.inspect(["--follow", "--limit", "3", "--format", "json", node.dataDirectory])
        #expect(limited.status == .code(0) && output.hasPrefix(limited.text) && limited.text.split(separator: "\n").count == 3)
        let refused = try await Self.inspect(["--follow", "--uncommitted", node.dataDirectory])
        #expect(refused.status == .code(64) && refused.errors.contains("--uncommitted"))
    }

    @Test("a server's certificate is checked as far as the URL asks")
    func checksCertificates() async throws {
        let server = try await ScriptedServer.start(.mysql, options: [])
        let authority = URL(filePath: try server.newestBinlog()).deletingLastPathComponent().appending(path: "ca.pem").path
        let url = Self.url(server.port)
        for query in ["ssl-mode=required", "ssl-mode=verify-ca&ssl-ca=\(authority)"] {
            let result = try await Self.inspect(["\(url)?\(query)"])
            #expect(result.status == .code(0), "\(query): \(result.errors)")
        }
        let refused = [
            ("ssl-mode=verify-ca", "not signed by"), ("ssl-mode=verify-identity&ssl-ca=\(authority)", "of another host"),
            ("ssl-mode=verify-ca&ssl-ca=/no/such/file", "check ssl-ca"),
        ]
        for (query, reason) in refused {
            let result = try await Self.inspect(["\(url)?\(query)"])
            #expect(result.status == .code(1) && result.errors.contains(reason), "\(query): \(result.errors)")
        }
    }

    @Test("what keeps a server from being read is told by the exit code, and no password is")
    func tellsFailures() async throws {
        let server = try await ScriptedServer.start(.mysql, options: [])
        try await server.run("CREATE USER 'reader'@'127.0.0.1' IDENTIFIED BY 'right'")
        let notGranted = try await Self.inspect(["mysql://reader@127.0.0.1:\(server.port)"], environment: ["MYSQL_PWD": "right"])
        #expect(notGranted.status == .code(77) && notGranted.errors.contains("GRANT REPLICATION SLAVE"), "\(notGranted.errors)")
        let denied = try await Self.inspect(["mysql://reader:very-secret@127.0.0.1:\(server.port)"])
        #expect(denied.status == .code(77))
        #expect(denied.errors.contains("'reader'") && denied.errors.contains("--password-file"))
        #expect(!denied.errors.contains("very-secret") && !denied.text.contains("very-secret"))
        let unreachable = try await Self.inspect(["mysql://root@127.0.0.1:\(FreePort.next())"])
        #expect(unreachable.status == .code(69))
        let missing = try await Self.inspect([Self.url(server.port, file: "no-such-file.000001")])
        #expect(missing.status == .code(1) && missing.errors.contains("1236"))
        let wrong = try await Self.inspect(["mysql://root:very-secret@127.0.0.1:port"])
        #expect(wrong.status == .code(64) && !wrong.errors.contains("very-secret"))
    }
}
