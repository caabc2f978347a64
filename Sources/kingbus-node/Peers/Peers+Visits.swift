import Common
import NIOCore

/// Short conversations with nodes that may be no members: to look at them, and to give an empty one its first entry.
extension Peers {
    /// One conversation with whoever listens at `address`: hello, answer.
    ///
    /// - Parameter expecting: whom the listener must be; nil where anyone will do.
    /// - Throws: ``PeerError`` with the refusal's message, or that nobody answers, or what answers there instead of a node.
    func probe(_ address: HostPort, expecting: (name: String, incarnation: UInt64)?) async throws -> PeerHello {
        let timeout = Self.connectTimeout + OutboundPeer.handshakeTimeout
        let hello = try await visit(address, expecting: expecting, timeout: timeout) { _ in true }
        // An empty node lets itself be looked at by whoever is empty too.
        if let expecting, hello.name != expecting.name || hello.incarnation != expecting.incarnation {
            let (wanted, found) = (String(expecting.incarnation, radix: 16), String(hello.incarnation, radix: 16))
            throw PeerError(
                .otherMember,
                "at \(address) is \(hello.name) with data directory \(found), and not \(expecting.name) with data directory \(wanted)")
        }
        return hello
    }

    /// Gives an empty node entry 1; returns once it is durable there.
    ///
    /// - Throws: ``PeerError`` as ``probe(_:expecting:)``, or that the node did not take the entry.
    func found(_ entry: LogEntry, at address: HostPort, expecting: (name: String, incarnation: UInt64)) async throws {
        let isSent = NIOLoopBoundBox.makeBoxSendingValue(false, eventLoop: loop)
        _ = try await visit(address, expecting: expecting, timeout: Self.foundingTimeout) { peer in
            // The first answer is to the hello, the second to the entry.
            if isSent.value { return true }
            isSent.value = true
            peer.send(founding: entry)
            return false
        }
    }

    /// Dials, greets, and lets `onAccepted` judge each answer that is no refusal: true ends the conversation with that answer's hello.
    private func visit(
        _ address: HostPort, expecting: (name: String, incarnation: UInt64)?, timeout: TimeAmount,
        onAccepted: @escaping @Sendable (OutboundPeer) -> Bool
    ) async throws -> PeerHello {
        let expected = expecting.map { PeerIdentity(name: $0.name, incarnation: $0.incarnation) }
        return try await loop.flatSubmit { () -> EventLoopFuture<PeerHello> in
            let promise = self.loop.makePromise(of: PeerHello.self)
            guard !self.isClosed else {
                promise.fail(PeerError(.unreachable, "this node stops"))
                return promise.futureResult
            }
            let peer = OutboundPeer(hello: PeerHello(self.local, expected: expected), address: address, catalog: self.catalog)
            let key = ObjectIdentifier(peer)
            self.visits[key] = peer
            let deadline = self.loop.assumeIsolated().scheduleTask(in: timeout) { [weak peer] in
                peer?.end(PeerError(.timeout, "\(address) does not answer in time"))
            }
            let finish: (Result<PeerHello, any Error>) -> Void = { result in
                guard let peer = self.visits.removeValue(forKey: key) else { return }
                deadline.cancel()
                promise.completeWith(result)
                peer.end(PeerError(.unreachable, "the conversation is over"))
            }
            peer.onAnswer = { [weak peer] answer in
                if let refusal = answer.refusal { return finish(.failure(refusal)) }
                guard let peer, let hello = answer.hello else {
                    return finish(.failure(PeerError(.foreign, "\(address) does not say who it is")))
                }
                if onAccepted(peer) { finish(.success(hello)) }
            }
            peer.onEnd = { finish(.failure($0)) }
            self.connect(peer, to: address).assumeIsolated().whenFailure { error in
                finish(.failure(PeerError(.unreachable, "\(address) cannot be reached: \(PeerDialer.text(error))")))
            }
            return promise.futureResult
        }.get()
    }
}
