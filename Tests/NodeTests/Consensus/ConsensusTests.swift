import Common
import Foundation
import Log
import Logging
import NIOCore
import NIOPosix
import Raft
import Testing

@testable import kingbus_node

/// The consensus of a one-member cluster over a real log.
@Suite struct ConsensusTests {
    private let group = MultiThreadedEventLoopGroup.singleton
    private let directory =
        FileManager.default.temporaryDirectory.appending(path: "kingbus-consensus-\(UInt32.random(in: .min ... .max))").path

    /// A consensus that runs, put together as the node does it.
    private final class Member: Sendable {
        let log: Log
        let consensus: Consensus
        let committed: CommittedLog
        let terms: AsyncStream<UInt64?>

        init(_ directory: String, _ loop: any EventLoop) throws {
            log = try Log.open(directory: directory, options: LogOptions(name: "n1"))
            let recovered = log.recovered
            var hardState = recovered.hardState
            var runs = recovered.termRuns
            let state: LogState
            if let found = recovered.state {
                state = found
            } else {
                let member = Common.Member(
                    name: "n1", incarnation: recovered.identity.incarnation, role: .voter, peerAddress: "", mysqlAddress: "",
                    adminAddress: "")
                let empty = LogState(
                    clusterID: SourceID(high: 7, low: 7), serverID: 77, serverUUID: SourceID(high: 7, low: 8),
                    membership: Membership(members: [member]), settings: ClusterSettings(segmentSize: 1 << 20))
                var factory = EntryFactory(state: empty)
                let entry = try factory.segment(empty, term: 1, commitIndex: 0)
                let vote = StoredHardState(term: 1, vote: memberID(recovered.identity).rawValue)
                log.submit(LogWrite(hardState: vote, entries: [entry]))
                _ = try log.step()
                state = factory.state
                hardState = vote
                runs = [TermRun(firstIndex: 1, term: 1)]
            }
            let known = recovered.committedState ?? log.catalog.segments()[0].startState
            committed = CommittedLog(
                CommittedLog.Snapshot(state: known, visibleIndex: known.visibleIndex, purged: log.catalog.segments()[0].startState.executed)
            )
            var options = Options()
            options.heartbeatTicks = 1
            options.electionTimeoutTicks = 5
            let raft = try Raft(
                log: log, committedState: known, lastIndex: state.index, termRuns: runs, hardState: hardState, options: options)
            let consensus = Consensus(
                loop: loop, log: log, state: state, committedState: known, raft: raft, committed: committed,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            self.consensus = consensus
            let (terms, continuation) = AsyncStream.makeStream(of: UInt64?.self)
            self.terms = terms
            log.start(
                completion: { consensus.persisted(count: $0.count) }, failure: { Issue.record("the log cannot be written: \($0)") })
            loop.execute {
                consensus.onFatal = { Issue.record("fatal: \($0)") }
                consensus.onIngestTermChange = { continuation.yield($0) }
                consensus.start(tick: .milliseconds(5))
            }
        }

        /// The term in which ingest may begin.
        func ingestTerm() async throws -> UInt64 {
            for await term in terms { if let term { return term } }
            throw SetupError("no term")
        }

        func propose(_ batch: Batch, term: UInt64, start: GTIDSet? = nil) async -> Consensus.Outcome {
            await withCheckedContinuation { continuation in
                consensus.loop.execute { [consensus] in
                    consensus.propose(batch, term: term, firstContact: start.map { FirstContact(start: $0) }) {
                        continuation.resume(returning: $0)
                    }
                }
            }
        }

        func change(_ body: @escaping @Sendable (inout ClusterSettings) -> Void) async throws -> Consensus.Outcome {
            try await withCheckedThrowingContinuation { continuation in
                consensus.loop.execute { [consensus] in
                    do { try consensus.changeSettings(body) { continuation.resume(returning: $0) } } catch {
                        continuation.resume(throwing: error)
                    }
                }
            }
        }

        func end(term: UInt64) async throws {
            try await consensus.loop.submit { [consensus] in consensus.ingestEnded(term: term) }.get()
        }

        func stop() async throws {
            try await consensus.loop.submit { [consensus] in consensus.stop() }.get()
            log.stop()
        }
    }

    private func batch(_ events: [SourceEvent], chunk: Chunk = .whole, isFormat: Bool = false) -> Batch {
        let bytes = events.flatMap(\.bytes)
        return Batch(
            chunk: chunk, file: events[0].file, position: events[0].position, payload: .bytes(bytes), newFormat: isFormat ? bytes : nil)
    }

    private func withMember(_ body: (Member) async throws -> Void) async throws {
        let member = try Member(directory, group.next())
        do { try await body(member) } catch {
            try await member.stop()
            throw error
        }
        try await member.stop()
    }

    private func removeDirectory() { try? FileManager.default.removeItem(atPath: directory) }

    @Test(.timeLimit(.minutes(1))) func `a member that is alone leads, and commits what it is given`() async throws {
        defer { removeDirectory() }
        try await withMember { member in
            let term = try await member.ingestTerm()
            #expect(term == 2)
            #expect(member.consensus.currentRole.isLeader)
            var file = SourceFile("b.000001")
            let start = SourceFile.set("1-4")
            #expect(await member.propose(batch([file.format()], isFormat: true), term: term, start: start) == .committed)
            let first = member.committed.snapshot
            #expect((first.state.epoch, first.state.lost, first.purged) == (1, start, start))
            for number: UInt64 in 5...7 {
                #expect(await member.propose(batch(file.transaction(number)), term: term) == .committed)
            }
            #expect(member.committed.snapshot.state.executed == SourceFile.set("1-7"))
            #expect(member.committed.visibleIndex == member.consensus.currentRole.durableIndex)
        }
        // Everything is there again, and another term leads.
        try await withMember { member in
            let term = try await member.ingestTerm()
            #expect(term == 3)
            #expect(member.committed.snapshot.state.executed == SourceFile.set("1-7"))
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a proposal of an older or a later term is refused, and one behind the end of ingest`() async throws
    {
        defer { removeDirectory() }
        try await withMember { member in
            let term = try await member.ingestTerm()
            var file = SourceFile("b.000001")
            let format = batch([file.format()], isFormat: true)
            #expect(await member.propose(format, term: term - 1) == .rejected)
            #expect(await member.propose(format, term: term + 1) == .rejected)
            #expect(await member.propose(format, term: term) == .committed)
            let index = member.committed.snapshot.state.index
            #expect(await member.propose(batch(file.transaction(1)), term: 0) == .rejected)
            #expect(member.committed.snapshot.state.index == index)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `settings change for all who read them`() async throws {
        defer { removeDirectory() }
        try await withMember { member in
            _ = try await member.ingestTerm()
            let outcome = try await member.change { $0.upstream.urls = ["mysql://r@db1"] }
            #expect(outcome == .committed)
            #expect(member.committed.snapshot.state.settings.upstream.urls == ["mysql://r@db1"])
        }
        try await withMember { member in
            _ = try await member.ingestTerm()
            #expect(member.committed.snapshot.state.settings.upstream.urls == ["mysql://r@db1"])
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a full segment is followed by another`() async throws {
        defer { removeDirectory() }
        try await withMember { member in
            let term = try await member.ingestTerm()
            var file = SourceFile("b.000001")
            _ = await member.propose(batch([file.format()], isFormat: true), term: term)
            let before = member.log.catalog.segments().count
            for number: UInt64 in 1...3 {
                #expect(await member.propose(batch(file.transaction(number, rowBytes: [1 << 20])), term: term) == .committed)
            }
            #expect(member.log.catalog.segments().count >= before + 2)
            #expect(member.committed.snapshot.state.executed == SourceFile.set("1-3"))
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func `a run that was left open is aborted, and the segment rolls`(byRestart: Bool) async throws {
        defer { removeDirectory() }
        var file = SourceFile("b.000001")
        let format = file.format()
        let run = file.transaction(2, rowBytes: [1000, 1000])
        func fill(_ member: Member, _ term: UInt64) async {
            _ = await member.propose(batch([format], isFormat: true), term: term)
            #expect(await member.propose(batch(Array(run[0...1]), chunk: .begin), term: term) == .committed)
            #expect(await member.propose(batch([run[2]], chunk: .middle), term: term) == .committed)
            #expect(member.committed.snapshot.state.openRun?.gtid == SourceFile.gtid(2))
        }
        func check(_ member: Member, _ term: UInt64, _ segments: Int) async throws {
            #expect(member.committed.snapshot.state.openRun == nil)
            #expect(member.committed.snapshot.state.executed == GTIDSet())
            let all = member.log.catalog.segments()
            #expect(all.count == segments + 1)
            #expect(all[segments - 1].abortedRunIndex > 0)
            // It comes again, and is whole.
            #expect(await member.propose(batch(run), term: term) == .committed)
            #expect(member.committed.snapshot.state.executed == SourceFile.set("2"))
            #expect(member.committed.visibleIndex == member.committed.snapshot.state.index)
        }
        if byRestart {
            try await withMember { member in await fill(member, try await member.ingestTerm()) }
            try await withMember { member in
                let segments = member.log.catalog.segments().count
                try await check(member, try await member.ingestTerm(), segments)
            }
        } else {
            try await withMember { member in
                let term = try await member.ingestTerm()
                await fill(member, term)
                let segments = member.log.catalog.segments().count
                try await member.end(term: term)
                let again = try await member.ingestTerm()
                #expect(again == term)
                try await check(member, term, segments)
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a crash between an abort and the segment behind it leaves nothing unmarked`() async throws {
        defer { removeDirectory() }
        var file = SourceFile("b.000001")
        let format = file.format()
        let run = file.transaction(1, rowBytes: [1000])
        let next = file.transaction(2, rowBytes: [1000])
        try await withMember { member in
            let term = try await member.ingestTerm()
            _ = await member.propose(batch([format], isFormat: true), term: term)
            #expect(await member.propose(batch(Array(run[0...1]), chunk: .begin), term: term) == .committed)
        }
        do {
            // The abort is durable before the next file is made.
            let log = try Log.open(directory: directory, options: LogOptions(name: "n1"))
            var factory = EntryFactory(state: try #require(log.recovered.state))
            var events: [UInt8] = []
            StatementEndEvent.encode(in: EventEnvelope(serverID: 77, checksum: .crc32), into: &events)
            log.submit(LogWrite(entries: [try factory.abort(events: events, term: factory.state.term, commitIndex: 0)]))
            _ = try log.step()
            log.stop()
        }
        try await withMember { member in
            let segments = member.log.catalog.segments().count
            let term = try await member.ingestTerm()
            let all = member.log.catalog.segments()
            #expect(all.count == segments + 1)
            #expect(all[segments - 1].abortedRunIndex > 0)
            #expect(member.committed.visibleIndex == member.committed.snapshot.state.index)
            // Another run that is open hides only itself.
            let visible = member.committed.visibleIndex
            #expect(await member.propose(batch(Array(next[0...1]), chunk: .begin), term: term) == .committed)
            #expect(member.committed.visibleIndex == visible)
            #expect(await member.propose(batch(Array(next[2...]), chunk: .end), term: term) == .committed)
            #expect(member.committed.visibleIndex == visible + 2)
        }
    }
}
