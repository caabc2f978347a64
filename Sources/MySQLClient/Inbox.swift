import Common
import NIOCore
import NIOTLS

/// What has come in on a connection and was not taken yet: filled on the event loop, emptied by a plain thread, and bounded, since the
/// socket is not read while it is full.
final class Inbox: ChannelDuplexHandler, @unchecked Sendable {  // All mutable state is touched inside the monitor only.
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The socket is not read while this much waits.
    static let maxBytes = 2 << 20

    enum End {
        case closed
        case interrupted
        case failed(any Error)
    }

    /// What a wait was ended by.
    enum Outcome<Value> {
        case value(Value)
        case timedOut
        case end(End)
    }

    private let monitor = Monitor()
    private var chunks = CircularBuffer<ByteBuffer>()
    private var byteCount = 0
    private var wantsRead = false
    private var isSecure = false
    private var end: End?

    // MARK: - For the thread

    /// Whether there are no bytes; there may be an end.
    var isEmpty: Bool { monitor.locked { chunks.isEmpty } }

    /// The next bytes, waiting for them until `deadline`. What came before the end is taken before it, but for an interruption.
    func take(from channel: any Channel, until deadline: MonotonicTime) -> Outcome<ByteBuffer> {
        let outcome = waited(until: deadline) { chunks.popFirst() }
        guard case .value(let chunk) = outcome else { return outcome }
        let reads = monitor.locked {
            byteCount -= chunk.readableBytes
            guard wantsRead, byteCount < Self.maxBytes else { return false }
            wantsRead = false
            return true
        }
        if reads { channel.read() }
        return outcome
    }

    /// Waits until TLS stands.
    func waitForTLS(until deadline: MonotonicTime) -> Outcome<Void> {
        waited(until: deadline) { isSecure ? () : nil }
    }

    /// Ends every wait, now and later.
    func interrupt() { finish(.interrupted) }

    private func waited<Value>(until deadline: MonotonicTime, for value: () -> Value?) -> Outcome<Value> {
        monitor.locked {
            while true {
                if case .interrupted = end { return .end(.interrupted) }
                if let value = value() { return .value(value) }
                if let end { return .end(end) }
                if !monitor.wait(until: deadline) {
                    // It may have come in the last moment.
                    return value().map { .value($0) } ?? end.map { .end($0) } ?? .timedOut
                }
            }
        }
    }

    /// The first end counts, but for an interruption, which is what the tool was told to do.
    private func finish(_ end: End) {
        monitor.locked {
            if case .interrupted = end { self.end = end } else if self.end == nil { self.end = end }
            monitor.changed()
        }
    }

    // MARK: - For the event loop

    func read(context: ChannelHandlerContext) {
        let isFull = monitor.locked {
            wantsRead = byteCount >= Self.maxBytes
            return wantsRead
        }
        if !isFull { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let chunk = unwrapInboundIn(data)
        monitor.locked {
            byteCount += chunk.readableBytes
            chunks.append(chunk)
            monitor.changed()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent {
            monitor.locked {
                isSecure = true
                monitor.changed()
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.closed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(.failed(error))
        context.close(promise: nil)
    }
}
