import Common

/// A node as a cluster knows it: its name, and which data directory it runs on.
struct PeerIdentity: Sendable, Hashable {
    var name: String
    var incarnation: UInt64
}

/// How a node introduces itself to another.
struct PeerHello: Sendable, Hashable {
    /// Of the peer protocol; nodes of different versions do not talk.
    static let currentVersion: UInt16 = 1

    var version: UInt16 = PeerHello.currentVersion
    /// Nil: this node's log is empty.
    var clusterID: SourceID?
    var name: String
    var incarnation: UInt64
    /// Whom the dialer expects to find; nil where anyone will do.
    var expected: PeerIdentity?
    /// Canonical `n1=host:port,…` of `--initial-cluster`; empty where there is none.
    var initialCluster: String
    /// Addresses as `host:port`, as others reach this node.
    var peer: String
    var mysql: String
    var admin: String
    /// Bytes at which this node's flags let a segment end.
    var segmentSize: UInt64

    var identity: PeerIdentity { PeerIdentity(name: name, incarnation: incarnation) }
}
