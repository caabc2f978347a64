import Common
import NIOCore
import NIOPosix

/// A server that answers the first bytes of each client, and then reads nothing more.
final class RawServer: Sendable {
    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        let answer: [UInt8]
        init(_ answer: [UInt8]) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil)
        }
    }

    private let channel: any Channel

    init(answer: [UInt8]) async throws {
        channel = try await ServerBootstrap(group: PeerNode.group).childChannelOption(.autoRead, value: true).childChannelInitializer {
            channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Answerer(answer)) }
        }.bind(host: "127.0.0.1", port: 0).get()
    }

    var address: HostPort { HostPort(host: "127.0.0.1", port: UInt16(channel.localAddress?.port ?? 0)) }

    func close() async { try? await channel.close() }
}
