import Foundation
import Synchronization

/// A real MariaDB server with a binlog, on a free port of 127.0.0.1, in a folder of its own; gone with the last reference.
final class MariaDBServer: Sendable {
    private static let prepared = Task<String, any Error> {
        let result = try await Command.succeed("\(Repository.root)/scripts/mariadb-server", ["prepare"], within: .seconds(600))
        return result.text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    let port = FreePort.next()
    let folder: TemporaryFolder
    private let process: Mutex<ChildProcess?>

    /// The path of a stock program: `mariadbd`, `mariadb`, `mariadb-binlog`, or `server`.
    static func program(_ name: String) async throws -> String { "\(try await prepared.value)/bin/\(name)" }

    /// Starts a server and waits until it answers.
    static func start(_ name: String, options: [String] = []) async throws -> MariaDBServer {
        let server = try MariaDBServer(name)
        try await server.start(options)
        return server
    }

    private init(_ name: String) throws {
        folder = try TemporaryFolder(name)
        process = Mutex(nil)
    }

    deinit {
        // Before its folder goes.
        process.withLock { $0 = nil }
    }

    private func start(_ options: [String]) async throws {
        let child = try ChildProcess(
            try await Self.program("server"), [folder.path, "--port=\(port)", "--server-id=\(port)"] + options,
            standardError: folder.file("error.log"))
        process.withLock { $0 = child }
        let client = try await Self.program("mariadb")
        try await eventually("MariaDB to answer, or to end", within: .seconds(60)) {
            if !child.isRunning { return true }
            return try await Command.run(client, clientOptions + ["--execute=SELECT 1"]).status == .code(0)
        }
        if let status = child.exitStatus {
            throw CommandFailed(description: "MariaDB did not start (\(status)): see \(folder.file("error.log"))")
        }
    }

    /// What leads a stock client to this server, as root.
    var clientOptions: [String] { ["--socket=\(folder.file("socket"))", "--user=root"] }
}
