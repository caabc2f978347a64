import Common
import Foundation
import Log
import Logging
import NIOCore
import NIOEmbedded
import NIOPosix
import Raft
import Synchronization
import Testing

@testable import kingbus_node

/// Mutations of recorded sessions in every state of both ends of a peer connection: nothing traps, nothing is left behind, and no message
/// comes through that is not whole.
///
/// KINGBUS_LONG=1 makes five times as many.
@Suite struct PeerMutationTests {
    enum PeerState: String, CaseIterable, Sendable {
        case beginning = "before the preface"
        case hello = "awaiting the hello"
        case refused = "refused"
        case member = "after the hello"
        case append = "during an append"
        case spool = "during an append that is spooled"
        case founding = "awaiting the first entry"
        case founded = "after the first entry"
        case answer = "dialer: awaiting the answer"
        case accepted = "dialer: accepted"

        var count: Int {
            switch self {
            case .member, .append: 20_000
            case .beginning, .hello, .founding, .answer, .accepted: 12_000
            case .refused, .spool, .founded: 4_000
            }
        }
    }

    private static let factor = ProcessInfo.processInfo.environment["KINGBUS_LONG"] == "1" ? 5 : 1

    /// Handlers that are to be gone. Touched on the loop only.
    private final class Remains: @unchecked Sendable {
        private struct Weak { weak var object: AnyObject? }
        private var handlers: [Weak] = []

        func watch(_ object: AnyObject) { handlers.append(Weak(object: object)) }
        var isEmpty: Bool { handlers.allSatisfy { $0.object == nil } }
    }

    /// Both kinds of node, and what they are sent, all on one loop.
    private final class Bench: @unchecked Sendable {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let directory: String
        let log: Log
        let peers: Peers
        let empty: Peers
        let controls: [RecordedFrame]
        let append: [RecordedFrame]
        let delivered = Mutex(0)
        let lies = Mutex(0)

        init() throws {
            let name = "kingbus-peer-storm-\(UInt32.random(in: .min ... .max))"
            directory = FileManager.default.temporaryDirectory.appending(path: name).path
            log = try Log.open(directory: directory, options: LogOptions(name: "n1"))
            let local = Peers.Local(
                name: "n1", incarnation: 1, clusterID: PeerNode.cluster, initialCluster: "", peer: "a:1", mysql: "a:2", admin: "a:3",
                segmentSize: 1 << 30)
            var emptyLocal = local
            emptyLocal.clusterID = nil
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let address = HostPort(host: "127.0.0.1", port: 0)
            peers = Peers(
                listen: address, tls: nil, local: local, catalog: log.catalog, spoolDirectory: log.spoolDirectory, group: group,
                logger: logger)
            empty = Peers(
                listen: address, tls: nil, local: emptyLocal, catalog: log.catalog, spoolDirectory: log.spoolDirectory, group: group,
                logger: logger)
            controls = try RecordedFrames.controls(log.catalog)
            append = try RecordedFrames.append(log.catalog, payloads: [10, 0, 3000, 200])
            var handlers = Peers.Handlers()
            handlers.message = { [weak self] message in self?.judge(message) }
            handlers.request = { _, body in body }
            handlers.found = { [weak self] entry in
                if entry.header.payloadChecksum != entry.payload.checksum { self?.lies.withLock { $0 += 1 } }
            }
            peers.setHandlers(handlers)
            empty.setHandlers(handlers)
        }

        deinit {
            log.stop()
            try? FileManager.default.removeItem(atPath: directory)
            group.shutdownGracefully { _ in }
        }

        private func judge(_ incoming: IncomingMessage) {
            delivered.withLock { $0 += 1 }
            var isTrue = incoming.message.from == RecordedFrames.other && incoming.message.to == RecordedFrames.me
            if case .append(let append) = incoming.message.body {
                isTrue = isTrue && append.entries.count == incoming.entries.count
                for (offset, entry) in incoming.entries.enumerated() {
                    isTrue = isTrue && entry.header.index == append.previous.index + UInt64(offset) + 1
                    isTrue = isTrue && entry.header.payloadChecksum == entry.payload.checksum
                }
            } else {
                isTrue = isTrue && incoming.entries.isEmpty
            }
            if !isTrue { lies.withLock { $0 += 1 } }
        }

        /// Files in the spool directory that are open.
        var openSpools: Int {
            let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
            return descriptors.count {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))?.hasPrefix(log.spoolDirectory) == true
            }
        }

        // MARK: - One connection

        /// What brings a connection into the state, and what is sent in it.
        private func script(_ state: PeerState) -> (before: [RecordedFrame], then: [RecordedFrame]) {
            let hello = RecordedFrames.hello()
            switch state {
            case .beginning: return ([], [hello] + controls)
            case .hello: return ([], [hello, controls[0]])
            case .refused: return ([], controls + append)
            case .member: return ([hello], controls + append)
            case .append: return ([hello] + Array(append.prefix(2)), Array(append.dropFirst(2) + controls.prefix(3)))
            case .spool:
                let frames = RecordedFrames.spooledAppend
                return ([hello] + frames, Array(frames.suffix(2) + controls.prefix(2)))
            case .founding: return ([hello], RecordedFrames.founding)
            case .founded: return ([hello] + RecordedFrames.founding, RecordedFrames.founding + controls)
            case .answer: return ([], [RecordedFrames.answer(refusal: PeerError(.wait, "not yet")), RecordedFrames.answer()])
            case .accepted: return ([RecordedFrames.answer()], RecordedFrames.responses)
            }
        }

        /// Opens a connection, brings it into the state, and sends it mutations until it ends or has had `most`; how many it got.
        func storm(_ state: PeerState, most: Int, _ random: inout SeededGenerator, _ remains: Remains) throws -> Int {
            let channel = EmbeddedChannel()
            var requests: [EventLoopFuture<[UInt8]>] = []
            let isDialer = state == .answer || state == .accepted
            if isDialer {
                let hello = PeerHello(peers.local, expected: nil)
                let peer = OutboundPeer(hello: hello, address: peers.listen, catalog: log.catalog)
                remains.watch(peer)
                try channel.pipeline.syncOperations.addHandler(peer)
                channel.connect(to: try SocketAddress(ipAddress: "10.0.0.9", port: 4000), promise: nil)
                peer.onAnswer = { [weak peer] answer in
                    guard answer.refusal == nil, requests.count < 3 else { return }
                    for _ in 0..<3 {
                        let promise = channel.eventLoop.makePromise(of: [UInt8].self)
                        requests.append(promise.futureResult)
                        peer?.request([1], timeout: .seconds(5), promise: promise)
                    }
                }
            } else {
                let node = state == .founding || state == .founded ? empty : peers
                try node.accept(channel)
                let gate = try channel.pipeline.syncOperations.handler(type: PeerGate.self)
                remains.watch(gate)
                remains.watch(gate.peer)
                channel.connect(to: try SocketAddress(ipAddress: "10.0.0.9", port: 4000), promise: nil)
            }
            let (before, then) = script(state)
            if state != .beginning { send(PeerPreface.encoded() + before.flatMap(\.bytes), to: channel, &random) }
            var sent = 0
            while sent < most, channel.isActive {
                sent += 1
                let then = part(of: then, state, &random)
                if state == .refused {
                    // The connection ends with the refusal: what is to meet its end comes with the hello.
                    let hello = RecordedFrames.hello(cluster: SourceID(high: 9, low: 9)).bytes
                    send(hello + FrameMutation.damage(then, &random), to: channel, &random)
                } else if state == .beginning {
                    send(Mutation.damage(PeerPreface.encoded() + then.flatMap(\.bytes).prefix(400), &random), to: channel, &random)
                } else {
                    send(FrameMutation.damage(then, &random), to: channel, &random)
                }
            }
            channel.close(promise: nil)
            channel.embeddedEventLoop.advanceTime(by: .seconds(20))
            for request in requests { request.whenFailure { _ in } }
            return sent
        }

        /// Some frames in a row, of a session that may begin with any of its controls.
        private func part(of frames: [RecordedFrame], _ state: PeerState, _ random: inout SeededGenerator) -> [RecordedFrame] {
            let start = state == .member || state == .refused ? Int.random(in: 0...controls.count, using: &random) : 0
            return Array(frames.dropFirst(start).prefix(Int.random(in: 1...8, using: &random)))
        }

        private func send(_ bytes: [UInt8], to channel: EmbeddedChannel, _ random: inout SeededGenerator) {
            for piece in Mutation.pieces(bytes, &random) where channel.isActive {
                _ = try? channel.writeInbound(ByteBuffer(bytes: piece))
                channel.embeddedEventLoop.run()
                while let _ = try? channel.readOutbound(as: ByteBuffer.self) {}
            }
        }
    }

    @Test func `mutated sessions end without a trace in every state`() async throws {
        let bench = try Bench()
        let loop = bench.group.next()
        var total = 0
        print("mutations of sessions by state of the peer port:")
        for (number, state) in PeerState.allCases.enumerated() {
            let wanted = state.count * Self.factor
            var count = 0
            while count < wanted {
                let remains = Remains()
                let seed = UInt64(number) << 32 + UInt64(count)
                let left = min(500, wanted - count)
                count += try await loop.submit {
                    var random = SeededGenerator(seed: seed)
                    var sent = 0
                    while sent < left { sent += try bench.storm(state, most: 4, &random, remains) }
                    return sent
                }.get()
                // Answers to requests may still be on their way.
                try await eventually {
                    try await loop.submit {
                        remains.isEmpty && bench.peers.accepted.isEmpty && bench.peers.inbound.isEmpty && bench.empty.accepted.isEmpty
                    }.get()
                }
            }
            #expect(bench.openSpools == 0)
            print("  \(count)\t\(state.rawValue)")
            total += count
        }
        print("  \(total)\tin all; \(bench.delivered.withLock { $0 }) whole messages came through")
        #expect(total >= 100_000 * Self.factor)
        #expect(bench.lies.withLock { $0 } == 0)
        #expect(bench.delivered.withLock { $0 } > 1000)
    }
}
