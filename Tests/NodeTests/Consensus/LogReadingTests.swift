import Common
import Foundation
import Log
import Testing

@testable import kingbus_node

/// How much of the log is read for what is wanted of it.
@Suite struct LogReadingTests {
    private let fixture: LogFixture

    init() throws { fixture = try LogFixture() }

    @Test func `entries of the last segment are read without the segments before it`() throws {
        var file = SourceFile("b.000001")
        try fixture.append([file.format()])
        try fixture.append(file.transaction(1))
        let damaged = fixture.log.catalog.segments()[0]
        try fixture.roll()
        let first = fixture.state.index
        try fixture.append(file.transaction(2))
        // Whoever reads on behind its beginning would stumble.
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: damaged.path))
        try handle.seek(toOffset: damaged.firstEntryOffset)
        try handle.write(contentsOf: [UInt8](repeating: 0, count: 64))
        try handle.close()
        var indexes: [UInt64] = []
        try fixture.log.catalog.forEachEntry(from: first, through: fixture.state.index) { header, _ in indexes.append(header.index) }
        #expect(indexes == [first, first + 1])
    }

    @Test(arguments: [false, true]) func `of an aborted run its beginning is read, and of an XA transaction its end`(isXA: Bool) throws {
        var file = SourceFile("b.000001")
        try fixture.append([file.format()])
        try fixture.append([file.gtid(1), file.query(isXA ? "XA START X'61',X'',1" : "BEGIN")], chunk: .begin)
        // What is no event is noticed by whoever walks over it.
        try fixture.append(
            Batch(chunk: .middle, file: file.name, position: fixture.state.position, payload: .bytes([1, 2, 3]), newFormat: nil))
        if isXA {
            let end = file.query("XA END X'61',X'',1").bytes
            try fixture.append(
                Batch(chunk: .middle, file: file.name, position: fixture.state.position, payload: .bytes(end), newFormat: nil))
        }
        let events = try AbortedRun.endingEvents(
            of: try #require(fixture.state.openRun), in: fixture.log.catalog, through: fixture.state.index, serverID: 77, checksum: .crc32)
        var statements: [String] = []
        var cursor = EventCursor(events.span.bytes)
        while let header = try cursor.next() {
            guard header.type == .query else { continue }
            statements.append(try QueryEvent(decoding: cursor.event, checksum: .crc32).query.string)
        }
        #expect(statements == (isXA ? ["XA ROLLBACK X'61',X'',1"] : []))
    }

    @Test func `a reader of purged segments goes on with the next, not with the first that is left`() throws {
        var file = SourceFile("b.000001")
        try fixture.append([file.format()])
        for number: UInt64 in 1...3 {
            try fixture.append(file.transaction(number))
            try fixture.roll()
        }
        let all = fixture.log.catalog.segments()
        fixture.log.catalog.purge(below: all[all.count - 1].firstIndex)
        #expect(fixture.log.catalog.segments().count == 1)
        var walked = [all[0].firstIndex]
        var segment = all[0]
        while let next = fixture.log.catalog.segment(after: segment) {
            walked.append(next.firstIndex)
            segment = next
        }
        #expect(walked == all.map(\.firstIndex))
    }
}
