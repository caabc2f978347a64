import Common
import Log
import SimulatedDisk
import Testing

@Suite struct DiskFaultTests {
    private func started() throws -> (SimulatedFileSystem, Log, SampleLog) {
        let fileSystem = SimulatedFileSystem()
        let log = try openLog(fileSystem)
        var sample = SampleLog()
        sample.segment()
        log.submit(LogWrite(entries: sample.entries))
        _ = try log.step()
        return (fileSystem, log, sample)
    }

    @Test("a failed sync completes nothing", arguments: [SimulatedFileSystem.Operation.sync, .write])
    func failure(operation: SimulatedFileSystem.Operation) throws {
        var (fileSystem, log, sample) = try started()
        sample.transaction()
        log.submit(LogWrite(entries: [sample.entries[1]]))
        fileSystem.fail(operation, LogError(.io, file: "x", "Input/output error"))
        #expect(throws: LogError(.io, file: "x", "Input/output error")) { try log.step() }
        fileSystem.crash(.nothing)
        #expect(try openLog(fileSystem).recovered.lastIndex == 1)
    }

    @Test("a full disk is one clear error, and the log opens again without a free byte")
    func fullDisk() throws {
        var (fileSystem, log, sample) = try started()
        fileSystem.setFreeBytes(1000)
        sample.transaction(rowBytes: 5000)
        log.submit(LogWrite(entries: [sample.entries[1]]))
        do throws(LogError) {
            _ = try log.step()
            Issue.record("the disk was not full")
        } catch {
            #expect(error.code == .noSpace)
        }
        fileSystem.setFreeBytes(0)
        fileSystem.kill()
        #expect(try openLog(fileSystem).recovered.lastIndex == 1)
    }

    @Test("a disk that cannot be read is an error of its own, not a damaged log")
    func unreadable() throws {
        let (fileSystem, _, _) = try started()
        for delay in 0..<60 {
            let copy = fileSystem.copy()
            copy.fail(.read, LogError(.io, file: "x", "Input/output error"), after: delay)
            let before = copy.snapshot().filter { $0.key.hasSuffix(".binlog") }
            if let error = openingError(copy) { #expect(error.code == .io) }
            #expect(copy.snapshot().filter { $0.key.hasSuffix(".binlog") } == before)
        }
    }

    @Test("a spooled event is written in slices and read back in pieces")
    func spool() throws {
        let (fileSystem, log, _) = try started()
        var (_, _, sample) = try started()
        let spool = try Spool(directory: log.spoolDirectory, fileSystem: fileSystem)
        var content: [UInt8] = []
        for number in 0..<9 {
            let part = SampleEvents.rows(150_000, fill: UInt64(number))
            try spool.append(part.span.bytes)
            content.append(contentsOf: part)
        }
        #expect(spool.byteCount == UInt64(content.count) && spool.crc32c == CRC32C.checksum(of: content.span.bytes))
        sample.openRun()
        let middle = sample.append(.events, chunk: .middle, .spool(spool), content: [])
        #expect(middle.header.payloadLength == UInt64(content.count))
        log.submit(LogWrite(entries: Array(sample.entries[1...])))
        _ = try log.step()
        fileSystem.crash(.nothing)
        let again = try openLog(fileSystem)
        #expect(again.recovered.state == sample.state)
        let stored = try storedEntries(again)
        #expect(stored.last?.payload == content && stored.last?.header == middle.header)
    }

    @Test("purged files go in order, once nobody reads them")
    func purge() throws {
        let fileSystem = SimulatedFileSystem()
        let log = try openLog(fileSystem)
        var sample = SampleLog()
        for number in 0..<5 {
            sample.segment()
            if number == 3 { sample.append(.purge, [7, 0, 0, 0, 0, 0, 0, 0]) }
            sample.transaction()
        }
        log.submit(LogWrite(entries: sample.entries))
        _ = try log.step()
        func files() -> Int { fileSystem.snapshot().keys.count { $0.hasSuffix(".binlog") } }
        var pinned: Segment? = log.catalog.segments()[0]
        log.catalog.purge(below: 7)
        _ = try log.step()
        #expect(log.catalog.segments().map(\.firstIndex) == [7, 10])
        #expect(files() == 5)
        var reader: SegmentReader? = SegmentReader(segment: try #require(pinned))
        pinned = nil
        #expect(try reader?.nextEntry(through: 2)?.index == 1)
        reader = nil
        _ = try log.step()
        #expect(files() == 2)
        fileSystem.crash(.nothing)
        let again = try openLog(fileSystem)
        #expect(again.recovered.firstIndex == 7)
        #expect(again.recovered.termRuns == [TermRun(firstIndex: 6, term: 1)])
        log.catalog.purge(below: .max)
        #expect(log.catalog.segments().count == 1)
    }
}
