import Common
import Log
import Logging
import NIOCore
import Raft

/// The other members of the cluster, as this node talks to them.
final class Peers: @unchecked Sendable {
    /// What this node says of itself.
    struct Local: Sendable, Hashable {
        var name: String
        var incarnation: UInt64
        /// Nil: this node's log is empty.
        var clusterID: SourceID?
        /// Canonical `n1=host:port,…` of `--initial-cluster`; empty where there is none.
        var initialCluster: String
        var peer: String
        var mysql: String
        var admin: String
        var segmentSize: UInt64
    }

    /// Who hears of what happens. All are called on the peers' event loop; owners hop.
    struct Handlers: Sendable {
        var message: @Sendable (IncomingMessage) -> Void = { _ in }
        /// A frame of a message that is not whole yet came from this member.
        var bytes: @Sendable (MemberID) -> Void = { _ in }
        /// This member's inbound connection (its last one) is gone, or the dialed one broke.
        var closed: @Sendable (MemberID) -> Void = { _ in }
        /// The connection that was dialed to this member is up.
        var connected: @Sendable (MemberID) -> Void = { _ in }
        var request: @Sendable (MemberID, [UInt8]) async -> [UInt8] = { _, _ in [] }
        var report: @Sendable (MemberID, [UInt8]) -> Void = { _, _ in }
        /// Only an empty node gets it: entry 1, to be made durable before it returns.
        var found: @Sendable (LogEntry) async throws -> Void = { _ in }
    }

    init(
        listen: HostPort, tls: PeerTLS?, local: Local, catalog: SegmentCatalog, spoolDirectory: String, group: any EventLoopGroup,
        logger: Logger
    ) {
    }

    func setHandlers(_ handlers: Handlers) {}
    func open() async throws {}
    func setLocal(_ local: Local) {}
    func setMembers(_ members: [Common.Member]) {}
    func send(_ messages: [OutgoingMessage]) {}
    func request(_ body: [UInt8], of member: MemberID, timeout: TimeAmount) async throws -> [UInt8] {
        throw PeerError(.unreachable, "not connected")
    }
    func broadcast(report: [UInt8]) {}
    var reachable: [MemberID] { [] }
    var refusals: [(name: String, code: String, message: String)] { [] }
    func close() async {}
    func probe(_ address: HostPort, expecting: (name: String, incarnation: UInt64)?) async throws -> PeerHello {
        throw PeerError(.unreachable, "not connected")
    }
    func found(_ entry: LogEntry, at address: HostPort, expecting: (name: String, incarnation: UInt64)) async throws {
        throw PeerError(.unreachable, "not connected")
    }
}
