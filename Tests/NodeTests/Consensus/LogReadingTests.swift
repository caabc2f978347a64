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
}
