import Common
import Log
import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// One connection to the MySQL port: login, questions, and at most one dump, after which it ends.
///
/// A client that sends commands and does not read the answers is not read from: what is answered and not sent stays below the channel's
/// high-water mark and one answer.
final class MySQLConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case login
        case command
        case dump
        case closed
    }

    /// A client has this long to log in.
    static let loginTimeout = TimeAmount.seconds(10)
    /// Largest command: a GTID set of a thousand UUIDs and a hundred thousand intervals, and then some.
    static let maxCommandBytes = 16 << 20
    /// A dump lets the other connections of its event loop have their turn after this many buffers.
    private static let buffersPerTurn = 32
    /// A loop looks at its sockets only when no task is due: between two turns there must be a time without one.
    private static let betweenTurns = TimeAmount.microseconds(20)

    private let service: MySQLService
    private let id: UInt32
    private var handshake: ServerHandshake
    private var parser = PacketParser()
    private var phase = Phase.login
    private var session = SessionVariables()
    private var peer = "unknown"
    private var cipher: ConnectionFacts.TLS?
    private var registration: RegisterReplicaCommand?

    private var stream: DumpStream?
    private var request: DumpRequest?
    private var isStreamIdle = false
    private var isPumping = false
    private var isDraining = false
    /// Whether the pipeline wants to read and may not, because answers are waiting to be sent.
    private var wantsRead = false
    /// Whether this connection counts among those that are open.
    private var isAdmitted = false
    private var lastWrite = NIODeadline.now()
    private var heartbeat: RepeatedTask?
    private var loginDeadline: Scheduled<Void>?
    private var sentBytes: UInt64 = 0

    init(service: MySQLService) throws {
        self.service = service
        id = service.registry.makeID()
        handshake = ServerHandshake(
            service.currentHandshake, connectionID: id, nonce: try Nonce.random(), host: "", isSecure: false)
    }

    // MARK: - Channel

    func channelActive(context: ChannelHandlerContext) {
        peer = context.remoteAddress?.ipAddress ?? "unknown"
        guard service.registry.admit() else {
            service.logger.warning("a connection to the MySQL port was refused: too many are open", metadata: ["address": "\(peer)"])
            send([ErrorPacket(.tooManyConnections, "Too many connections").encoded(for: [])], context)
            return close(context)
        }
        isAdmitted = true
        do {
            handshake = ServerHandshake(
                service.currentHandshake, connectionID: id, nonce: try Nonce.random(), host: peer, isSecure: false)
        } catch {
            return close(context)
        }
        loginDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.loginTimeout) {
            if self.phase == .login { self.close(context) }
        }
        perform(handshake.greet(), context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard phase != .closed else { return }
        buffer.withUnsafeReadableBytes { parser.feed(RawSpan(_unsafeBytes: $0)) }
        drain(context)
    }

    func read(context: ChannelHandlerContext) {
        if canTakeCommands(context) { context.read() } else { wantsRead = true }
    }

    /// Commands wait while answers cannot be sent. A dump takes none, but for the one that ends it.
    private func canTakeCommands(_ context: ChannelHandlerContext) -> Bool { phase == .dump || context.channel.isWritable }

    /// Handles what has been received, as long as the answers go out.
    private func drain(_ context: ChannelHandlerContext) {
        guard !isDraining else { return }
        isDraining = true
        defer { isDraining = false }
        do {
            while phase != .closed, canTakeCommands(context), let range = try parser.next() {
                let payload = parser.payload(range).array
                switch phase {
                case .login:
                    let action = handshake.receive(payload.span.bytes, lookup: service.verifier(for:))
                    perform(action, context)
                    if case .startTLS = action { return try startTLS(context) }
                case .command, .dump: try handleCommand(payload.span.bytes, context)
                case .closed: return
                }
            }
        } catch let error as PacketError {
            fail(error.errorPacket, context)
        } catch {
            fail(ErrorPacket(.malformedPacket, "Malformed communication packet."), context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent {
            let version = try? context.channel.pipeline.syncOperations.nioSSL_tlsVersion()
            cipher = ConnectionFacts.TLS(version: version.map(Self.name) ?? "", cipher: "")
            handshake.tlsEstablished()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            pump(context)
            drain(context)
            if wantsRead, canTakeCommands(context) {
                wantsRead = false
                context.read()
            }
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        close(context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { close(context) }

    private func close(_ context: ChannelHandlerContext) {
        guard phase != .closed else { return }
        let wasDumping = phase == .dump
        phase = .closed
        if isAdmitted { service.registry.leave() }
        loginDeadline?.cancel()
        heartbeat?.cancel()
        heartbeat = nil
        service.committed.unsubscribe(self)
        service.registry.remove(id)
        stream = nil
        if wasDumping { service.logger.info("a replica's dump ended", metadata: ["connection": "\(id)", "address": "\(peer)"]) }
        context.close(promise: nil)
    }

    // MARK: - Login

    private func perform(_ action: ServerHandshake.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .send(let payload): send([payload], context)
        case .startTLS: break
        case .accept(let payloads):
            send(payloads, context)
            phase = .command
            loginDeadline?.cancel()
            parser.maxPayloadBytes = Self.maxCommandBytes
            parser.nextSequence = 0
            if !handshake.database.isEmpty { try? session.use(handshake.database) }
            let channel = context.channel
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            service.registry.add(
                ReplicaRegistry.Connection(
                    id: id, user: handshake.user, address: address(context), database: session.database, since: .now()),
                close: { [loop = context.eventLoop] gracefully in
                    guard gracefully else { return channel.close(promise: nil) }
                    loop.execute {
                        let (connection, context) = bound.value
                        connection.finish(context)
                    }
                })
        case .reject(let payload, let error):
            service.logger.notice(
                "a login to the MySQL port was refused",
                metadata: ["address": "\(peer)", "error": "\(error.code.rawValue) \(error.message)"])
            send([payload], context)
            close(context)
        }
    }

    /// MySQL's name of a TLS version.
    private static func name(_ version: TLSVersion) -> String {
        switch version {
        case .tlsv1: "TLSv1"
        case .tlsv11: "TLSv1.1"
        case .tlsv12: "TLSv1.2"
        case .tlsv13: "TLSv1.3"
        }
    }

    private func address(_ context: ChannelHandlerContext) -> String {
        HostPort(host: peer, port: UInt16(clamping: context.remoteAddress?.port ?? 0)).description
    }

    private func startTLS(_ context: ChannelHandlerContext) throws {
        // What came behind the request in the same read is the client's first word of TLS.
        let behind = parser.takeUnscanned()
        let handler = NIOSSLServerHandler(context: service.tls)
        try context.pipeline.syncOperations.addHandler(handler, position: .first)
        if !behind.isEmpty {
            handler.channelRead(
                context: try context.pipeline.syncOperations.context(handler: handler), data: NIOAny(ByteBuffer(bytes: behind)))
        }
    }

    // MARK: - Commands

    private func handleCommand(_ payload: RawSpan, _ context: ChannelHandlerContext) throws {
        let command = try ClientCommand(decoding: payload)
        defer { parser.nextSequence = 0 }
        if phase == .dump {
            // Some clients ping on a connection that streams; MySQL ignores what comes on one, and a quit ends it.
            if case .quit = command { close(context) }
            return
        }
        switch command {
        case .quit: close(context)
        case .ping, .setOption, .initDatabase, .resetConnection: handleSession(command, context)
        case .query(let text): answer(text, context)
        case .statistics: send([Array("Uptime: \(service.facts(for: facts).uptimeSeconds)  Kingbus binlog server".utf8)], context)
        case .processKill(let target): kill(UInt64(target), context)
        case .registerReplica(let command):
            registration = command
            service.registry.update(id) {
                $0.serverID = command.serverID
                $0.reportedHost = String(decoding: command.host, as: UTF8.self)
                $0.reportedPort = command.port
                $0.serverUUID = session.replicaUUID ?? ""
                $0.isRegistered = true
            }
            sendOK(context)
        case .binlogDump(let command):
            beginDump(
                serverID: command.serverID, flags: command.flags, context: context,
                start: { .position(UpstreamPosition(file: command.file.strippingZeros, offset: UInt64(command.position))) })
        case .binlogDumpGTID(let command):
            beginDump(
                serverID: command.serverID, flags: command.flags, context: context,
                start: { .gtids(try GTIDSet(decoding: command.encodedGTIDSet.span.bytes)) })
        case .unsupported(let byte):
            sendError(ErrorPacket(.unknownCommand, "Command \(byte) is not spoken by a Kingbus binlog server"), context)
        }
    }

    private func handleSession(_ command: ClientCommand, _ context: ChannelHandlerContext) {
        if case .resetConnection = command { session = SessionVariables() }
        if case .initDatabase(let name) = command {
            do { try session.use(String(decoding: name, as: UTF8.self)) } catch { return sendError(error.packet, context) }
        }
        sendOK(context)
    }

    private var facts: ConnectionFacts { ConnectionFacts(id: UInt64(id), user: handshake.user, host: peer, tls: cipher) }

    private func answer(_ text: [UInt8], _ context: ChannelHandlerContext) {
        switch SQLEvaluator.answer(to: text.span.bytes, session: &session, facts: service.facts(for: facts)) {
        case .ok: sendOK(context)
        case .error(let error): sendError(error.packet, context)
        case .kill(let target, _): kill(target, context)
        case .resultSet(let result):
            var writer = PacketWriter(sequence: parser.nextSequence)
            writer.append(result.protocolResultSet, capabilities: handshake.capabilities)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: writer.bytes)), promise: nil)
        }
    }

    private func kill(_ target: UInt64, _ context: ChannelHandlerContext) {
        guard let number = UInt32(exactly: target), let user = service.registry.user(of: number) else {
            return sendError(ErrorPacket(.noSuchThread, "Unknown thread id: \(target)"), context)
        }
        guard user == handshake.user else {
            return sendError(ErrorPacket(.killDenied, "You are not owner of thread \(target)"), context)
        }
        _ = service.registry.close(number)
        sendOK(context)
    }

    private func sendOK(_ context: ChannelHandlerContext) { send([OKPacket().encoded(for: handshake.capabilities)], context) }

    private func sendError(_ error: ErrorPacket, _ context: ChannelHandlerContext) {
        send([error.encoded(for: handshake.capabilities)], context)
    }

    private func send(_ payloads: [[UInt8]], _ context: ChannelHandlerContext) {
        var writer = PacketWriter(sequence: parser.nextSequence)
        for payload in payloads { writer.append(payload) }
        parser.nextSequence = writer.sequence
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: writer.bytes)), promise: nil)
    }

    private func fail(_ error: ErrorPacket, _ context: ChannelHandlerContext) {
        if phase == .dump { return close(context) }
        sendError(error, context)
        close(context)
    }

    // MARK: - Dump

    private func beginDump(
        serverID: UInt32, flags: BinlogDumpFlags, context: ChannelHandlerContext, start: () throws -> DumpRequest.Start
    ) {
        do {
            let request = DumpRequest(
                start: try start(), serverID: serverID, isNonBlocking: flags.contains(.nonBlocking) || serverID == 0,
                wantsHeartbeatV2: flags.contains(.heartbeatV2), wantsChecksums: try wantsChecksums(),
                heartbeatNanoseconds: session.heartbeatPeriodNanoseconds.flatMap { $0 == 0 ? nil : $0 },
                replicaUUID: session.replicaUUID ?? "")
            stream = try DumpStream(request, catalog: service.catalog, committed: service.committed)
            self.request = request
            if case .gtids(let held) = request.start, !service.committed.contains(held) { service.replicaIsAhead(held, address: peer) }
        } catch let failure as DumpFailure {
            service.logger.notice(
                "a dump was refused", metadata: ["connection": "\(id)", "address": "\(peer)", "error": "\(failure.packet.message)"])
            return sendError(failure.packet, context)
        } catch let error as CodecError {
            return sendError(DumpFailure.fatal("The GTID set of the request cannot be read: \(error)").packet, context)
        } catch {
            service.logger.error("a dump cannot begin: \(error)", metadata: ["connection": "\(id)", "address": "\(peer)"])
            return sendError(DumpFailure.fatal("Kingbus cannot read its log: \(error)").packet, context)
        }
        startStreaming(context)
    }

    /// A consumer that does not know of checksums would take them for data.
    private func wantsChecksums() throws(DumpFailure) -> Bool {
        switch session.announcedChecksum {
        case .crc32: return true
        case .none: return false
        case .unaware, .unknown:
            guard service.committed.snapshot.state.checksum == .none else {
                throw .fatal("Replica can not handle replication events with the checksum that source is configured to log")
            }
            return false
        }
    }

    private func startStreaming(_ context: ChannelHandlerContext) {
        guard let request else { return }
        phase = .dump
        service.registry.update(id) {
            $0.activity = .streaming
            $0.serverID = request.serverID
            $0.serverUUID = request.replicaUUID
            $0.since = .now()
            if case .gtids(let held) = request.start {
                $0.heldTransactions = service.committed.snapshot.state.executed.intersection(held).count
            }
        }
        service.registry.closeOtherDumps(of: request.replicaUUID, than: id)
        service.logger.info(
            "a replica's dump begins",
            metadata: [
                "connection": "\(id)", "address": "\(peer)", "server_id": "\(request.serverID)", "server_uuid": "\(request.replicaUUID)",
            ])
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        service.committed.subscribe(self) { [loop = context.eventLoop] in
            loop.execute {
                let (connection, context) = bound.value
                if connection.isStreamIdle { connection.pump(context) }
            }
        }
        if let nanoseconds = request.heartbeatNanoseconds {
            let period = TimeAmount.nanoseconds(Int64(clamping: max(nanoseconds, 1_000_000)))
            lastWrite = .now()
            let half = TimeAmount.nanoseconds(period.nanoseconds / 2)
            heartbeat = context.eventLoop.scheduleRepeatedTask(initialDelay: half, delay: half) { _ in
                let (connection, context) = bound.value
                connection.beat(context, half)
            }
        }
        pump(context)
    }

    /// The node stops: ends the connection behind the transaction that it is being sent.
    private func finish(_ context: ChannelHandlerContext) {
        guard phase == .dump, let stream else { return close(context) }
        stream.stopsBetweenTransactions = true
        if isStreamIdle { closeOnceSent(context) } else { pump(context) }
    }

    /// Ends the connection when what was written has been sent.
    private func closeOnceSent(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            let (connection, context) = bound.value
            connection.close(context)
        }
    }

    /// Sends what is visible until the socket is full or nothing is left.
    private func pump(_ context: ChannelHandlerContext) {
        guard phase == .dump, !isPumping, let stream, let request else { return }
        isPumping = true
        defer { isPumping = false }
        isStreamIdle = false
        var buffersLeft = Self.buffersPerTurn
        do {
            // A write may fail and end the connection before it returns.
            while phase == .dump, context.channel.isActive, context.channel.isWritable {
                guard buffersLeft > 0 else {
                    context.eventLoop.assumeIsolated().scheduleTask(in: Self.betweenTurns) { self.pump(context) }
                    return
                }
                buffersLeft -= 1
                var buffer = context.channel.allocator.buffer(capacity: DumpStream.fillBytes + (4 << 10))
                let filling = Result { try stream.fill(&buffer) }
                let isDone = (try? filling.get()) == .caughtUp
                // An EOF would say that this is all there is: no word of it where the node stops.
                let endsHere = isDone && stream.stopsBetweenTransactions
                if isDone, request.isNonBlocking, !endsHere {
                    stream.write(EOFPacket().encoded(for: handshake.capabilities), into: &buffer)
                }
                sentBytes += UInt64(buffer.readableBytes)
                if buffer.readableBytes > 0 {
                    lastWrite = .now()
                    context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
                }
                note(stream, isDone ? .waiting : .streaming)
                // What stands before a damaged place has been sent all the same.
                _ = try filling.get()
                guard isDone else { continue }
                if endsHere { return closeOnceSent(context) }
                if request.isNonBlocking { return endDump(context) }
                isStreamIdle = true
                // What became visible between the last look and the flag has woken nobody.
                guard stream.isBehind else { return }
                isStreamIdle = false
            }
        } catch {
            service.logger.error("a dump broke off: \(error)", metadata: ["connection": "\(id)", "address": "\(peer)"])
            // No error 1236: a replica would stop at it for good, and after a lost connection it asks again, here or at another node.
            self.stream = nil
            closeOnceSent(context)
        }
    }

    /// The connection takes commands again.
    private func endDump(_ context: ChannelHandlerContext) {
        phase = .command
        stream = nil
        heartbeat?.cancel()
        heartbeat = nil
        service.committed.unsubscribe(self)
        parser.nextSequence = 0
        service.registry.update(id) { $0.activity = .command }
    }

    private func note(_ stream: DumpStream, _ activity: ReplicaRegistry.Activity) {
        service.registry.update(id) {
            $0.activity = activity
            $0.sentGTID = stream.lastGTID ?? $0.sentGTID
            $0.sentTimestamp = stream.lastTimestamp
            $0.sentTransactions = stream.sentTransactions
            $0.sentBytes = sentBytes
        }
    }

    /// Half a period has passed: says something if nothing was said in it.
    private func beat(_ context: ChannelHandlerContext, _ half: TimeAmount) {
        // Not only an idle stream is silent: one that skips what the consumer holds is, too.
        guard phase == .dump, context.channel.isWritable, let stream, NIODeadline.now() - lastWrite >= half else { return }
        var buffer = context.channel.allocator.buffer(capacity: 256)
        stream.writeHeartbeat(into: &buffer)
        lastWrite = .now()
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }
}

extension SQLError {
    var packet: ErrorPacket { ErrorPacket(code: ErrorCode(rawValue: number), sqlState: sqlState, message: message) }
}

extension SQLResultSet {
    /// The result set as the text protocol carries it.
    var protocolResultSet: ResultSet {
        ResultSet(
            columns: columns.map { $0.kind == .integer ? .integer($0.name) : .text($0.name) },
            rows: rows.map { row in row.map { value in value.text.map { Array($0.utf8) } } })
    }
}

extension [UInt8] {
    /// Some clients fill the file name with zero bytes.
    fileprivate var strippingZeros: [UInt8] { Array(prefix { $0 != 0 }) }
}
