import Common
import Foundation
import Log
import Testing

@testable import kingbus_node

/// Entries that are read from disk to be sent.
@Suite struct StoredEntriesTests {
    /// Three segments of small entries, whose payloads name their index.
    private final class Fixture {
        let log: Log
        private(set) var maker = SampleEntries()
        private(set) var headers: [EntryHeader] = []

        init(entries: Int) throws {
            let name = "kingbus-stored-tests-\(UInt32.random(in: .min ... .max))"
            log = try Log.open(
                directory: FileManager.default.temporaryDirectory.appending(path: name).path, options: LogOptions(name: "n1"))
            var all: [LogEntry] = []
            for index in 1...entries {
                if index % (entries / 3 + 1) == 1 { all.append(maker.segment()) } else { all.append(maker.entry(20 + index % 50)) }
            }
            try write(all)
        }

        deinit {
            log.stop()
            try? FileManager.default.removeItem(atPath: log.directory)
        }

        func write(_ entries: [LogEntry]) throws {
            var hardState: StoredHardState?
            if headers.isEmpty { hardState = StoredHardState(term: 2, vote: 1) }
            log.submit(LogWrite(hardState: hardState, entries: entries))
            _ = try log.step()
            headers += entries.map(\.header)
        }

        func append(_ payload: Int) throws { try write([maker.entry(payload)]) }
    }

    private func check(_ stored: inout StoredEntries, _ header: EntryHeader) throws {
        let entry = try stored.entry(at: header.index, term: header.term)
        #expect(entry.header == header)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(entry.payload.byteCount), alignment: 8)
        defer { buffer.deallocate() }
        try entry.payload.read(at: 0, into: buffer)
        #expect(CRC32C.checksum(of: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(buffer))) == header.payloadChecksum)
    }

    @Test func `entries are found in order, backwards and anywhere`() throws {
        let fixture = try Fixture(entries: 3000)
        #expect(fixture.log.catalog.segments().count == 3)
        var stored = StoredEntries(catalog: fixture.log.catalog)
        for header in fixture.headers { try check(&stored, header) }
        for header in fixture.headers.reversed() where header.index % 97 == 0 { try check(&stored, header) }
        var random = SeededGenerator(seed: 4)
        for _ in 0..<300 {
            let header = try #require(fixture.headers.randomElement(using: &random))
            try check(&stored, header)
        }
    }

    @Test func `an entry that is appended later is found`() throws {
        let fixture = try Fixture(entries: 10)
        var stored = StoredEntries(catalog: fixture.log.catalog)
        #expect(throws: LogError.self) { _ = try stored.entry(at: 11, term: 2) }
        for index in 11...40 {
            try fixture.append(index * 10)
            try check(&stored, fixture.headers[index - 1])
        }
    }

    @Test func `an entry of another term is not there`() throws {
        let fixture = try Fixture(entries: 10)
        var stored = StoredEntries(catalog: fixture.log.catalog)
        #expect(throws: LogError.self) { _ = try stored.entry(at: 5, term: 3) }
        #expect(throws: LogError.self) { _ = try stored.entry(at: 0, term: 2) }
        try check(&stored, fixture.headers[4])
    }

    @Test func `a long search is done in parts`() throws {
        let fixture = try Fixture(entries: 900)
        var stored = StoredEntries(catalog: fixture.log.catalog)
        var turns = 1
        while try !stored.approach(290, steps: 50) { turns += 1 }
        #expect(turns == 6)
        try check(&stored, fixture.headers[289])
    }

    @Test func `a payload can be read after its segment was purged`() throws {
        let fixture = try Fixture(entries: 300)
        var stored = StoredEntries(catalog: fixture.log.catalog)
        let entry = try stored.entry(at: 7, term: 2)
        fixture.log.catalog.purge(below: 202)
        #expect(fixture.log.catalog.segment(holding: 7) == nil)
        _ = try fixture.log.step()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(entry.payload.byteCount), alignment: 8)
        defer { buffer.deallocate() }
        try entry.payload.read(at: 0, into: buffer)
        #expect(CRC32C.checksum(of: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(buffer))) == entry.header.payloadChecksum)
        #expect(throws: LogError.self) { _ = try stored.entry(at: 8, term: 2) }
    }
}
