import Common

/// Whether a node that says hello is let in: a pure function of what it says, and of what this node is.
struct PeerAdmission: Hashable, Sendable {
    enum Verdict: Hashable, Sendable {
        /// A member's connection, for messages.
        case member
        /// This node is empty, and the other only asks who it is.
        case probe
        /// This node is empty and is given the first entry of its cluster; nothing else is taken.
        case founding
        case refused(PeerError)
    }

    var local: Peers.Local
    var members: [Common.Member]

    func judge(_ hello: PeerHello) -> Verdict {
        guard hello.version == PeerHello.currentVersion else { return .refused(Self.otherVersion(hello.version, local)) }
        guard let clusterID = local.clusterID else { return judgeAsEmpty(hello) }
        guard let theirs = hello.clusterID else { return .refused(judgeEmpty(hello)) }
        guard theirs == clusterID else {
            return .refused(
                PeerError(
                    .otherCluster, "\(local.name) belongs to cluster \(clusterID), and \(hello.name) belongs to cluster \(theirs)"))
        }
        guard hello.expected == nil || hello.expected == identity else { return .refused(otherMember(hello)) }
        return .member
    }

    /// To one that speaks another version, of which nothing else is known.
    static func otherVersion(_ version: UInt16, _ local: Peers.Local) -> PeerError {
        PeerError(
            .version,
            "\(local.name) speaks version \(PeerHello.currentVersion) of the peer protocol and not version \(version): "
                + "run the same release of kingbus-node on all members")
    }

    private var identity: PeerIdentity { PeerIdentity(name: local.name, incarnation: local.incarnation) }

    /// An empty node asks one that has a log.
    private func judgeEmpty(_ hello: PeerHello) -> PeerError {
        if members.contains(where: { $0.name == hello.name && $0.incarnation == hello.incarnation }) {
            return PeerError(.wait, "the leader will send the cluster's first entry")
        }
        let address = hello.peer.isEmpty ? "<peer address>" : hello.peer
        guard members.contains(where: { $0.name == hello.name }) else {
            return PeerError(
                .clusterExists, "this cluster exists already; add the node by kingbus-ctl members add \(hello.name) \(address)")
        }
        return PeerError(
            .clusterExists,
            "\(hello.name) is a member of this cluster with another data directory; this one is empty: "
                + Self.wayBack(name: hello.name, address: address))
    }

    private static func wayBack(name: String, address: String) -> String {
        "it has forgotten its vote and its log. To bring the node back: kingbus-ctl members remove \(name), "
            + "then kingbus-ctl members add \(name) \(address), while the node runs"
    }

    private func judgeAsEmpty(_ hello: PeerHello) -> Verdict {
        // Who expects nobody in particular only asks who this is, as before it is added to a cluster.
        guard hello.clusterID != nil, hello.expected != nil else { return .probe }
        guard hello.expected == identity else { return .refused(otherMember(hello)) }
        return .founding
    }

    private func otherMember(_ hello: PeerHello) -> PeerError {
        let found = "\(local.name) with data directory \(Self.hexadecimal(local.incarnation))"
        let wanted = hello.expected.map { "\($0.name) with data directory \(Self.hexadecimal($0.incarnation))" } ?? "a member"
        var message = "\(hello.name) expects \(wanted) here, and this is \(found)"
        if local.clusterID == nil {
            message += ", which is empty"
            if hello.expected == nil || hello.expected?.name == local.name {
                let address = local.peer.isEmpty ? "<peer address>" : local.peer
                message += ": " + Self.wayBack(name: local.name, address: address)
            }
        }
        return PeerError(.otherMember, message)
    }

    private static func hexadecimal(_ incarnation: UInt64) -> String { String(incarnation, radix: 16) }
}
