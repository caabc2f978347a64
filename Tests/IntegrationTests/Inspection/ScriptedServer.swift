import Foundation

/// A server of either kind that scripts are run on: where the binlog comes from, or where SQL of it goes.
struct ScriptedServer: Sendable {
    enum Kind: String, CaseIterable, Sendable { case mysql, mariadb }

    /// What is as unlike a server's defaults as can be.
    static let strangeOptions = [
        "--sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,PAD_CHAR_TO_FULL_LENGTH",
        "--default-time-zone=+09:30", "--character-set-server=sjis", "--collation-server=sjis_bin", "--completion-type=CHAIN",
    ]

    let kind: Kind
    let port: Int
    let data: String
    let client: String
    let clientOptions: [String]
    /// Keeps it alive.
    private let server: any Sendable

    static func start(_ kind: Kind, options: [String]) async throws -> ScriptedServer {
        switch kind {
        case .mysql:
            let server = try await MySQLServer.start("mysql", options: options)
            return ScriptedServer(
                kind: kind, port: server.port, data: server.folder.file("data"), client: try await RealServers.program("mysql"),
                clientOptions: ["--ssl-mode=DISABLED"] + server.clientOptions, server: server)
        case .mariadb:
            let server = try await MariaDBServer.start("mariadb", options: options)
            return ScriptedServer(
                kind: kind, port: server.port, data: server.folder.file("data"), client: try await MariaDBServer.program("mariadb"),
                clientOptions: server.clientOptions, server: server)
        }
    }

    /// Runs a script as a file of it would be piped to the client.
    func run(_ script: Data, options: [String] = ["--binary-mode"]) async throws {
        let folder = try TemporaryFolder("script")
        try script.write(to: URL(filePath: folder.file("script.sql")))
        try await run(path: folder.file("script.sql"), options: options)
    }

    func run(_ script: String) async throws { try await run(Data(script.utf8)) }

    func run(path: String, options: [String]) async throws {
        try await Command.succeed(client, clientOptions + options, environment: ["MYSQL_PWD": nil], input: path)
    }

    /// The rows of a statement's result, by columns.
    func query(_ sql: String) async throws -> [[String]] {
        let folder = try TemporaryFolder("query")
        let result = try await Command.succeed(
            client, clientOptions + ["--batch", "--raw", "--skip-column-names"], environment: ["MYSQL_PWD": nil],
            input: try folder.write("SET NAMES utf8mb4; SET sql_mode='', time_zone='+00:00';\n\(sql)", to: "query.sql"))
        return result.text.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    }

    /// Makes it empty, with a new binlog file.
    func clear(_ databases: [String]) async throws {
        try await run(databases.map { "DROP DATABASE IF EXISTS \($0.quotedName);" }.joined(separator: "\n") + "FLUSH BINARY LOGS;")
    }

    /// The paths of its binlog files, oldest first.
    func binlogs() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: data).filter { $0.contains("binlog.0") || $0.contains("-bin.0") }.sorted()
            .map { "\(data)/\($0)" }
    }

    /// The path of the newest binlog file.
    func newestBinlog() throws -> String {
        guard let newest = try binlogs().last else { throw CommandFailed(description: "no binlog file in \(data)") }
        return newest
    }

    /// The checksum of each table of these databases, by name.
    func checksums(_ databases: [String]) async throws -> [String: String] {
        let list = databases.map { "'\($0)'" }.joined(separator: ",")
        let tables = try await query(
            "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE='BASE TABLE' AND TABLE_SCHEMA IN (\(list))")
        var checksums: [String: String] = [:]
        for row in try await query(tables.map { "CHECKSUM TABLE \($0[0].quotedName).\($0[1].quotedName);" }.joined(separator: "\n")) {
            checksums[row[0]] = row[1]
        }
        return checksums
    }
}

extension String {
    /// As SQL has a name.
    var quotedName: String { "`\(replacing("`", with: "``"))`" }
}
