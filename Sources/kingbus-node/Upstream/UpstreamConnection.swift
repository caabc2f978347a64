import Common
import Logging
import MySQLClient
import NIOCore
import NIOTLS

/// One connection to the upstream: login, preparation, dump. It hands batches to its owner, and stops reading while the owner is full.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case login
        case preparing
        case dumping
        case ended
    }

    /// No byte from the upstream for this many heartbeats means that it is gone.
    static let silentHeartbeats = 3
    /// Reading stops while this much is assembled and not taken.
    static let maxAssembledBytes = 4 << 20

    private let target: MySQLURL
    private var handshake: ClientHandshake
    private var preparation: UpstreamPreparation
    private var parser = PacketParser(maxPayloadBytes: 64 << 20)
    private var response: QueryResponse?
    private var phase = Phase.login
    private var assembler: DumpAssembler?
    private let makeStart: (UpstreamPreparation) -> DumpAssembler.Start
    private let silence: TimeAmount
    private var watchdog: Scheduled<Void>?
    private var lastActivity = NIODeadline.now()
    private var isPaused = false
    private var wantsRead = false

    /// The owner's: what is dumped, the first batch may be there; and why the connection ended, once.
    var onDumpBegan: ((UpstreamPreparation) -> Void)?
    var onBytes: (() -> Void)?
    var onEnd: ((UpstreamFailure) -> Void)?

    init(
        target: MySQLURL, password: SecretBytes, ours: UpstreamPreparation.Ours,
        makeStart: @escaping (UpstreamPreparation) -> DumpAssembler.Start
    ) {
        self.target = target
        handshake = ClientHandshake(ClientHandshake.Configuration(user: target.user, password: password, tlsMode: target.tlsMode))
        preparation = UpstreamPreparation(ours)
        self.makeStart = makeStart
        silence = .nanoseconds(Int64(clamping: ours.heartbeatNanoseconds) * Int64(Self.silentHeartbeats))
    }

    private var endpoint: String { HostPort(host: target.host, port: target.port).description }

    // MARK: - Batches

    /// The next batch that may be proposed; see ``BatchBuilder/next(eager:)``.
    func takeBatch(eager: Bool) -> Batch? { assembler?.takeBatch(eager: eager) }

    var assembledBytes: Int { assembler?.builder.byteCount ?? 0 }
    var progress: DumpAssembler? { assembler }

    /// Reads on if the owner has taken enough.
    func resumeIfPossible(_ context: ChannelHandlerContext) {
        guard isPaused, assembledBytes < Self.maxAssembledBytes else { return }
        isPaused = false
        if wantsRead {
            wantsRead = false
            context.read()
        }
    }

    func pause() { isPaused = true }

    // MARK: - Channel

    func channelActive(context: ChannelHandlerContext) {
        startWatchdog(context)
        context.fireChannelActive()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { startWatchdog(context) }
    }

    private func startWatchdog(_ context: ChannelHandlerContext) {
        guard watchdog == nil else { return }
        watchdog = context.eventLoop.assumeIsolated().scheduleTask(in: silence) { self.checkSilence(context) }
    }

    private func checkSilence(_ context: ChannelHandlerContext) {
        guard phase != .ended else { return }
        let quiet = NIODeadline.now() - lastActivity
        if quiet >= silence, !isPaused {
            end(
                .retry(
                    "silent", "the upstream \(endpoint) has sent nothing, not even a heartbeat, for \(quiet.nanoseconds / 1_000_000_000) s"),
                context)
        } else {
            watchdog = context.eventLoop.assumeIsolated().scheduleTask(in: silence) { self.checkSilence(context) }
        }
    }

    func read(context: ChannelHandlerContext) {
        if isPaused { wantsRead = true } else { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        lastActivity = .now()
        buffer.withUnsafeReadableBytes { bytes in
            let received = RawSpan(_unsafeBytes: bytes)
            if phase == .dumping { dump(received, context) } else { converse(received, context) }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if phase == .dumping {
            onBytes?()
            if assembledBytes >= Self.maxAssembledBytes { isPaused = true }
        }
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { perform(handshake.tlsEstablished(), context) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.retry("connection_closed", "the upstream \(endpoint) closed the connection"), context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.retry("connection_failed", "the connection to the upstream \(endpoint) failed: \(error)"), context)
    }

    /// Ends the connection for `failure`; later calls do nothing.
    func end(_ failure: UpstreamFailure, _ context: ChannelHandlerContext) {
        guard phase != .ended else { return }
        phase = .ended
        watchdog?.cancel()
        onEnd?(failure)
        context.close(promise: nil)
    }

    // MARK: - Login and preparation

    private func converse(_ received: RawSpan, _ context: ChannelHandlerContext) {
        parser.feed(received)
        do {
            while phase == .login || phase == .preparing, let range = try parser.next() {
                let payload = parser.payload(range).array
                if phase == .login {
                    perform(handshake.receive(payload.span.bytes), context)
                } else {
                    receiveAnswer(payload.span.bytes, context)
                }
            }
        } catch {
            end(.retry("protocol", "\(endpoint) does not speak MySQL's protocol: \(error)"), context)
            return
        }
        if phase == .dumping {
            let rest = parser.takeUnscanned()
            if !rest.isEmpty { dump(rest.span.bytes, context) }
        }
    }

    private func perform(_ action: ClientHandshake.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .send(let payload): send(payload, sequence: parser.nextSequence, context)
        case .sendSecret(let secret): secret.withBytes { send(Array($0), sequence: parser.nextSequence, context) }
        case .startTLS(let payload):
            // What stands behind the greeting in the clear was put there by somebody in between.
            guard parser.bufferedByteCount == 0 else {
                return end(.retry("protocol", "\(endpoint) sent more than its greeting before TLS"), context)
            }
            send(payload, sequence: parser.nextSequence, context)
            startTLS(context)
        case .wait: break
        case .done:
            phase = .preparing
            sendRequest(context)
        case .fail(let failure): end(refusal(failure), context)
        }
    }

    private func refusal(_ failure: HandshakeFailure) -> UpstreamFailure {
        if case .refused(.accessDenied) = failure.code {
            return .retry(
                "access_denied", "the upstream \(endpoint) refuses the login of '\(target.user)': \(failure.reason)",
                hint: "Set the right password with kingbus-ctl upstream set URL --password-file FILE.")
        }
        return .retry("login_failed", "the login to the upstream \(endpoint) failed: \(failure.reason)")
    }

    private func startTLS(_ context: ChannelHandlerContext) {
        do {
            try context.pipeline.syncOperations.addHandler(try target.makeTLSHandler(), position: .first)
        } catch {
            end(.retry("tls", "TLS to the upstream \(endpoint) cannot begin: \(error)"), context)
        }
    }

    private func sendRequest(_ context: ChannelHandlerContext) {
        guard let request = preparation.nextRequest() else { return beginDump(context) }
        response = QueryResponse(capabilities: handshake.capabilities)
        parser.nextSequence = 1
        send(request.encoded(), sequence: 0, context)
    }

    private func receiveAnswer(_ payload: RawSpan, _ context: ChannelHandlerContext) {
        guard var response else { return end(.retry("protocol", "\(endpoint) sent an answer that nobody asked for"), context) }
        let action = response.receive(payload)
        self.response = response
        do {
            switch action {
            case .wait: return
            case .ok: try preparation.receive(nil)
            case .rows(let result): try preparation.receive(result)
            case .error(let error): throw preparation.failure(error)
            case .fail(let error): throw UpstreamFailure.malformed(error)
            }
            sendRequest(context)
        } catch let failure as UpstreamFailure {
            end(failure, context)
        } catch {
            end(.retry("protocol", "\(error)"), context)
        }
    }

    private func beginDump(_ context: ChannelHandlerContext) {
        assembler = DumpAssembler(makeStart(preparation))
        phase = .dumping
        onDumpBegan?(preparation)
        send(preparation.dumpCommand.encoded(), sequence: 0, context)
    }

    private func send(_ payload: [UInt8], sequence: UInt8, _ context: ChannelHandlerContext) {
        var writer = PacketWriter(sequence: sequence)
        writer.append(payload)
        parser.nextSequence = writer.sequence
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: writer.bytes)), promise: nil)
    }

    private func dump(_ received: RawSpan, _ context: ChannelHandlerContext) {
        do throws(UpstreamFailure) { try assembler?.receive(received) } catch {
            onBytes?()
            end(error, context)
        }
    }
}
