import Foundation
import Testing

/// `binlog-inspect --format sql` of a real server's binlog, piped into an empty server whose session is as different as can be.
@Suite(.serialized)
struct InspectSQLTests {
    private static let databases = ["sh`op-1", "st-1"]

    /// Runs scripts on an empty source, and returns its binlog file.
    private func record(_ scripts: [Data], on source: ScriptedServer, settings: String) async throws -> String {
        try await source.run("SET GLOBAL binlog_row_image=FULL; SET GLOBAL binlog_row_metadata=FULL; \(settings)")
        try await source.clear(Self.databases)
        for script in scripts { try await source.run(script) }
        return try source.newestBinlog()
    }

    private func inspect(_ arguments: [String], output: String) async throws -> CommandResult {
        try await Command.run(try Repository.program("binlog-inspect"), arguments, output: output)
    }

    /// Applies what is printed of a binlog file to an empty server, whose tables then have to be the source's.
    private func expectSame(_ binlog: String, _ source: ScriptedServer, _ target: ScriptedServer, _ context: String) async throws {
        let folder = try TemporaryFolder("sql")
        let result = try await inspect(["--format", "sql", binlog], output: folder.file("out.sql"))
        #expect(result.status == .code(0), "\(context): \(result.errors)")
        try await target.run(Self.databases.map { "DROP DATABASE IF EXISTS \($0.quotedName);" }.joined())
        try await target.run(path: folder.file("out.sql"), options: ["--default-character-set=sjis"])
        let expected = try await source.checksums(Self.databases)
        #expect(!expected.isEmpty)
        #expect(!expected.values.contains("NULL"))
        #expect(try await target.checksums(Self.databases) == expected, "\(context)")
    }

    private func startPair(_ kind: ScriptedServer.Kind) async throws -> (source: ScriptedServer, target: ScriptedServer) {
        let format = kind == .mariadb ? ["--binlog-format=ROW"] : []
        async let source = ScriptedServer.start(kind, options: format)
        async let target = ScriptedServer.start(kind, options: ["--skip-log-bin"] + ScriptedServer.strangeOptions)
        return (try await source, try await target)
    }

    /// Statements whose text is in other charsets, and holds what clients change.
    private static let oddStatements: Data = {
        var bytes: [UInt8] = Array("\\C gbk\nINSERT INTO a (v) VALUES ('".utf8)
        bytes += [0xd6, 0xd0, 0x81, 0x5c] + Array("'';');\n\\C sjis\nINSERT INTO a (v) VALUES ('".utf8)
        bytes += [0x83, 0x5c, 0x95, 0x5c] + Array("'';".utf8) + [0x82, 0x60]
        bytes += Array("');\n\\C latin1\nINSERT INTO a (v) VALUES ('".utf8) + [0xe4, 0xf6, 0xfc]
        bytes += Array("');\n\\C utf8mb4\nINSERT INTO a (v) VALUES ('nul\0;x\r\ny');\n".utf8)
        return Data(bytes)
    }()

    private func statements() throws -> Data {
        var script = try SQLScripts.data("statements")
        let place = try #require(script.range(of: Data("-- Here stand statements in other charsets.\n".utf8)))
        script.replaceSubrange(place, with: Self.oddStatements)
        return script
    }

    @Test("what a binlog holds is made again on an empty server, byte for byte", arguments: ScriptedServer.Kind.allCases)
    func reproduces(_ kind: ScriptedServer.Kind) async throws {
        let (source, target) = try await startPair(kind)
        let types = ["types", "\(kind)-types"]
        let changes = ["\(kind)-changes", "changes"]
        for image in ["FULL", "MINIMAL", "NOBLOB"] {
            let binlog = try await record(
                try (types + changes).map(SQLScripts.data), on: source, settings: "SET GLOBAL binlog_row_image=\(image);")
            try await expectSame(binlog, source, target, "row image \(image)")
        }
        // MariaDB's have a column that no statement sees which does not name it.
        let nameless = try types.prefix(kind == .mysql ? 2 : 1).map(SQLScripts.data)
        let rows = try await record(nameless, on: source, settings: "SET GLOBAL binlog_row_metadata=MINIMAL;")
        try await expectSame(rows, source, target, "inserts without names")
        try await source.run("UPDATE `sh``op-1`.numbers SET i=1")
        let folder = try TemporaryFolder("sql")
        let refused = try await inspect(["--format", "sql", try source.newestBinlog()], output: folder.file("out.sql"))
        #expect(refused.status == .code(1))
        #expect(refused.errors.contains("`sh``op-1`.`numbers`") && refused.errors.contains("binlog_row_metadata=FULL"))
        try await expectSame(try await record([try statements()], on: source, settings: ""), source, target, "statements")
        try await expectSame(try await prepareXA(source), source, target, "prepared transactions")
        let compared = try await record(try types.map(SQLScripts.data), on: source, settings: "")
        try await RowComparison(source, database: Self.databases[0]).check(compared)
    }

    /// XA transactions that stay prepared while others are committed.
    private func prepareXA(_ source: ScriptedServer) async throws -> String {
        let scripts = [
            "CREATE DATABASE `st-1`; USE `st-1`; CREATE TABLE x (i INT PRIMARY KEY); XA START 'q1'; INSERT INTO x VALUES (1);"
                + "XA END 'q1'; XA PREPARE 'q1';",
            "USE `st-1`; INSERT INTO x VALUES (3); XA START 'q2'; INSERT INTO x VALUES (2); XA END 'q2'; XA PREPARE 'q2';",
            "INSERT INTO `st-1`.x VALUES (4); XA COMMIT 'q1'; XA ROLLBACK 'q2'; INSERT INTO `st-1`.x VALUES (5);",
        ]
        return try await record(scripts.map { Data($0.utf8) }, on: source, settings: "")
    }
}
