import Glibc

/// Machines of an imaginary network: a namespace each, with an interface eth0 that leads to a bridge in one more namespace.
final class NamespaceNetwork: Sendable {
    struct Machine: Sendable {
        let address: String
        let space: NetworkNamespace
    }

    /// The members of the cluster, of whom there may be 14.
    static let memberAddresses = "10.77.0.0/28"

    let members: [Machine]
    let primary: Machine
    private let bridge: NetworkNamespace

    /// Whether this process may make one, and lose packets in it.
    static func isPermitted() async -> Bool {
        guard getuid() == 0, let network = try? await NamespaceNetwork(members: 1) else { return false }
        return (try? await network.apply([.loss(perMille: 10)], to: 0)) != nil
    }

    init(members count: Int) async throws {
        bridge = try NetworkNamespace()
        try await bridge.run("ip link add bridge0 type bridge; ip link set bridge0 up")
        var members: [Machine] = []
        for number in 1...count { members.append(try await Self.machine("10.77.0.\(number)", at: bridge)) }
        self.members = members
        primary = try await Self.machine("10.77.0.100", at: bridge)
    }

    private static func machine(_ address: String, at bridge: NetworkNamespace) async throws -> Machine {
        let space = try NetworkNamespace()
        let port = "port\(address.split(separator: ".").last ?? "")"
        try await bridge.run(
            """
            ip link add \(port) type veth peer name eth0 netns \(space.path)
            ip link set \(port) master bridge0
            ip link set \(port) up
            """)
        try await space.run(
            """
            ip link set lo up
            ip address add \(address)/24 dev eth0
            ip link set eth0 up
            """)
        return Machine(address: address, space: space)
    }

    /// Lets a member's network have these faults, and no others, all from one moment on.
    func apply(_ faults: [NetworkFault], to member: Int) async throws {
        let rules = ["*filter"] + faults.flatMap(\.rules) + ["COMMIT"]
        try await members[member].space.run("iptables-restore <<'END'\n\(rules.joined(separator: "\n"))\nEND")
    }
}
