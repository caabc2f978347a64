import NIOCore
import Raft

/// Connections that others dialed.
extension Peers {
    /// Takes a new connection: it is judged by its first bytes.
    func accept(_ channel: any Channel) throws {
        let open = accepted.count
        let handshakes = open - inbound.count
        guard !isClosed, open < Self.maxConnections, handshakes < Self.maxHandshakes else {
            noteStranger(channel.remoteAddress, "was not let in: \(open) connections are open, \(handshakes) of them in handshake")
            return channel.close(promise: nil)
        }
        let key = ObjectIdentifier(channel)
        accepted[key] = channel
        channel.closeFuture.whenComplete { _ in self.accepted[key] = nil }
        let peer = InboundPeer(
            owner: self, deadline: channel.eventLoop.now + InboundPeer.handshakeTimeout, spoolDirectory: spoolDirectory)
        try channel.pipeline.syncOperations.addHandler(PeerGate(owner: self, peer: peer))
    }

    /// A member was let in. Its older connection, if it has one, is dead or will be: nobody dials twice.
    func admitted(_ peer: InboundPeer) {
        guard let member = peer.member else { return }
        let older = inbound.updateValue(peer, forKey: member)
        older?.replace()
    }

    /// A connection that was let in, or not, has ended.
    func ended(_ peer: InboundPeer) {
        guard let member = peer.member, inbound[member] === peer else { return }
        inbound[member] = nil
        handlers.closed(member)
    }
}
