import Foundation
import FoundationNetworking
import Synchronization

/// A kingbus-node on free ports of 127.0.0.1, of a one-member cluster where its flags name no others; gone with the last reference.
///
///     let node = try await NodeProcess.start(upstreamPort: primary.port)
///     try await replica.replicate(fromPort: node.mysqlPort)
///     await node.kill()
///     try await node.start()
final class NodeProcess: Sendable {
    let name: String
    let mysqlPort = FreePort.next()
    let adminPort = FreePort.next()
    let peerPort: Int
    let folder: TemporaryFolder
    private let flags: [String]
    private let environment: [String: String?]
    private let process: Mutex<ChildProcess?>

    var dataDirectory: String { folder.file("data") }
    var adminURL: String { "http://127.0.0.1:\(adminPort)" }

    /// Starts a node and waits until it is ready.
    ///
    /// - Parameters:
    ///   - upstreamPort: where the primary listens; nil for a node without an upstream.
    ///   - account: what the node shows upstream, and what replicas show the node.
    ///   - flags: more flags.
    static func start(
        _ name: String = "n1", upstreamPort: Int?, as account: MySQLServer.Account = MySQLServer.Account(), flags: [String] = []
    ) async throws -> NodeProcess {
        let node = try NodeProcess(name, upstreamPort: upstreamPort, as: account, flags: flags)
        try await node.start()
        return node
    }

    /// Prepares a node without starting it.
    init(
        _ name: String, upstreamPort: Int?, as account: MySQLServer.Account, peerPort: Int = FreePort.next(), flags: [String],
        environment: [String: String?] = [:]
    ) throws {
        self.name = name
        self.environment = environment
        self.peerPort = peerPort
        folder = try TemporaryFolder(name)
        process = Mutex(nil)
        let password = try folder.write(account.password, to: "password")
        var all = [
            "--name", name, "--data-dir", folder.file("data"), "--mysql-listen", "127.0.0.1:\(mysqlPort)",
            "--admin-listen", "127.0.0.1:\(adminPort)", "--peer-listen", "127.0.0.1:\(peerPort)",
            "--replica-user", account.name, "--replica-password-file", password,
        ]
        if let upstreamPort {
            all += ["--upstream", "mysql://\(account.name)@127.0.0.1:\(upstreamPort)", "--upstream-password-file", password]
        }
        self.flags = all + flags
    }

    deinit {
        // Before its folder goes.
        process.withLock { $0 = nil }
    }

    /// Starts it, again with the same ports and data after `stop` or `kill`, and waits until it is ready.
    func start(within deadline: Duration = .seconds(30)) async throws {
        try await waitUntilReady(launch(), within: deadline)
    }

    /// Waits until a process that `launch` started is ready.
    ///
    /// - Throws: `CommandFailed` with what it wrote, if it ends before.
    func waitUntilReady(_ child: ChildProcess, within deadline: Duration = .seconds(30)) async throws {
        do {
            try await eventually("\(name) to be ready, or to end", within: deadline) {
                if !child.isRunning { return true }
                return try await get("/readyz").status == 200
            }
        } catch {
            throw CommandFailed(description: "\(error); its log:\n\(errors.suffix(4000))")
        }
        if let status = child.exitStatus { throw CommandFailed(description: "\(name) ended (\(status)):\n\(errors)") }
    }

    /// Starts it and does not wait: for starts that are to fail, or to be interrupted.
    func launch() throws -> ChildProcess {
        let child = try ChildProcess(
            try Repository.program("kingbus-node"), flags, environment: environment, standardOutput: folder.file("output"),
            standardError: folder.file("errors"))
        process.withLock { $0 = child }
        return child
    }

    /// Ends it with SIGTERM.
    ///
    /// - Returns: how it ended; nil if it did not run.
    @discardableResult
    func stop() async throws -> ExitStatus? {
        try await process.withLock { $0.take() }?.terminate()
    }

    /// Ends it with SIGKILL.
    func kill() async {
        await process.withLock { $0.take() }?.kill()
    }

    /// Sends a signal, if it runs: SIGSTOP, SIGCONT.
    func signal(_ number: Int32) { process.withLock { $0?.signal(number) } }

    /// Its process id; nil after `stop` and `kill`.
    var pid: Int32? { process.withLock { $0?.pid } }

    /// What it wrote to standard error in all its runs.
    var errors: String { (try? String(contentsOfFile: folder.file("errors"), encoding: .utf8)) ?? "" }

    /// An answer of the admin port.
    func get(_ path: String, withinSeconds seconds: TimeInterval = 5) async throws -> (status: Int, body: Data) {
        guard let url = URL(string: adminURL + path) else { throw CommandFailed(description: "\(path) is no path") }
        let (body, response) = try await URLSession.shared.data(for: URLRequest(url: url, timeoutInterval: seconds))
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, body)
    }
}
