import Common
import Log
import Logging
import NIOCore
import NIOPosix
import Raft

/// Keeps a connection to one member: dials, greets, and begins again whenever it ends.
final class PeerDialer: @unchecked Sendable {  // Touched on the peers' loop only.
    static let firstPause = TimeAmount.milliseconds(20)
    static let longestPause = TimeAmount.milliseconds(500)
    /// A connection that was up for so long, and breaks, is dialed again at once.
    static let lastingTime = TimeAmount.seconds(1)
    /// After a refusal, which only a person can end.
    static let pauseAfterRefusal = TimeAmount.seconds(1)

    let member: Common.Member
    let id: MemberID
    private let address: HostPort
    private let owner: Peers
    private(set) var connection: OutboundPeer?
    /// Whether the member has accepted this node on the current connection.
    private(set) var isUp = false
    /// What the member last answered, where it refused.
    private(set) var refusal: PeerError?
    private var pause = PeerDialer.firstPause
    private var retry: Scheduled<Void>?
    private var upSince = NIODeadline.distantPast
    private var isStopped = false
    /// Whether the current connection ends because the member refuses this node.
    private var isRefused = false
    /// The member is being given its first entry on the current connection.
    private var isFounding = false
    private var logged: String?

    init(member: Common.Member, address: HostPort, owner: Peers) {
        self.member = member
        self.address = address
        self.owner = owner
        id = MemberID(name: member.name, incarnation: member.incarnation)
    }

    func start() { dial() }

    /// Closes the connection, if there is one, and dials no more; the owner hears nothing of it.
    func stop() {
        isStopped = true
        isUp = false
        retry?.cancel()
        connection?.end(PeerError(.unreachable, "this node talks to \(member.name) no more"))
        connection = nil
    }

    private func dial() {
        guard !isStopped else { return }
        isRefused = false
        isFounding = false
        let expected = PeerIdentity(name: member.name, incarnation: member.incarnation)
        let peer = OutboundPeer(hello: PeerHello(owner.local, expected: expected), address: address, catalog: owner.catalog)
        connection = peer
        peer.onAnswer = { [weak self, weak peer] answer in
            guard let self, let peer else { return }
            self.answered(answer, peer)
        }
        peer.onEnd = { [weak self] reason in self?.ended(reason) }
        owner.connect(peer, to: address).whenFailure { [weak self] error in
            // A connection that came about ends by itself.
            guard let self, let peer = self.connection else { return }
            peer.onEnd = nil
            self.ended(PeerError(.unreachable, "\(self.member.name) at \(self.address) cannot be reached: \(Self.text(error))"))
        }
    }

    static func text(_ error: any Error) -> String {
        guard let error = error as? NIOConnectionError else { return "\(error)" }
        if let dns = error.dnsAError ?? error.dnsAAAAError, error.connectionErrors.isEmpty { return "\(dns)" }
        return error.connectionErrors.map { "\($0.error)" }.joined(separator: ", ")
    }

    private func answered(_ answer: PeerAnswer, _ peer: OutboundPeer) {
        guard !isStopped, peer === connection, !isUp else { return }
        refusal = answer.refusal
        isRefused = refusal != nil
        if let refusal = answer.refusal {
            owner.dialersChanged()
            return peer.end(refusal)
        }
        // The second answer of a founding says that the entry was taken: that connection is for nothing else.
        if isFounding || owner.local.clusterID != nil && answer.hello?.clusterID == nil { return found(peer) }
        isUp = true
        upSince = owner.loop.now
        logged = nil
        owner.logger.info("connected to \(member.name)", metadata: ["address": "\(address)"])
        owner.dialersChanged()
        owner.handlers.connected(id)
    }

    /// Gives the member, whose data directory is empty, the cluster's first entry. With it the member begins, and is dialed again.
    private func found(_ peer: OutboundPeer) {
        guard !isFounding else {
            owner.logger.info("\(member.name) has taken the cluster's first entry")
            let reason = PeerError(.wait, "\(member.name) begins")
            logged = reason.message
            return peer.end(reason)
        }
        isFounding = true
        owner.loop.assumeIsolated().scheduleTask(in: Peers.foundingTimeout) { [weak peer] in
            peer?.end(PeerError(.timeout, "the founding takes too long"))
        }
        do { peer.send(founding: try owner.firstEntry()) } catch {
            peer.end(PeerError(.notFounded, "\(member.name) is empty, and the log's first entry cannot be read: \(error)"))
        }
    }

    private func ended(_ reason: PeerError) {
        guard !isStopped else { return }
        let wasUp = isUp
        isUp = false
        connection = nil
        let text = "\(reason.message)"
        if logged != text {
            logged = text
            owner.logger.warning("no connection to \(member.name): \(text)")
        }
        // One that breaks as soon as it is there is not worth haste.
        if wasUp, owner.loop.now - upSince > Self.lastingTime { pause = Self.firstPause }
        let wait = isRefused ? Self.pauseAfterRefusal : pause
        pause = min(pause + pause, Self.longestPause)
        retry = owner.loop.assumeIsolated().scheduleTask(in: wait) { [weak self] in self?.dial() }
        guard wasUp else { return }
        owner.dialersChanged()
        owner.handlers.closed(id)
    }
}
