import Common
import Foundation
import Log
import Logging
import NIOCore
import NIOPosix
import Raft
import Synchronization
import Testing

@testable import kingbus_node

/// To whom the node connects, and when.
@Suite struct UpstreamTests {
    private let group = MultiThreadedEventLoopGroup.singleton

    /// Accepts connections and says nothing.
    private final class Listener: Sendable {
        let channel: any Channel
        private let box: Box

        private final class Box: Sendable { let open = Mutex(0) }

        private final class Count: ChannelInboundHandler {
            typealias InboundIn = ByteBuffer
            let listener: @Sendable (Int) -> Void
            init(_ listener: @escaping @Sendable (Int) -> Void) { self.listener = listener }
            func channelActive(context: ChannelHandlerContext) { listener(1) }
            func channelInactive(context: ChannelHandlerContext) { listener(-1) }
        }

        init(_ group: any EventLoopGroup) async throws {
            let box = Box()
            self.box = box
            channel = try await ServerBootstrap(group: group)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Count { change in box.open.withLock { $0 += change } })
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
        }

        var openCount: Int { box.open.withLock { $0 } }
        var url: String { "mysql://r@127.0.0.1:\(channel.localAddress?.port ?? 0)" }
    }

    /// An upstream whose consensus does not run: the test says which term it may pull in.
    private func makeUpstream(
        _ fixture: LogFixture, _ loop: any EventLoop, confirm: @escaping Upstream.Confirm = { _, completion in completion(true) }
    ) throws -> Upstream {
        let core = try Raft(
            log: fixture.log, committedState: fixture.state, lastIndex: fixture.state.index, termRuns: [TermRun(firstIndex: 1, term: 1)],
            hardState: StoredHardState(term: 1, vote: 1), options: Options())
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let consensus = Consensus(
            loop: group.next(), log: fixture.log, state: fixture.state, committedState: fixture.state, raft: core,
            committed: fixture.committed, logger: logger)
        return Upstream(
            loop: loop, consensus: consensus, sealer: try Sealer(file: fixture.directory + "/secret"),
            options: Upstream.Options(spoolDirectory: fixture.log.spoolDirectory), confirm: confirm,
            logger: logger)
    }

    private func wait(for condition: () -> Bool) async throws {
        let deadline = NIODeadline.now() + .seconds(10)
        while !condition(), NIODeadline.now() < deadline { try await Task.sleep(for: .milliseconds(5)) }
        #expect(condition())
    }

    @Test(.timeLimit(.minutes(1))) func `settings that come while a connection is made lead to the upstream that they name`() async throws {
        let fixture = try LogFixture()
        let loop = group.next()
        let upstream = try makeUpstream(fixture, loop)
        let (old, new) = (try await Listener(group), try await Listener(group))
        var settings = UpstreamSettings()
        settings.urls = [old.url]
        var changed = settings
        changed.urls = [new.url]
        // In one turn of the loop: the second comes before the first's connection is made.
        try await loop.submit { [settings, changed] in
            upstream.settingsChanged(settings)
            upstream.ingestTermChanged(1)
            upstream.settingsChanged(changed)
        }.get()
        try await wait { old.openCount == 0 && new.openCount == 1 }
        upstream.stop()
        try await loop.submit {}.get()
        try await old.channel.close()
        try await new.channel.close()
    }

    @Test(.timeLimit(.minutes(1))) func `leadership that is lost and won again while it is being confirmed is confirmed anew`() async throws
    {
        let fixture = try LogFixture()
        let loop = group.next()
        let source = try await Listener(group)
        let asked = Mutex<[(term: UInt64, answer: @Sendable (Bool) -> Void)]>([])
        let upstream = try makeUpstream(fixture, loop) { term, answer in asked.withLock { $0.append((term, answer)) } }
        var settings = UpstreamSettings()
        settings.urls = [source.url]
        upstream.settingsChanged(settings)
        upstream.ingestTermChanged(1)
        try await wait { asked.withLock { $0.map(\.term) } == [1] }
        upstream.ingestTermChanged(nil)
        upstream.ingestTermChanged(2)
        try await loop.submit {}.get()
        asked.withLock { $0[0].answer }(false)
        try await wait { asked.withLock { $0.map(\.term) } == [1, 2] }
        asked.withLock { $0[1].answer }(true)
        try await wait { source.openCount == 1 }
        upstream.stop()
        try await loop.submit {}.get()
        try await source.channel.close()
    }

    @Test(.timeLimit(.minutes(1))) func `ingest that was stopped begins again only when consensus allows it`() async throws {
        let fixture = try LogFixture()
        let loop = group.next()
        let upstream = try makeUpstream(fixture, loop)
        let source = try await Listener(group)
        var started = UpstreamSettings()
        started.urls = [source.url]
        var stopped = started
        stopped.isStarted = false
        upstream.settingsChanged(started)
        upstream.ingestTermChanged(1)
        try await wait { source.openCount == 1 }
        upstream.settingsChanged(stopped)
        try await wait { source.openCount == 0 }
        upstream.settingsChanged(started)
        try await loop.submit {}.get()
        #expect(upstream.status.state == .stopped)
        // Only now is everything that the old connection proposed committed or dead.
        upstream.ingestTermChanged(1)
        try await wait { source.openCount == 1 }
        upstream.stop()
        try await loop.submit {}.get()
        try await source.channel.close()
    }
}
