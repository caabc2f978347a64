import Common
import NIOCore
import NIOSSL

/// Stands first on an accepted connection and looks at its first bytes: whether a node speaks, with TLS or without as it must be.
///
/// Who speaks HTTP gets an answer in HTTP; who says nothing, as a MySQL client that waits to be greeted, an error that such a client shows.
/// Once a node is recognised, TLS and the peer take the gate's place.
final class PeerGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A node speaks at once; who is silent for so long waits for a greeting.
    static let silence = TimeAmount.seconds(1)

    private let owner: Peers
    let peer: InboundPeer
    private var received = ByteBuffer()
    private var isDecided = false
    private var silenceCheck: Scheduled<Void>?
    private var deadline: Scheduled<Void>?

    init(owner: Peers, peer: InboundPeer) {
        self.owner = owner
        self.peer = peer
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { start(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    private func start(_ context: ChannelHandlerContext) {
        guard silenceCheck == nil, !isDecided else { return }
        let loop = context.eventLoop.assumeIsolated()
        silenceCheck = loop.scheduleTask(in: Self.silence) { self.checkSilence(context) }
        deadline = loop.scheduleTask(deadline: peer.handshakeDeadline) {
            if !self.isDecided { self.end(context) }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        silenceCheck?.cancel()
        deadline?.cancel()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isDecided = true
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDecided else { return context.fireChannelRead(data) }
        received.writeImmutableBuffer(unwrapInboundIn(data))
        let bytes = Array(received.readableBytesView.prefix(PeerPreface.magic.count))
        guard let stranger = PeerStranger(asking: bytes) else {
            if bytes.count >= PeerPreface.magic.count { open(context, tls: nil) }
            return
        }
        switch stranger {
        case .tls where owner.tls != nil: open(context, tls: owner.tls?.server)
        case .tls:
            owner.noteStranger(context.remoteAddress, "speaks TLS, and this node's peer port has none: give every node --peer-tls-cert")
            end(context)
        case .http:
            owner.noteStranger(context.remoteAddress, "speaks HTTP to the peer port")
            answerHTTP(context)
        case .mysql, .unknown:
            owner.noteStranger(context.remoteAddress, "is no node of Kingbus")
            end(context)
        }
    }

    private func open(_ context: ChannelHandlerContext, tls: NIOSSLContext?) {
        if tls == nil, owner.tls != nil {
            owner.noteStranger(
                context.remoteAddress, "speaks without TLS, which this node's peer port needs: give every node --peer-tls-cert")
            return end(context)
        }
        isDecided = true
        do {
            var handlers: [any ChannelHandler] = [peer]
            if let tls { handlers.insert(NIOSSLServerHandler(context: tls), at: 0) }
            try context.pipeline.syncOperations.addHandlers(handlers, position: .after(self))
        } catch {
            return end(context)
        }
        context.fireChannelRead(wrapInboundOut(received))
        received.clear()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    private func checkSilence(_ context: ChannelHandlerContext) {
        guard !isDecided, received.readableBytes == 0 else { return }
        let message = "this is the peer port of kingbus-node, for other nodes only; MySQL clients connect to \(owner.currentLocal.mysql)"
        var writer = PacketWriter(sequence: 0)
        writer.append(ErrorPacket(.unknown, message).encoded(for: []))
        owner.noteStranger(context.remoteAddress, "says nothing on the peer port, as a MySQL client does")
        answer(writer.bytes, context)
    }

    private func answerHTTP(_ context: ChannelHandlerContext) {
        let admin = owner.currentLocal.admin
        let place = admin.isEmpty ? "" : " at \(admin)"
        let text = "this is the peer port of kingbus-node; HTTP clients want the admin port\(place)\n"
        let head =
            "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: \(text.utf8.count)\r\n"
            + "Connection: close\r\n\r\n"
        answer(Array((head + text).utf8), context)
    }

    private func answer(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        isDecided = true
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes))).whenComplete { _ in loopBound.value.close(promise: nil) }
    }

    private func end(_ context: ChannelHandlerContext) {
        isDecided = true
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(context) }
}
