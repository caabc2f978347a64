import Foundation
import Synchronization

/// A real MySQL server with GTIDs and a binlog, on a free port of 127.0.0.1, in a folder of its own; gone with the last reference.
///
///     let primary = try await MySQLServer.start("primary")
///     try await primary.execute("CREATE DATABASE shop")
///     let rows = try await primary.query("SELECT @@server_id, @@gtid_executed")
final class MySQLServer: Sendable {
    let name: String
    let port: Int
    let folder: TemporaryFolder
    private let options: [String]
    /// Where it runs, if it has a network of its own.
    let space: NetworkNamespace?
    private let process: Mutex<ChildProcess?>

    /// Also its port: no two servers share it.
    var serverID: Int { port }

    /// Starts a server and waits until it answers.
    ///
    /// - Parameters:
    ///   - options: for mysqld, for example `--binlog-transaction-compression=ON` or `--disable-log-bin`.
    ///   - space: the network to run in.
    static func start(_ name: String, options: [String] = [], in space: NetworkNamespace? = nil) async throws -> MySQLServer {
        let server = try MySQLServer(name, options, space)
        try await server.start()
        return server
    }

    private init(_ name: String, _ options: [String], _ space: NetworkNamespace?) throws {
        self.name = name
        self.options = options
        self.space = space
        port = FreePort.next()
        folder = try TemporaryFolder(name)
        process = Mutex(nil)
    }

    deinit {
        // Before its folder goes.
        process.withLock { $0 = nil }
    }

    /// Starts it again, with the same port and data, after `stop` or `kill`.
    func start() async throws {
        let (executable, arguments) = NetworkNamespace.command(
            try await RealServers.program("server"), [folder.path, "--port=\(port)", "--server-id=\(serverID)"] + options, in: space)
        let child = try ChildProcess(executable, arguments, standardError: folder.file("error.log"))
        process.withLock { $0 = child }
        try await eventually("\(name) to answer on port \(port), or to end", within: .seconds(60)) {
            if !child.isRunning { return true }
            return try await query("SELECT 1") == [["1"]]
        }
        if let status = child.exitStatus {
            throw CommandFailed(description: "\(name) did not start (\(status)):\n\(errorLog)")
        }
    }

    /// Shuts it down in good order.
    func stop() async throws {
        try await process.withLock { $0.take() }?.terminate(within: .seconds(60))
    }

    /// Ends it with SIGKILL.
    func kill() async {
        await process.withLock { $0.take() }?.kill()
    }

    /// Its process; nil after `stop` and `kill`.
    var pid: Int32? { process.withLock { $0?.pid } }

    /// Its binlog files, oldest first.
    var binlogFiles: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder.file("data")).filter {
                $0.hasPrefix("binlog.") && $0 != "binlog.index"
            }
            .sorted().map { folder.file("data/\($0)") }
        }
    }

    /// What it has logged.
    var errorLog: String { (try? String(contentsOfFile: folder.file("error.log"), encoding: .utf8)) ?? "" }
}
