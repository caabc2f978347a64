import Common
import Log
import Logging
import NIOCore
import NIOSSL
import Raft

/// A connection that another node dialed: it is read, and answered.
final class InboundPeer: ChannelInboundHandler, @unchecked Sendable {  // Touched on the peers' loop only.
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// From the connection's beginning to its hello.
    static let handshakeTimeout = TimeAmount.seconds(5)
    /// Dialers send a report every second; one that is silent for so long is gone.
    static let silence = TimeAmount.seconds(15)
    /// Requests of one connection that are being answered at a time.
    static let maxOpenRequests = 64

    let handshakeDeadline: NIODeadline
    private let owner: Peers
    private var session: InboundSession
    private var context: ChannelHandlerContext?
    private(set) var member: MemberID?
    private var name = "a stranger"
    private var openRequests = 0
    private var isAnswered = false
    private var hasEnded = false
    private var lastRead = NIODeadline.distantPast
    private var deadline: Scheduled<Void>?
    private var silenceCheck: RepeatedTask?

    /// - Parameter deadline: when the other side must have been let in.
    init(owner: Peers, deadline: NIODeadline, spoolDirectory: String) {
        self.owner = owner
        handshakeDeadline = deadline
        session = InboundSession(spoolDirectory: spoolDirectory)
    }

    // MARK: - Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        lastRead = context.eventLoop.now
        deadline = context.eventLoop.assumeIsolated().scheduleTask(deadline: handshakeDeadline) { [weak self] in
            guard let self, !self.isAnswered else { return }
            self.end()
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { finish() }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasEnded else { return }
        lastRead = context.eventLoop.now
        session.feed(unwrapInboundIn(data))
        do {
            while !hasEnded, let action = try session.next() { perform(action) }
        } catch {
            fail("\(error)")
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A process that was killed does not say goodbye.
        if case NIOSSLError.uncleanShutdown = error { return end() }
        fail(TLSFailure.describe(error))
    }

    // MARK: - Actions

    private func perform(_ action: InboundSession.Action) {
        switch action {
        case .otherVersion(let version): refuse(PeerAdmission.otherVersion(version, owner.local))
        case .hello(let hello): judge(hello)
        case .message(let message): owner.handlers.message(message)
        case .bytes: if let member { owner.handlers.bytes(member) }
        case .report(let bytes): if let member { owner.handlers.report(member, bytes) }
        case .request(let id, let bytes): answer(id, bytes)
        case .found(let entry): found(entry)
        }
    }

    private func judge(_ hello: PeerHello) {
        name = hello.name
        switch PeerAdmission(local: owner.local, members: owner.members).judge(hello) {
        case .member:
            let member = MemberID(name: hello.name, incarnation: hello.incarnation)
            self.member = member
            session.admit(from: member, to: owner.id)
            owner.admitted(self)
            watchSilence()
            send(PeerAnswer(refusal: nil, hello: PeerHello(owner.local)))
        case .probe:
            watchSilence()
            send(PeerAnswer(refusal: nil, hello: PeerHello(owner.local)))
        case .founding:
            session.admitFounding()
            watchSilence()
            send(PeerAnswer(refusal: nil, hello: PeerHello(owner.local)))
        case .refused(let refusal): refuse(refusal)
        }
    }

    private func refuse(_ refusal: PeerError) {
        send(PeerAnswer(refusal: refusal, hello: PeerHello(owner.local)))
        endWhenSent()
    }

    private func send(_ answer: PeerAnswer) {
        var buffer = ByteBuffer()
        if !isAnswered { buffer.writeBytes(PeerPreface.encoded()) }
        isAnswered = true
        buffer.writeFrame(.answer, body: answer.encoded())
        write(buffer)
    }

    private func answer(_ id: UInt64, _ body: [UInt8]) {
        guard let member else { return }
        guard openRequests < Self.maxOpenRequests else { return respond(id, nil) }
        openRequests += 1
        let handler = owner.handlers.request
        let loop = owner.loop
        Task {
            let answer = await handler(member, body)
            loop.execute {
                self.openRequests -= 1
                self.respond(id, answer.count <= PeerFrame.maxRequestBytes ? answer : nil)
            }
        }
    }

    /// - Parameter answer: nil where there is none to give.
    private func respond(_ id: UInt64, _ answer: [UInt8]?) {
        guard let answer else {
            var buffer = ByteBuffer()
            buffer.writeFrame(.response, .failed, body: PeerFrame.pieces(id: id, [])[0])
            return write(buffer)
        }
        // Who asks and does not read is not answered: it sees a timeout, and its messages go on.
        guard let context, context.channel.isWritable else { return }
        write(PeerFrame.frames(.response, id: id, answer))
    }

    private func found(_ entry: LogEntry) {
        let handler = owner.handlers.found
        let loop = owner.loop
        Task {
            var refusal: PeerError?
            do { try await handler(entry) } catch { refusal = PeerError(.notFounded, "the first entry was not taken: \(error)") }
            let outcome = refusal
            loop.execute {
                self.send(PeerAnswer(refusal: outcome, hello: PeerHello(self.owner.local)))
                self.endWhenSent()
            }
        }
    }

    private func write(_ buffer: ByteBuffer) {
        guard !hasEnded, let context else { return }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    // MARK: - The end

    private func watchSilence() {
        silenceCheck = context?.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(5), delay: .seconds(5)) { [weak self] _ in
            guard let self, let now = self.context?.eventLoop.now, now - self.lastRead > Self.silence else { return }
            self.fail("it has been silent for too long")
        }
    }

    private func fail(_ reason: String) {
        guard !hasEnded else { return }
        if member == nil {
            owner.noteStranger(context?.remoteAddress, "is turned away: \(reason)")
        } else {
            owner.logger.warning("the connection from \(name) is closed: \(reason)")
        }
        end()
    }

    private func endWhenSent() {
        // An empty write completes behind all that was written before.
        context?.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in self.end() }
    }

    /// Closes the connection; the owner hears of it once.
    func end() {
        guard let context else { return }
        hasEnded = true
        context.close(promise: nil)
    }

    /// Closes the connection because the same member has a newer one.
    func replace() {
        member = nil
        end()
    }

    private func finish() {
        guard context != nil else { return }
        context = nil
        hasEnded = true
        deadline?.cancel()
        silenceCheck?.cancel()
        // Its buffers and spools go now, whoever still holds the connection.
        session = InboundSession(spoolDirectory: "")
        owner.ended(self)
    }
}
