import Common
import Foundation
import Log
import Logging
import NIOCore
import NIOPosix
import Raft
import Synchronization

@testable import kingbus_node

/// A node's peers on a free port of the loopback, with everything that they hand over.
final class PeerNode: Sendable {
    struct Heard: Sendable {
        var messages: [IncomingMessage] = []
        var bytes: [MemberID] = []
        var closed: [MemberID] = []
        var connected: [MemberID] = []
        var reports: [(member: MemberID, bytes: [UInt8])] = []
        var founded: [LogEntry] = []
        /// Requests that came.
        var asked = 0
        /// Messages and frames of incomplete ones, in the order in which they came: true for whole ones.
        var order: [Bool] = []
    }

    static let cluster = SourceID(high: 5, low: 6)
    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    /// For nodes that keep their loops busy, which others are not to wait for.
    static let busyGroup = MultiThreadedEventLoopGroup(numberOfThreads: 2)

    let name: String
    let incarnation: UInt64
    let host: String
    let directory: String
    let log: Log
    let peers: Peers
    let heard = Mutex(Heard())

    var id: MemberID { MemberID(name: name, incarnation: incarnation) }

    init(
        _ name: String, incarnation: UInt64 = 1, cluster: SourceID? = PeerNode.cluster, host: String = "127.0.0.1", port: UInt16 = 0,
        tls: PeerTLS? = nil, initialCluster: String = "", group: MultiThreadedEventLoopGroup = PeerNode.group,
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    ) async throws {
        self.name = name
        self.incarnation = incarnation
        self.host = host
        directory = FileManager.default.temporaryDirectory.appending(path: "kingbus-peer-tests-\(UInt64.random(in: .min ... .max))").path
        log = try Log.open(directory: directory, options: LogOptions(name: name))
        let local = Peers.Local(
            name: name, incarnation: incarnation, clusterID: cluster, initialCluster: initialCluster, peer: "127.0.0.1:1",
            mysql: "127.0.0.1:3307", admin: "127.0.0.1:7708", segmentSize: 1 << 30)
        peers = Peers(
            listen: HostPort(host: host, port: port), tls: tls, local: local, catalog: log.catalog,
            spoolDirectory: log.spoolDirectory, group: group, logger: logger)
        var handlers = Peers.Handlers()
        handlers.message = { [weak self] message in
            self?.hear {
                $0.messages.append(message)
                $0.order.append(true)
            }
        }
        handlers.bytes = { [weak self] member in
            self?.hear {
                $0.bytes.append(member)
                $0.order.append(false)
            }
        }
        handlers.closed = { [weak self] member in self?.hear { $0.closed.append(member) } }
        handlers.connected = { [weak self] member in self?.hear { $0.connected.append(member) } }
        handlers.report = { [weak self] member, bytes in self?.hear { $0.reports.append((member, bytes)) } }
        handlers.request = { [weak self] _, body in
            self?.hear { $0.asked += 1 }
            if body == Array("slow".utf8) { try? await Task.sleep(for: .seconds(60)) }
            return body.reversed()
        }
        handlers.found = { [weak self] entry in
            if entry.header.position == 666 { throw PeerError(.overload, "the disk is full") }
            self?.hear { $0.founded.append(entry) }
        }
        peers.setHandlers(handlers)
        try await peers.open()
    }

    deinit {
        log.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private func hear(_ body: (inout Heard) -> Void) { heard.withLock { body(&$0) } }

    var address: HostPort {
        get async { HostPort(host: host, port: await peers.boundPort ?? 0) }
    }

    func member(at address: HostPort? = nil) async -> Common.Member {
        let own = await self.address
        return Common.Member(
            name: name, incarnation: incarnation, role: .voter, peerAddress: "\(address ?? own)", mysqlAddress: "", adminAddress: "")
    }

    /// Two nodes that know each other and are connected both ways.
    ///
    /// - Parameter host: where the second one listens.
    static func pair(
        host: String = "127.0.0.1", tls: PeerTLS? = nil, group: MultiThreadedEventLoopGroup = PeerNode.group
    ) async throws -> (PeerNode, PeerNode) {
        let first = try await PeerNode("n1", tls: tls, group: group)
        let second = try await PeerNode("n2", host: host, tls: tls, group: group)
        let members = [await first.member(), await second.member()]
        first.peers.setMembers(members)
        second.peers.setMembers(members)
        try await eventually { first.peers.reachable == [second.id] && second.peers.reachable == [first.id] }
        return (first, second)
    }

    static func close(_ nodes: PeerNode...) async { for node in nodes { await node.peers.close() } }

    func message(to other: PeerNode, term: UInt64 = 3, _ body: Message.Body) -> Message {
        Message(from: id, to: other.id, term: term, body: body)
    }

    /// An append of these entries, which are at hand where they are in `memory`.
    func append(_ entries: [LogEntry], to other: PeerNode, inMemory: Bool = true) -> OutgoingMessage {
        let first = entries[0].header
        let previous = first.index == 1 ? LogPosition.origin : LogPosition(index: first.index - 1, term: first.term)
        let core = entries.map { coreEntry(term: $0.header.term, payloadBytes: $0.header.payloadLength) }
        let body = Message.Body.append(Append(previous: previous, entries: core, commitIndex: 1))
        return OutgoingMessage(message: message(to: other, body), entries: inMemory ? entries : entries.map { _ in nil })
    }
}

/// Waits until the condition holds.
func eventually(
    within seconds: Double = 20, _ condition: @Sendable () async throws -> Bool, file: String = #fileID, line: Int = #line
) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw PeerError(.timeout, "it did not happen in time (\(file):\(line))") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
