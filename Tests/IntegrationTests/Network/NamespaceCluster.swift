import Foundation

/// A primary and three nodes, each on a machine of its own in a `NamespaceNetwork`.
final class NamespaceCluster: Sendable {
    let network: NamespaceNetwork
    let primary: MySQLServer
    let nodes: [NamespaceNode]
    /// What delays each node's messages to the others; none where the cluster is not relayed.
    let relays: [DelayRelay]
    private let folder: TemporaryFolder

    /// Starts all and waits until the nodes are ready.
    ///
    /// - Parameter isRelayed: lets all that the nodes send each other pass relays, which do not delay it until they are told to.
    static func start(isRelayed: Bool = false) async throws -> NamespaceCluster {
        let network = try await NamespaceNetwork(members: 3)
        let primary = try await MySQLServer.start(
            "primary", options: TrafficServers.quickOptions + ["--bind-address=*", "--binlog-expire-logs-seconds=0"],
            in: network.primary.space)
        let cluster = try await NamespaceCluster(network, primary, isRelayed: isRelayed)
        try await NetworkRows.prepare(on: primary)
        for node in cluster.nodes { try node.launch() }
        try await cluster.settle()
        return cluster
    }

    private init(_ network: NamespaceNetwork, _ primary: MySQLServer, isRelayed: Bool) async throws {
        self.network = network
        self.primary = primary
        folder = try TemporaryFolder("cluster")
        let account = MySQLServer.Account()
        let names = network.members.indices.map { "n\($0 + 1)" }
        let list = zip(names, network.members).map { "\($0)=\($1.address):\(NamespaceNode.peerPort)" }.joined(separator: ",")
        let password = try folder.write(account.password, to: "password")
        let secret = try folder.write(String(repeating: "0123456789abcdef", count: 4), to: "secret")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)
        let flags = [
            "--initial-cluster", list, "--secret-file", secret, "--replica-user", account.name, "--replica-password-file", password,
            "--upstream", "mysql://\(account.name)@\(network.primary.address):\(primary.port)", "--upstream-password-file", password,
        ]
        nodes = try zip(names, network.members).map { try NamespaceNode($0, on: $1, flags: flags) }
        var relays: [DelayRelay] = []
        if isRelayed {
            for machine in network.members { relays.append(try await DelayRelay(in: machine.space, ofPort: NamespaceNode.peerPort)) }
        }
        self.relays = relays
    }

    deinit {
        for relay in relays { relay.stop() }
    }

    /// Waits until all nodes are ready, follow one leader and have what the primary has now.
    func settle(within deadline: Duration = .seconds(30)) async throws {
        let wanted = try await NetworkRows.committed(on: primary)
        var seen = ""
        do {
            try await eventually("all nodes to follow one leader and to have \(wanted) transactions", within: deadline) {
                let reports = try nodes.map { try $0.report() }
                seen = "\(reports)"
                return try Set(reports.compactMap(\.leader)).count == 1 && Set(reports.map(\.term)).count == 1
                    && reports.allSatisfy { $0.transactions >= wanted } && nodes.allSatisfy { try $0.isReady() }
            }
        } catch {
            throw CommandFailed(description: "\(error); \(seen)\n\(ends)")
        }
    }

    /// The place among `nodes` of the one that leads in the newest term.
    func leader() throws -> Int {
        let reports = nodes.indices.compactMap { place in (try? nodes[place].report()).map { (place, $0) } }
        let leading = reports.filter { $1.leader == nodes[$0].name }.max { $0.1.term < $1.1.term }
        guard let leading else { throw CommandFailed(description: "nobody leads\n\(ends)") }
        return leading.0
    }

    /// The ends of what the nodes wrote to standard error, for messages.
    var ends: String {
        nodes.map { "-- \($0.name)\($0.exitStatus.map { " (\($0))" } ?? ""):\n\($0.errors.suffix(3000))" }.joined(separator: "\n")
    }
}
