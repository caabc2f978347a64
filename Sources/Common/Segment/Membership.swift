/// A member of the cluster: a name that people use, and the incarnation of its data directory.
///
/// A data directory that was lost comes back under another incarnation, because it forgot its vote and its log.
public struct Member: Hashable, Sendable {
    public enum Role: UInt8, Hashable, Sendable {
        case voter = 1
        case learner = 2
    }

    public var name: String
    /// Random, made with the member's data directory; never 0.
    public var incarnation: UInt64
    public var role: Role
    /// Addresses as `host:port`, as other nodes and users reach them.
    public var peerAddress: String
    public var mysqlAddress: String
    public var adminAddress: String

    public init(name: String, incarnation: UInt64, role: Role, peerAddress: String, mysqlAddress: String, adminAddress: String) {
        self.name = name
        self.incarnation = incarnation
        self.role = role
        self.peerAddress = peerAddress
        self.mysqlAddress = mysqlAddress
        self.adminAddress = adminAddress
    }
}

/// The members of the cluster, in the order in which they joined.
public struct Membership: Hashable, Sendable {
    public var members: [Member]

    public init(members: [Member] = []) {
        self.members = members
    }
}
