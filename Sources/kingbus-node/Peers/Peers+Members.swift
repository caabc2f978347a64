import Common
import Log
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Raft

/// Whom this node dials.
extension Peers {
    /// Dials all members but this one, and leaves those that are gone. A member without an address is not dialed.
    func setMembers(_ members: [Common.Member]) {
        onLoop {
            guard !self.isClosed else { return }
            self.members = members
            var kept: [MemberID: PeerDialer] = [:]
            for member in members where member.name != self.local.name || member.incarnation != self.local.incarnation {
                let id = MemberID(name: member.name, incarnation: member.incarnation)
                if let dialer = self.dialers[id], dialer.member.peerAddress == member.peerAddress {
                    kept[id] = dialer
                } else if let address = HostPort(parsing: member.peerAddress) {
                    kept[id] = PeerDialer(member: member, address: address, owner: self)
                } else if !member.peerAddress.isEmpty {
                    self.logger.error("\(member.name) cannot be dialed: \(member.peerAddress) is no address")
                }
            }
            let old = self.dialers
            self.dialers = kept
            for (id, dialer) in old where kept[id] !== dialer { dialer.stop() }
            for (id, dialer) in kept where old[id] !== dialer { dialer.start() }
            self.publish()
        }
    }

    /// The entry that begins the cluster's log.
    ///
    /// - Throws: ``LogError`` where the log does not begin with it any more, or cannot be read.
    func firstEntry() throws -> LogEntry {
        guard let segment = catalog.segments().first else { throw LogError(.io, file: "the log", "it is empty") }
        var reader = SegmentReader(segment: segment)
        guard let header = try reader.nextEntry(through: 1) else {
            throw LogError(.io, file: segment.path, index: 1, "the log's first entry is purged")
        }
        return LogEntry(header: header, payload: .bytes(try reader.restOfPayload()))
    }

    /// Opens a connection for a peer, which then speaks for itself.
    func connect(_ peer: OutboundPeer, to address: HostPort) -> EventLoopFuture<any Channel> {
        let tls = tls
        return ClientBootstrap(group: loop)
            .connectTimeout(Self.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.userTimeout), value: Self.unacknowledgedMilliseconds)
            .channelOption(.writeBufferWaterMark, value: .init(low: 256 << 10, high: 512 << 10))
            .connect(host: address.host, port: Int(address.port))
            // Not in an initializer: a name with several addresses has several channels, of which one is connected.
            .flatMapThrowing { channel in
                let pipeline = channel.pipeline.syncOperations
                if let tls { try pipeline.addHandler(NIOSSLClientHandler(context: tls.client, serverHostname: nil)) }
                try pipeline.addHandler(peer)
                return channel
            }
    }
}

extension NIOBSDSocket.Option {
    /// TCP_USER_TIMEOUT of `linux/tcp.h`: milliseconds after which unacknowledged bytes end the connection.
    fileprivate static let userTimeout = NIOBSDSocket.Option(rawValue: 18)
}
