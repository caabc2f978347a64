import Common
import Testing

@Suite struct SegmentFoldTests {
    @Test("whole transactions are executed at once, chunked ones with their last chunk")
    func transactions() throws {
        var state = try SegmentSamples.begun()
        try state.fold(.events, SegmentSamples.transaction(1) + SegmentSamples.transaction(2))
        #expect(state.executed.count == 2)
        try state.fold(.events, chunk: .begin, SegmentSamples.gtid(3) + EventScript.event("BEGIN"))
        #expect(state.executed.count == 2 && state.openRun?.index == 3 && state.openRun?.gtid?.number == 3)
        try state.fold(.noop, [])
        try state.fold(.events, chunk: .middle, EventScript.event("write"))
        try state.fold(.events, chunk: .end, EventScript.event("xid"))
        #expect(state.executed.description.hasSuffix(":1-3") && state.openRun == nil)
    }

    @Test("an aborted run is not executed, and the next segment names it")
    func abort() throws {
        var state = try SegmentSamples.begun()
        try state.fold(.events, chunk: .begin, SegmentSamples.gtid(1))
        try state.fold(.abort, EventScript.event("write"))
        #expect(state.executed.isEmpty && state.openRun == nil && state.abortedRunIndex == 2)
        try state.fold(.segment, state.encoded())
        #expect(state.abortedRunIndex == 0 && state.segment.firstIndex == 4)
    }

    @Test("settings, members and the purge floor are taken whole")
    func records() throws {
        let full = try SegmentSamples.fullState()
        var state = try SegmentSamples.begun()
        try state.fold(.settings, full.settings.encoded())
        try state.fold(.membership, full.membership.encoded())
        try state.fold(.purge, [9, 0, 0, 0, 0, 0, 0, 0])
        #expect(state.settings == full.settings && state.membership == full.membership && state.purgeFloor == 9)
    }

    @Test("the upstream's place follows the entry, and a ROTATE in it")
    func place() throws {
        var state = try SegmentSamples.begun()
        let transaction = SegmentSamples.transaction(1)
        try state.fold(.events, position: 157, transaction)
        #expect(state.file == Array("binlog.000001".utf8) && state.position == 157 + UInt64(transaction.count))
        var payload = SegmentSamples.transaction(2)
        RotateEvent.encode(
            fileName: "binlog.000002".utf8, position: 4, in: EventEnvelope(serverID: 1, checksum: .crc32), into: &payload)
        try state.fold(.events, position: 500, payload)
        #expect(state.file == Array("binlog.000002".utf8) && state.position == 4)
        let description = SegmentSamples.formatDescription()
        try state.fold(.events, position: .max, description)
        #expect(state.formatDescription == description)
    }

    @Test("a segment entry may begin an epoch and add lost GTIDs, and nothing else")
    func segments() throws {
        var state = try SegmentSamples.begun()
        try state.fold(.events, SegmentSamples.transaction(5))
        var next = state
        next.epoch = 1
        next.formatDescription = SegmentSamples.formatDescription()
        next.lost = try GTIDSet(parsing: "\(SegmentSamples.source):1-4")
        next.executed = try GTIDSet(parsing: "\(SegmentSamples.source):1-5")
        try state.fold(.segment, next.encoded())
        #expect(state.epoch == 1 && state.executed.count == 5)

        let changes: [(inout LogState) -> Void] = [
            { $0.index += 1 }, { $0.term += 1 }, { $0.chain = .zero }, { $0.clusterID = .zero }, { $0.serverID += 1 },
            { $0.serverUUID = SourceID(high: 9, low: 9) }, { $0.settings.segmentSize += 1 }, { $0.purgeFloor += 1 },
            { $0.abortedRunIndex += 1 }, { $0.segment.byteCount += 1 }, { $0.segment.firstIndex += 1 }, { $0.segment.termRuns = [] },
            { $0.epoch -= 1 }, { $0.lost = GTIDSet() }, { $0.executed = GTIDSet() },
            {
                $0.membership.members = [
                    Member(name: "x", incarnation: 1, role: .voter, peerAddress: "", mysqlAddress: "", adminAddress: "")
                ]
            },
        ]
        for change in changes {
            var wrong = state
            change(&wrong)
            var folded = state
            let header = SegmentSamples.header(.segment, after: state, payload: wrong.encoded())
            #expect(throws: CodecError.self) { try folded.fold(header, payload: wrong.encoded().span.bytes) }
            #expect(folded == state, "a refused entry changed the state")
        }
    }

    @Test("what cannot follow is refused and changes nothing")
    func refusals() throws {
        let state = try SegmentSamples.begun()
        var open = state
        try open.fold(.events, chunk: .begin, SegmentSamples.gtid(1))
        let transaction = SegmentSamples.transaction(2)
        let cases: [(LogState, EntryKind, Chunk, [UInt8])] = [
            (state, .events, .middle, []), (state, .events, .end, []), (state, .abort, .whole, []),
            (state, .events, .begin, EventScript.event("write")), (state, .events, .begin, []),
            (state, .events, .whole, Array(transaction.dropLast())), (state, .purge, .whole, [1]), (state, .settings, .whole, [1, 2, 3]),
            (state, .events, .whole, SegmentSamples.formatDescription(ChecksumAlgorithm.none)),
            (open, .events, .whole, transaction), (open, .events, .begin, transaction), (open, .segment, .whole, state.encoded()),
        ]
        for (before, kind, chunk, payload) in cases {
            var folded = before
            #expect(throws: CodecError.self) { try folded.fold(kind, chunk: chunk, payload) }
            #expect(folded == before)
        }
        for change: (inout EntryHeader) -> Void in [{ $0.index += 1 }, { $0.index = .max }, { $0.term = 0 }, { $0.chain = .zero }] {
            var header = SegmentSamples.header(.noop, after: state, payload: [])
            change(&header)
            var folded = state
            #expect(throws: CodecError.self) { try folded.fold(header, payload: [UInt8]().span.bytes) }
            #expect(folded == state)
        }
    }

    @Test("altered payloads never trap")
    func hostile() throws {
        let full = try SegmentSamples.fullState()
        let state = try SegmentSamples.begun()
        let payloads: [(EntryKind, Chunk, [UInt8])] = [
            (.events, .whole, SegmentSamples.transaction(1) + SegmentSamples.formatDescription()),
            (.events, .begin, SegmentSamples.gtid(1)),
            (.segment, .whole, state.encoded()), (.settings, .whole, full.settings.encoded()),
            (.membership, .whole, full.membership.encoded()), (.purge, .whole, [1, 2, 3, 4, 5, 6, 7, 8]),
        ]
        var random = SplitMix64(seed: 3)
        for (kind, chunk, payload) in payloads {
            for _ in 0..<5000 {
                var changed = payload
                for _ in 0...Int.random(in: 0..<2, using: &random) {
                    changed[Int.random(in: 0..<changed.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                if random.next() % 4 == 0 { changed.removeLast(Int.random(in: 0...changed.count, using: &random)) }
                var folded = state
                do { try folded.fold(kind, chunk: chunk, changed) } catch { #expect(folded == state) }
            }
        }
    }

    @Test("the extent follows every entry")
    func extent() throws {
        var state = try SegmentSamples.begun()
        let begin = state.segment
        #expect(begin.firstIndex == 1 && begin.termRuns == [TermRun(firstIndex: 1, term: 1)])
        let payload = SegmentSamples.transaction(1)
        try state.fold(.events, payload)
        let size = SegmentSamples.header(.events, after: state, payload: payload).storedByteCount(checksum: .crc32)
        #expect(state.segment.byteCount == begin.byteCount + size)
        try state.fold(.noop, term: 4, [])
        #expect(state.segment.termRuns == [TermRun(firstIndex: 1, term: 1), TermRun(firstIndex: 3, term: 4)])
    }
}
