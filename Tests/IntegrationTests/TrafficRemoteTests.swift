import Foundation
import Testing

extension IntegrationTests.Traffic {
    @Test("mysqlbinlog --raw copies the primary's files from the node byte by byte")
    func rawCopyEqualsPrimaryFiles() async throws {
        let servers = try TrafficServers.current
        try await servers.settle()
        let copies = try TemporaryFolder("copies")
        try await Mysqlbinlog.copy(fromPort: servers.node.mysqlPort, startingAt: "binlog.000001", to: copies.path)
        let originals = try servers.primary.binlogFiles
        #expect(try FileManager.default.contentsOfDirectory(atPath: copies.path).count == originals.count)
        for original in originals {
            let copy = copies.file(String(original.split(separator: "/").last ?? ""))
            let isEqual = try fileBytes(copy) == fileBytes(original)
            #expect(isEqual, "\(original)")
        }
    }

    @Test("mysqlbinlog --stop-never follows through a change of file")
    func rawCopyFollows() async throws {
        let servers = try TrafficServers.current
        try await servers.settle()
        let first = try #require(try await servers.primary.query("SHOW BINARY LOG STATUS").first?.first)
        let copies = try TemporaryFolder("followed")
        let follower = try await Mysqlbinlog.follow(
            port: servers.node.mysqlPort, startingAt: first, to: copies.path, errors: copies.file("errors"))
        try await eventually("the file that was asked for") { try copies.size(of: first) > 0 }
        try await servers.primary.execute(
            """
            INSERT INTO shop.keyless VALUES (4, 'followed');
            FLUSH BINARY LOGS;
            INSERT INTO shop.keyless VALUES (5, 'followed');
            """)
        for file in [first, try #require(try await servers.primary.query("SHOW BINARY LOG STATUS").first?.first)] {
            let original = try fileBytes(servers.primary.folder.file("data/\(file)"))
            try await eventually("\(file) to be copied", within: .seconds(15)) { try fileBytes(copies.file(file)) == original }
        }
        #expect(follower.isRunning, "it ended: \(String(describing: follower.exitStatus))")
        await follower.kill()
    }

    @Test("by GTID, mysqlbinlog gets from the node what it gets from the primary, without what it excludes")
    func gtidDumpExcludes() async throws {
        let servers = try TrafficServers.current
        try await servers.settle()
        let uuid = try #require(try await servers.primary.query("SELECT @@server_uuid").first?.first)
        // Whole entries, parts of entries, and a tag whose untagged neighbours stay.
        let excluded = "\(uuid):1-20:22:30-35:40-100:batch_job:1"
        let expected = try await gtidDump(from: servers.primary.port, excluding: excluded)
        let found = try await gtidDump(from: servers.node.mysqlPort, excluding: excluded)
        #expect(expected.count { $0.contains("GTID_NEXT= '") } > 20)
        #expect(!expected.contains { $0.contains("GTID_NEXT= '\(uuid):22'") })
        #expect(expected.contains { $0.contains("GTID_NEXT= '\(uuid):21'") })
        #expect(found == expected)
    }

    private func gtidDump(from port: Int, excluding excluded: String) async throws -> [String] {
        let account = MySQLServer.Account()
        let loaded = try TemporaryFolder("loaded")
        let result = try await Command.succeed(
            try await RealServers.program("mysqlbinlog"),
            [
                "--read-from-remote-source=BINLOG-DUMP-GTIDS", "--exclude-gtids=\(excluded)", "--to-last-log",
                "--base64-output=DECODE-ROWS", "--host=127.0.0.1", "--port=\(port)", "--user=\(account.name)", "--get-server-public-key",
                "--local-load=\(loaded.path)", "binlog.000001",
            ], environment: ["MYSQL_PWD": account.password])
        return Self.transactionLines(result.output, besides: loaded)
    }

    /// A binlog file without what the primary's own file has and no stream: the flag of a file in use, and a STOP event at the end.
    private func fileBytes(_ path: String) throws -> Data {
        var data = try Data(contentsOf: URL(filePath: path))
        if let last = try TrafficEvent.all(in: path).last, last.type == 3 { data = data[..<last.offset] }
        guard data.count > 21 else { return data }
        data[21] &= ~1
        return data
    }
}

extension TemporaryFolder {
    func size(of name: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: file(name))[.size] as? Int ?? 0
    }
}
