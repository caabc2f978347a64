import Common
import Log
import NIOCore
import Raft

/// A connection that this node dialed: hello, answer, then whatever the outbox holds.
///
/// It pulls the next bytes only while the socket takes them, so that memory holds no more than the channel's high-water mark and one
/// frame, however much waits.
final class OutboundPeer: ChannelInboundHandler, @unchecked Sendable {  // Touched on the peers' loop only.
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    static let handshakeTimeout = TimeAmount.seconds(5)
    /// Other connections have their turn after so many buffers.
    private static let buffersPerTurn = 16
    /// A loop looks at its sockets only when no task is due: between two turns there must be a time without one.
    private static let betweenTurns = TimeAmount.microseconds(20)
    /// Requests that wait for their answers.
    private static let maxOpenRequests = 1024

    /// Called for each answer: to the hello, and to a founding.
    var onAnswer: ((PeerAnswer) -> Void)?
    /// Called once, when the connection has ended.
    var onEnd: ((PeerError) -> Void)?

    private let hello: PeerHello
    private let address: HostPort
    private var session = OutboundSession()
    private var outbox: PeerOutbox
    private var context: ChannelHandlerContext?
    private var isGreeted = false
    private var isAccepted = false
    private var hasEnded = false
    private var isPumping = false
    private var isTurnScheduled = false
    private var failure: PeerError?
    private var deadline: Scheduled<Void>?
    private var requests: [UInt64: (promise: EventLoopPromise<[UInt8]>, deadline: Scheduled<Void>)] = [:]
    private var nextRequest: UInt64 = 1

    init(hello: PeerHello, address: HostPort, catalog: SegmentCatalog) {
        self.hello = hello
        self.address = address
        outbox = PeerOutbox(catalog: catalog)
    }

    // MARK: - Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if hasEnded { return context.close(promise: nil) }
        if context.channel.isActive { greet(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        greet(context)
        context.fireChannelActive()
    }

    private func greet(_ context: ChannelHandlerContext) {
        guard !isGreeted else { return }
        isGreeted = true
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.handshakeTimeout) { [weak self] in
            guard let self, !self.isAccepted else { return }
            self.end(PeerError(.timeout, "\(self.address) does not answer"))
        }
        var body: [UInt8] = []
        hello.encode(into: &body)
        var buffer = ByteBuffer(bytes: PeerPreface.encoded(version: hello.version))
        buffer.writeFrame(.hello, body: body)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasEnded else { return }
        session.feed(unwrapInboundIn(data))
        do {
            while !hasEnded, let action = try session.next() {
                switch action {
                case .answer(let answer):
                    isAccepted = true
                    onAnswer?(answer)
                case .response(let id, let bytes, let isRefused): complete(id, bytes, isRefused)
                }
            }
        } catch let error as PeerError {
            end(error)
        } catch {
            end(PeerError(.foreign, "what \(address) answers is wrong: \(error)"))
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        pump()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A process that was killed does not say goodbye, nor does one that takes the first TLS record for another protocol's bytes.
        guard !TLSFailure.isEnd(error) else { return end() }
        end(PeerError(.unreachable, "\(address) cannot be talked to: \(TLSFailure.describe(error))"))
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { finish() }

    // MARK: - Sending

    func send(_ message: OutgoingMessage) { outbox.put(message) }

    func send(report: ByteBuffer) { outbox.put(frames: report) }

    /// Gives the other side, which is empty, its first entry.
    func send(founding entry: LogEntry) {
        guard case .bytes(let payload) = entry.payload, entry.header.payloadLength <= PeerFrame.maxFoundingBytes else {
            return end(PeerError(.overload, "the first entry is larger than may be sent"))
        }
        var header: [UInt8] = []
        entry.header.encode(into: &header)
        var buffer = ByteBuffer()
        buffer.writeFrame(.found, body: header)
        for piece in PeerFrame.dataPieces(payload) { buffer.writeFrame(.data, body: Array(piece)) }
        guard let context, !hasEnded else { return }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    /// Bytes that are written and not sent yet.
    var bufferedBytes: Int { (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }

    /// Bytes of control frames that are not written yet.
    var waitingControlBytes: Int { outbox.controlBytes }

    /// Writes what waits, as far as the socket takes it. To be called behind any ``send(_:)``.
    func pump() {
        guard isAccepted, !hasEnded, !isPumping, let context else { return }
        isPumping = true
        defer { isPumping = false }
        var written = 0
        do {
            while context.channel.isWritable, !hasEnded {
                guard written < Self.buffersPerTurn else {
                    scheduleTurn(context)
                    break
                }
                switch try outbox.next(context.channel.allocator) {
                case .bytes(let buffer):
                    context.write(wrapOutboundOut(buffer), promise: nil)
                    written += 1
                    // A full channel is flushed here: what it then takes is written in the same turn.
                    if !context.channel.isWritable { context.flush() }
                case .later:
                    scheduleTurn(context)
                    context.flush()
                    return
                case .nothing:
                    context.flush()
                    return
                }
            }
            context.flush()
        } catch {
            end(PeerError(.unreachable, "an entry for \(address) cannot be sent: \(error)"))
        }
    }

    private func scheduleTurn(_ context: ChannelHandlerContext) {
        guard !isTurnScheduled else { return }
        isTurnScheduled = true
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.betweenTurns) { [weak self] in
            self?.isTurnScheduled = false
            self?.pump()
        }
    }

    // MARK: - Requests

    func request(_ body: [UInt8], timeout: TimeAmount, promise: EventLoopPromise<[UInt8]>) {
        guard let context, isAccepted, !hasEnded else { return promise.fail(PeerError(.unreachable, "\(address) is not connected")) }
        let id = nextRequest
        guard requests.count < Self.maxOpenRequests, outbox.put(frames: PeerFrame.frames(.request, id: id, body)) else {
            return promise.fail(PeerError(.overload, "too much waits to be sent to \(address)"))
        }
        nextRequest += 1
        let deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { [weak self] in
            guard let self else { return }
            self.requests.removeValue(forKey: id)?.promise.fail(PeerError(.timeout, "\(self.address) does not answer in time"))
        }
        requests[id] = (promise, deadline)
        pump()
    }

    private func complete(_ id: UInt64, _ bytes: [UInt8], _ isRefused: Bool) {
        // One that is not known any more has timed out.
        guard let request = requests.removeValue(forKey: id) else { return }
        request.deadline.cancel()
        if isRefused {
            request.promise.fail(PeerError(.overload, "\(address) has no answer: too many requests, or too large a one"))
        } else {
            request.promise.succeed(bytes)
        }
    }

    // MARK: - The end

    /// Closes the connection for this reason, unless there was one before; nil says that the other side has closed it.
    func end(_ reason: PeerError? = nil) {
        failure = failure ?? reason
        hasEnded = true
        context?.close(promise: nil)
    }

    private func finish() {
        guard context != nil else { return }
        context = nil
        hasEnded = true
        deadline?.cancel()
        let closed =
            isAccepted
            ? "\(address) has closed the connection"
            : "\(address) closed the connection before it answered: does one side use TLS and the other not, or another CA?"
        let reason = failure ?? PeerError(.unreachable, closed)
        let open = requests
        requests = [:]
        for request in open.values {
            request.deadline.cancel()
            request.promise.fail(reason)
        }
        onAnswer = nil
        let onEnd = onEnd
        self.onEnd = nil
        onEnd?(reason)
    }
}

extension PeerFrame {
    /// A payload as it goes into data frames.
    fileprivate static func dataPieces(_ payload: [UInt8]) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: payload.count, by: maxDataBytes).map { payload[$0..<min($0 + maxDataBytes, payload.count)] }
    }
}
