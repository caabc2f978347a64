import Common
import Log
import SimulatedDisk
import Testing

@Suite struct LogRoundTripTests {
    @Test("what was appended is read back, before and after the log is opened again", arguments: [false, true])
    func roundTrip(shortTransfers: Bool) throws {
        let fileSystem = SimulatedFileSystem(seed: 1, shortTransfers: shortTransfers)
        var sample = SampleLog()
        sample.segment()
        sample.noop()
        for number in 0..<20 { sample.transaction(rowBytes: number * 37) }
        sample.run(chunks: 4)
        sample.append(.settings, sample.state.settings.encoded())
        sample.append(.membership, sample.state.membership.encoded())
        sample.append(.purge, [1, 0, 0, 0, 0, 0, 0, 0])
        sample.transaction(rowBytes: 300_000)
        let log = try openLog(fileSystem)
        log.submit(LogWrite(hardState: HardState(term: 3, vote: 8), entries: sample.entries))
        let completions = try log.step()
        #expect(completions == [LogCompletion(lastIndex: sample.state.index, lastTerm: 1, hardState: HardState(term: 3, vote: 8))])
        try expectLog(log, holds: sample.entries)
        log.noteCommit(5)
        _ = try log.step()
        log.stop()

        let again = try openLog(fileSystem)
        try expectLog(again, holds: sample.entries)
        #expect(again.recovered.state == sample.state)
        #expect(again.recovered.hardState == HardState(term: 3, vote: 8, durable: sample.state.index, commit: 5))
        #expect(again.recovered.committedState?.index == 5)
        #expect(again.recovered.committedState?.executed.count == 3)
        #expect(again.recovered.identity == MemberIdentity(name: "n1", incarnation: 9))
        #expect(again.recovered.cutOff == nil)
    }

    @Test("a new directory is an empty log, and its identity stays")
    func empty() throws {
        let fileSystem = SimulatedFileSystem()
        let log = try openLog(fileSystem)
        #expect(log.recovered.state == nil && log.recovered.lastIndex == 0 && log.recovered.firstIndex == 1)
        log.stop()
        let again = try Log.open(directory: "/data", fileSystem: fileSystem, options: LogOptions(name: "other"))
        #expect(again.recovered.identity == MemberIdentity(name: "n1", incarnation: 9))
    }

    @Test("each segment entry begins a file, and terms are known without reading the earlier files")
    func rolling() throws {
        let fileSystem = SimulatedFileSystem()
        var sample = SampleLog()
        for segment in 0..<5 {
            sample.segment()
            for number in 0..<4 {
                if number == 2 { sample.term += UInt64(segment % 2) + 1 }
                sample.transaction()
            }
        }
        let log = try openLog(fileSystem)
        log.submit(LogWrite(entries: sample.entries))
        _ = try log.step()
        #expect(log.catalog.segments().map(\.firstIndex) == [1, 6, 11, 16, 21])
        #expect(log.catalog.segment(holding: 10)?.firstIndex == 6)
        #expect(log.catalog.segment(holding: 0) == nil)
        #expect(log.catalog.segment(holding: 99)?.firstIndex == 21)
        log.stop()
        let again = try openLog(fileSystem)
        try expectLog(again, holds: sample.entries)
        var runs: [TermRun] = []
        for entry in sample.entries where entry.header.term != runs.last?.term {
            runs.append(TermRun(firstIndex: entry.header.index, term: entry.header.term))
        }
        #expect(again.recovered.termRuns == runs)
        #expect(again.recovered.state == sample.state)
    }

    @Test("the extent that the state folds is the file's length")
    func extent() throws {
        let fileSystem = SimulatedFileSystem()
        var sample = SampleLog()
        sample.segment()
        sample.transaction()
        sample.noop()
        let log = try openLog(fileSystem)
        log.submit(LogWrite(entries: sample.entries))
        _ = try log.step()
        #expect(UInt64(fileSystem.contents(segmentPath).count) == sample.state.segment.byteCount)
        #expect(log.catalog.segments()[0].byteCount == sample.state.segment.byteCount)
    }

    @Test("a suffix is cut off, across files, and replaced")
    func truncation() throws {
        let fileSystem = SimulatedFileSystem()
        var sample = SampleLog()
        sample.segment()
        for _ in 0..<3 { sample.transaction() }
        sample.openRun()
        sample.append(.abort, SampleEvents.rows(10, fill: 1))
        sample.segment()
        for _ in 0..<3 { sample.transaction() }
        let log = try openLog(fileSystem)
        log.submit(LogWrite(entries: sample.entries))
        _ = try log.step()
        #expect(log.catalog.segments()[0].abortedRunIndex == 5)
        sample.rewind(to: 3, term: 2)
        sample.transaction(rowBytes: 9)
        sample.noop()
        log.submit(LogWrite(truncateAfter: 3, entries: Array(sample.entries.suffix(2))))
        #expect(try log.step() == [LogCompletion(lastIndex: 5, lastTerm: 2)])
        #expect(log.catalog.segments().map(\.firstIndex) == [1])
        #expect(log.catalog.segments()[0].abortedRunIndex == 0)
        try expectLog(log, holds: sample.entries)
        fileSystem.crash(.nothing)
        try expectLog(try openLog(fileSystem), holds: sample.entries)
    }

    @Test("all of a log that never was committed can be cut off")
    func truncationToNothing() throws {
        let fileSystem = SimulatedFileSystem()
        var sample = SampleLog()
        sample.segment()
        sample.noop()
        let log = try openLog(fileSystem)
        log.submit(LogWrite(entries: sample.entries))
        log.submit(LogWrite(truncateAfter: 0, entries: sample.entries))
        #expect(try log.step().map(\.lastIndex) == [2, 2])
        log.submit(LogWrite(truncateAfter: 0))
        _ = try log.step()
        fileSystem.crash(.nothing)
        #expect(try openLog(fileSystem).recovered.lastIndex == 0)
    }

    @Test("a file begins as a binlog file does, and is the same for the same state")
    func fileHeader() throws {
        var sample = SampleLog()
        sample.segment()
        sample.transaction()
        var state = sample.state
        state.formatDescription = SampleEvents.formatDescription()
        let bytes = try state.fileHeader()
        #expect(bytes == (try state.fileHeader()))
        #expect(Array(bytes[..<4]) == LogState.fileMagic)
        var cursor = EventCursor(bytes.span.bytes.extracting(4..<bytes.count))
        let format = try #require(try cursor.next())
        let description = try FormatDescriptionEvent(decoding: cursor.event)
        try verifyChecksum(event: cursor.event)
        #expect(format.type == .formatDescription && format.endPosition == 4 + format.eventLength && format.flags == [])
        #expect(description.created == format.timestamp && description.serverVersion == "8.4.3")
        let previous = try #require(try cursor.next())
        try verifyChecksum(event: cursor.event)
        #expect(previous.type == .previousGTIDs && previous.endPosition == UInt32(bytes.count))
        let body = try PreviousGTIDsEvent(decoding: cursor.event, checksum: .crc32)
        #expect(try GTIDSet(decoding: body.encodedSet) == state.executed)
        #expect(try cursor.next() == nil)
    }

    @Test("a file without checksums holds entries without them")
    func withoutChecksums() throws {
        let fileSystem = SimulatedFileSystem()
        var sample = SampleLog()
        sample.segment()
        var state = sample.state
        state.formatDescription = SampleEvents.formatDescription(checksum: .none)
        sample.append(.segment, state.encoded())
        sample.noop()
        sample.append(.settings, sample.state.settings.encoded())
        #expect(sample.state.checksum == .none)
        let log = try openLog(fileSystem)
        log.submit(LogWrite(entries: sample.entries))
        _ = try log.step()
        #expect(log.catalog.segments().map(\.checksum) == [.crc32, .none])
        log.stop()
        let again = try openLog(fileSystem)
        try expectLog(again, holds: sample.entries)
        #expect(again.recovered.state == sample.state)
    }
}
