/// The stock mysqlbinlog, over files and over the network.
enum Mysqlbinlog {
    /// Decodes binlog files.
    ///
    /// - Parameters:
    ///   - output: the file that takes the SQL; without it, the result's text has it.
    @discardableResult
    static func decode(_ files: [String], options: [String] = [], output: String? = nil) async throws -> CommandResult {
        try await Command.succeed(try await RealServers.program("mysqlbinlog"), options + files, output: output, within: .seconds(300))
    }

    /// Copies binlog files byte by byte from a server into a folder, under the server's names, beginning with `first`.
    static func copy(
        fromPort port: Int, as account: MySQLServer.Account = MySQLServer.Account(), startingAt first: String, to folder: String,
        options: [String] = []
    ) async throws {
        try await Command.succeed(
            try await RealServers.program("mysqlbinlog"), remote(port, account, folder) + ["--to-last-log"] + options + [first],
            environment: ["MYSQL_PWD": account.password], within: .seconds(300))
    }

    /// Goes on copying as the server writes, until it is stopped.
    ///
    /// - Parameter errors: the file that takes its standard error.
    static func follow(
        port: Int, as account: MySQLServer.Account = MySQLServer.Account(), startingAt first: String, to folder: String, errors: String,
        options: [String] = []
    ) async throws -> ChildProcess {
        try ChildProcess(
            try await RealServers.program("mysqlbinlog"), remote(port, account, folder) + ["--stop-never"] + options + [first],
            environment: ["MYSQL_PWD": account.password], standardError: errors)
    }

    /// Pipes binlog files, whose checksums it verifies, into a server that was started with `--local-infile=ON` if they load files.
    static func replay(_ files: [String], into server: MySQLServer) async throws {
        let loaded = try TemporaryFolder("loaded")
        let pipe = """
            set -o pipefail
            "$1" --verify-binlog-checksum --local-load="$2" "${@:5}" | "$3" --binary-mode --local-infile=1 --ssl-mode=DISABLED $4
            """
        try await Command.succeed(
            "/bin/bash",
            [
                "-c", pipe, "pipe", try await RealServers.program("mysqlbinlog"), loaded.path, try await RealServers.program("mysql"),
                server.clientOptions.joined(separator: " "),
            ] + files, environment: ["MYSQL_PWD": nil], within: .seconds(1800))
    }

    private static func remote(_ port: Int, _ account: MySQLServer.Account, _ folder: String) -> [String] {
        [
            "--read-from-remote-server", "--raw", "--result-file=\(folder)/", "--host=127.0.0.1", "--port=\(port)",
            "--user=\(account.name)", "--get-server-public-key",
        ]
    }
}
