import Foundation

extension MySQLServer {
    /// Runs statements with the stock client and returns the rows of all their results, by columns. NULL reads `NULL`.
    ///
    /// - Parameter deadline: when the client is killed.
    /// - Throws: `CommandFailed` with the server's error.
    func query(_ sql: String, within deadline: Duration = .seconds(120)) async throws -> [[String]] {
        let script = try TemporaryFolder("sql")
        return try await query(contentsOf: try script.write(sql, to: "script.sql"), within: deadline)
    }

    /// Runs statements and drops their results.
    func execute(_ sql: String, within deadline: Duration = .seconds(120)) async throws {
        _ = try await query(sql, within: deadline)
    }

    /// Runs the statements of a file, which may be large, or mysqlbinlog's output.
    @discardableResult
    func query(contentsOf path: String, within deadline: Duration = .seconds(120)) async throws -> [[String]] {
        let (executable, arguments) = NetworkNamespace.command(
            try await RealServers.program("mysql"),
            ["--batch", "--skip-column-names", "--binary-mode", "--ssl-mode=DISABLED"] + clientOptions, in: space)
        let result = try await Command.succeed(executable, arguments, environment: ["MYSQL_PWD": nil], input: path, within: deadline)
        return result.text.split(separator: "\n").map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map(unescaped)
        }
    }

    /// What leads a stock client to this server, as root.
    var clientOptions: [String] { ["--host=127.0.0.1", "--port=\(port)", "--user=root"] }

    /// The client's `--batch` writes `\t`, `\n`, `\0` and `\\` for these bytes in values.
    private func unescaped(_ field: Substring) -> String {
        guard field.contains("\\") else { return String(field) }
        var result = ""
        var escaped = false
        for character in field {
            if escaped {
                result.append(["t": "\t", "n": "\n", "0": "\0"][character] ?? character)
                escaped = false
            } else if character == "\\" {
                escaped = true
            } else {
                result.append(character)
            }
        }
        return result
    }
}
