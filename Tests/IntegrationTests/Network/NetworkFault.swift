/// What a member's firewall does to what passes its interface.
enum NetworkFault: Equatable {
    /// Nothing comes and nothing goes.
    case isolation
    /// Nothing comes from the other members or goes to them; the primary is there as before.
    case partition
    /// Nothing comes from the other members.
    case deafness
    /// Nothing goes to the other members.
    case muteness
    /// So many of a thousand packets that come are lost.
    case loss(perMille: Int)

    /// As iptables-restore takes them.
    var rules: [String] {
        let members = NamespaceNetwork.memberAddresses
        switch self {
        case .isolation: return ["-A INPUT -i eth0 -j DROP", "-A OUTPUT -o eth0 -j DROP"]
        case .partition: return Self.deafness.rules + Self.muteness.rules
        case .deafness: return ["-A INPUT -i eth0 -s \(members) -j DROP"]
        case .muteness: return ["-A OUTPUT -o eth0 -d \(members) -j DROP"]
        case .loss(let perMille):
            return ["-A INPUT -i eth0 -m statistic --mode random --probability \(Double(perMille) / 1000) -j DROP"]
        }
    }
}
