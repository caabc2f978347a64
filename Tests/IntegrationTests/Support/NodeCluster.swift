import Foundation
import Glibc

/// Three nodes, n1 to n3, on free ports of 127.0.0.1, that make a cluster; gone with the last reference.
///
///     let cluster = try await NodeCluster.start(upstreamPort: primary.port)
///     let killed = try await cluster.killLeader()
///     try await cluster.waitForLeader(otherThan: killed)
///     try await cluster[killed].start()
final class NodeCluster: Sendable {
    static let names = ["n1", "n2", "n3"]

    let nodes: [NodeProcess]
    /// What every member is given as `--secret-file`.
    let secretFile: String
    private let folder: TemporaryFolder

    /// Starts all three and waits until they are ready.
    ///
    /// - Parameter flags: more flags for each.
    static func start(
        upstreamPort: Int?, as account: MySQLServer.Account = MySQLServer.Account(), flags: [String] = []
    ) async throws -> NodeCluster {
        let cluster = try NodeCluster(upstreamPort: upstreamPort, as: account, flags: flags)
        try await cluster.startAll()
        return cluster
    }

    /// Prepares the nodes without starting them.
    ///
    /// - Parameters:
    ///   - ownFlags: more flags for the node of this name.
    ///   - environment: what its process is started with beside the tests' own.
    init(
        upstreamPort: Int?, as account: MySQLServer.Account = MySQLServer.Account(), flags: [String] = [],
        ownFlags: (String) -> [String] = { _ in [] }, environment: (String) -> [String: String?] = { _ in [:] }
    ) throws {
        folder = try TemporaryFolder("cluster")
        let key = (0..<64).map { _ in String(UInt8.random(in: 0..<16), radix: 16) }.joined()
        let secret = try folder.write(key + "\n", to: "secret")
        guard chmod(secret, 0o600) == 0 else { throw CommandFailed(description: "\(secret) cannot be made private") }
        secretFile = secret
        let ports = Self.names.map { _ in FreePort.next() }
        let initialCluster = zip(Self.names, ports).map { "\($0)=127.0.0.1:\($1)" }.joined(separator: ",")
        nodes = try zip(Self.names, ports).map { name, port in
            try NodeProcess(
                name, upstreamPort: upstreamPort, as: account, peerPort: port,
                flags: ["--initial-cluster", initialCluster, "--secret-file", secret] + flags + ownFlags(name),
                environment: environment(name))
        }
    }

    subscript(name: String) -> NodeProcess {
        guard let node = nodes.first(where: { $0.name == name }) else { preconditionFailure("no node is called \(name)") }
        return node
    }

    /// The nodes whose processes run, stopped ones among them.
    var running: [NodeProcess] { nodes.filter { $0.pid != nil } }

    func others(than name: String) -> [NodeProcess] { nodes.filter { $0.name != name } }

    /// Starts those that do not run and waits until all are ready.
    func startAll() async throws {
        let started = try nodes.filter { $0.pid == nil }.map { ($0, try $0.launch()) }
        for (node, process) in started { try await node.waitUntilReady(process, within: .seconds(60)) }
        try await waitUntilAllAreReady()
    }

    func waitUntilAllAreReady(within deadline: Duration = .seconds(60)) async throws {
        for node in nodes {
            try await eventually("\(node.name) to be ready", within: deadline) { try await node.get("/readyz").status == 200 }
        }
    }

    // MARK: - The leader

    /// Whom the nodes that answer name in the highest term; nil where none does.
    func leader() async -> String? {
        await withTaskGroup(of: NodeReport?.self) { group in
            for node in running { group.addTask { try? await node.report(withinSeconds: 1) } }
            var best: (term: UInt64, name: String)?
            for await report in group {
                guard let report, let name = report.leader, report.term >= best?.term ?? 0 else { continue }
                best = (report.term, name)
            }
            return best?.name
        }
    }

    /// Waits until a node leads whose process runs, and which is not the one named.
    @discardableResult
    func waitForLeader(otherThan former: String? = nil, within deadline: Duration = .seconds(30)) async throws -> NodeProcess {
        var found: String?
        do {
            try await eventually("a leader\(former.map { " other than \($0)" } ?? "")", within: deadline) {
                found = await leader()
                return found != nil && found != former && self[found ?? ""].pid != nil
            }
        } catch { throw CommandFailed(description: "\(error); \(logs)") }
        return self[found ?? ""]
    }

    // MARK: - What can happen to a node

    /// Ends the leader with SIGKILL.
    ///
    /// - Returns: its name.
    @discardableResult
    func killLeader() async throws -> String {
        let leader = try await waitForLeader()
        await leader.kill()
        return leader.name
    }

    /// Ends nodes with SIGKILL, at the same time.
    func kill(_ names: [String]) async {
        for name in names { self[name].signal(SIGKILL) }
        for name in names { await self[name].kill() }
    }

    func pause(_ name: String) { self[name].signal(SIGSTOP) }

    func resume(_ name: String) { self[name].signal(SIGCONT) }

    /// Removes the data of a node that does not run.
    func wipe(_ name: String) throws {
        precondition(self[name].pid == nil, "\(name) runs")
        try FileManager.default.removeItem(atPath: self[name].dataDirectory)
    }

    // MARK: - kingbus-ctl

    /// Runs kingbus-ctl, which asks those that run, and expects it to succeed.
    ///
    /// - Returns: what it wrote.
    @discardableResult
    func control(_ arguments: String...) async throws -> String {
        let addresses = running.map(\.adminURL).joined(separator: ",")
        return try await Command.succeed(try Repository.program("kingbus-ctl"), arguments + ["--admin", addresses]).text
    }

    /// The ends of all logs, for messages.
    var logs: String { nodes.map { "the log of \($0.name):\n\($0.errors.suffix(3000))" }.joined(separator: "\n") }
}
