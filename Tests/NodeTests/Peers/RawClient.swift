import Common
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

@testable import kingbus_node

/// A plain TCP client, or one with TLS, that keeps what it receives.
final class RawClient: Sendable {
    private struct State {
        var received: [UInt8] = []
        var isClosed = false
    }

    private final class Keeper: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let client: RawClient
        init(_ client: RawClient) { self.client = client }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(unwrapInboundIn(data).readableBytesView)
            client.state.withLock { $0.received += bytes }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func channelInactive(context: ChannelHandlerContext) { client.state.withLock { $0.isClosed = true } }
    }

    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)

    init(_ address: HostPort, tls: NIOSSLContext? = nil) async throws {
        let channel = try await ClientBootstrap(group: PeerNode.group).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: nil)) }
                try channel.pipeline.syncOperations.addHandler(Keeper(self))
            }
        }.connect(host: address.host, port: Int(address.port)).get()
        self.channel.withLock { $0 = channel }
    }

    var received: [UInt8] { state.withLock { $0.received } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func send(_ bytes: [UInt8]) {
        channel.withLock { $0 }?.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    func close() { channel.withLock { $0 }?.close(promise: nil) }
}
