import Common
import Log
import SimulatedDisk
import Testing

@Suite struct SegmentReaderTests {
    private func log(_ sample: SampleLog, seed: UInt64 = 0, shortTransfers: Bool = false) throws -> Log {
        let log = try openLog(SimulatedFileSystem(seed: seed, shortTransfers: shortTransfers))
        log.submit(LogWrite(entries: sample.entries))
        _ = try log.step()
        return log
    }

    @Test("nothing above the limit is returned, and the reader goes on when the limit rises")
    func limit() throws {
        var sample = SampleLog()
        sample.segment()
        for _ in 0..<9 { sample.transaction() }
        let log = try log(sample)
        var reader = SegmentReader(segment: log.catalog.segments()[0])
        var last: UInt64 = 0
        for limit in [0, 0, 3, 3, 4, 10, 10] as [UInt64] {
            while let header = try reader.nextEntry(through: limit) {
                #expect(header.index == last + 1 && header.index <= limit)
                last = header.index
            }
            #expect(last == limit)
        }
        #expect(reader.offset == log.catalog.segments()[0].byteCount)
    }

    @Test("entries that were read ahead and then replaced are not served when the limit reaches them")
    func replacedEntries() throws {
        var sample = SampleLog()
        sample.segment()
        for _ in 0..<9 { sample.transaction() }
        let log = try log(sample)
        var reader = SegmentReader(segment: log.catalog.segments()[0])
        for _ in 0..<4 { _ = try reader.nextEntry(through: 5) }
        sample.rewind(to: 5, term: 2)
        for _ in 0..<5 { sample.transaction(rowBytes: 100) }
        log.submit(LogWrite(truncateAfter: 5, entries: Array(sample.entries[5...])))
        _ = try log.step()
        var found: [EntryHeader] = []
        while let header = try reader.nextEntry(through: 10) { found.append(header) }
        #expect(found == sample.entries[4...].map(\.header))
    }

    @Test("reading begins at any entry's offset")
    func offsets() throws {
        var sample = SampleLog()
        sample.segment()
        for _ in 0..<5 { sample.transaction() }
        let log = try log(sample)
        let segment = log.catalog.segments()[0]
        var places: [(offset: UInt64, index: UInt64)] = []
        var reader = SegmentReader(segment: segment)
        while let header = try reader.nextEntry(through: .max) { places.append((reader.entryOffset, header.index)) }
        for place in places {
            var known = SegmentReader(segment: segment, at: place.offset, index: place.index)
            #expect(try known.nextEntry(through: place.index - 1) == nil)
            #expect(try known.nextEntry(through: place.index)?.index == place.index)
            var unknown = SegmentReader(segment: segment, at: place.offset)
            #expect(try unknown.nextEntry(through: place.index)?.index == place.index)
        }
    }

    @Test("a payload comes in pieces of at least what is asked for, and what is left is skipped", arguments: [false, true])
    func pieces(shortTransfers: Bool) throws {
        var sample = SampleLog()
        sample.segment()
        let entry = sample.transaction(rowBytes: 700_000)
        sample.noop()
        guard case .bytes(let expected) = entry.payload else { return }
        let log = try log(sample, seed: 5, shortTransfers: shortTransfers)
        var reader = SegmentReader(segment: log.catalog.segments()[0])
        _ = try reader.nextEntry(through: 2)
        _ = try reader.nextEntry(through: 2)
        var found: [UInt8] = []
        while reader.payloadRemaining > 0 {
            let left = reader.payloadRemaining
            try reader.withPayload(atLeast: 100_000) { bytes in
                #expect(bytes.byteCount >= min(100_000, Int(left)))
                let count = min(bytes.byteCount, 33_333)
                found.append(bytes.extracting(0..<count))
                return count
            }
        }
        #expect(found == expected)
        #expect(try reader.nextEntry(through: 3)?.kind == .noop)

        var skipping = SegmentReader(segment: log.catalog.segments()[0])
        #expect(try skipping.nextEntry(through: 9)?.index == 1)
        #expect(try skipping.nextEntry(through: 9)?.index == 2)
        try skipping.withPayload(atLeast: 10) { _ in 10 }
        #expect(try skipping.nextEntry(through: 9)?.index == 3)
        #expect(try skipping.nextEntry(through: 9) == nil)
    }

    @Test("a flipped bit in a header is an error that names the place")
    func damage() throws {
        let fileSystem = SimulatedFileSystem()
        let log = try openLog(fileSystem)
        var sample = SampleLog()
        sample.segment()
        sample.transaction()
        log.submit(LogWrite(entries: sample.entries))
        _ = try log.step()
        var reader = SegmentReader(segment: log.catalog.segments()[0])
        _ = try reader.nextEntry(through: 2)
        let offset = reader.offset + reader.payloadRemaining + 4
        fileSystem.alter(segmentPath) { $0[Int(offset) + 40] ^= 4 }
        var fresh = SegmentReader(segment: log.catalog.segments()[0])
        _ = try fresh.nextEntry(through: 2)
        do throws(LogError) {
            _ = try fresh.nextEntry(through: 2)
            Issue.record("a damaged header was accepted")
        } catch {
            #expect(error.code == .corruption && error.offset == offset && error.file == segmentPath)
        }
    }
}
