import BinlogInput
import Common
import Foundation
import Log
import Testing

@testable import binlog_inspect

@Suite struct DataDirectoryTests {
    private static let source = SourceID(high: 0x3e11_fa47_71ca_11e1, low: 0x9e33_c80a_a942_9562)

    /// A data directory with entries of every kind in two segments; the last two entries are a transaction that is not committed.
    private final class SampleDirectory {
        let folder: TemporaryFolder
        let path: String
        private var state: LogState
        private var entries: [Entry] = []
        var commitIndex: UInt64 = 0

        init() throws {
            folder = try TemporaryFolder()
            path = folder.path("data")
            state = LogState(
                clusterID: SourceID(high: 1, low: 2), serverID: 7, serverUUID: SourceID(high: 3, low: 4),
                membership: Membership(members: [
                    Member(name: "n1", incarnation: 5, role: .voter, peerAddress: "a:1", mysqlAddress: "a:2", adminAddress: "a:3")
                ]), settings: ClusterSettings(segmentSize: 1 << 20))
            var description: [UInt8] = []
            FormatDescriptionEvent(
                serverVersion: "8.4.3", postHeaderLengths: FormatDescriptionEvent.currentPostHeaderLengths, checksum: .crc32
            ).encode(
                in: EventEnvelope(timestamp: 1_700_000_000, serverID: 1, position: .startingAt(4), checksum: .crc32), into: &description)
            try append(.segment, state.encoded())
            try append(.noop, [])
            try append(.events, description + transaction(1))
            try append(.segment, state.encoded())
            try append(.events, chunk: .begin, gtid(2) + begin)
            try append(.events, chunk: .middle, query("UPDATE t SET a = 1"))
            try append(.events, chunk: .end, xid)
            commitIndex = 7
            try append(.events, chunk: .begin, gtid(3) + begin)
            try append(.events, chunk: .end, xid)
        }

        func write(commit: UInt64? = nil) throws {
            let log = try Log.open(directory: path, options: LogOptions(name: "n1", newIncarnation: 5))
            if let commit { log.noteCommit(commit) }
            log.submit(LogWrite(entries: entries))
            _ = try log.step()
            if commit != nil { _ = try log.step() }
            log.stop()
        }

        private func append(_ kind: EntryKind, chunk: Chunk = .whole, _ bytes: [UInt8]) throws {
            var encoder = EntryEncoder(chain: state.chain)
            let entry = encoder.entry(
                kind, chunk: chunk, term: 1, index: state.index + 1, epoch: 1, file: Array("binlog.000001".utf8), position: 4,
                commitIndex: commitIndex, payload: bytes.isEmpty ? .none : .bytes(bytes))
            if state.index == 0 {
                state = try LogState(beginningWith: entry.header, payload: bytes.span.bytes)
            } else {
                try state.fold(entry.header, payload: bytes.span.bytes)
            }
            entries.append(entry)
        }

        private var xid: [UInt8] { event(.xid, [1, 0, 0, 0, 0, 0, 0, 0]) }
        private var begin: [UInt8] { query("BEGIN") }
        private func transaction(_ number: UInt64) -> [UInt8] { gtid(number) + begin + xid }

        private func query(_ text: String) -> [UInt8] {
            var bytes: [UInt8] = []
            QueryEvent.encode(Array(text.utf8), database: [], in: EventEnvelope(serverID: 1, checksum: .crc32), into: &bytes)
            return bytes
        }

        private func gtid(_ number: UInt64) -> [UInt8] {
            var body: [UInt8] = [0]
            DataDirectoryTests.source.encode(into: &body)
            body.append(littleEndian: number)
            return event(.gtid, body)
        }

        private func event(_ type: EventType, _ body: [UInt8]) -> [UInt8] {
            var bytes: [UInt8] = []
            let length = UInt32(EventHeader.byteCount + body.count + 4)
            EventHeader(timestamp: 1_700_000_000, type: type, serverID: 1, eventLength: length).encode(into: &bytes)
            bytes.append(contentsOf: body)
            let crc = CRC32.checksum(of: bytes.span.bytes)
            bytes.append(littleEndian: crc)
            return bytes
        }

        /// The second segment's file.
        var lastSegment: String { "\(path)/segments/00000000000000000004.binlog" }
    }

    private func entries(_ shown: Inspected) -> [Int] {
        shown.events.compactMap { line in line.range(of: "  entry ").flatMap { Int(line[$0.upperBound...].prefix { $0 != " " }) } }
    }

    @Test("a directory is shown to its last commit, all segments in a row", arguments: [false, true])
    func committed(verify: Bool) throws {
        let directory = try SampleDirectory()
        try directory.write()
        let shown = try Inspected([directory.path], InspectOptions(verify: verify))
        #expect(shown.error == nil)
        #expect(entries(shown) == Array(1...7))
        #expect(shown.events.contains { $0.contains("entry 5 term=1 kind=events chunk=begin commit=0") })
        #expect(!shown.events.contains { $0.contains("9562:3") })
    }

    @Test("what is not committed is shown on demand, and marked")
    func uncommitted() throws {
        let directory = try SampleDirectory()
        try directory.write()
        let shown = try Inspected([directory.path], InspectOptions(verify: true, showsUncommitted: true))
        #expect(shown.error == nil)
        #expect(entries(shown) == Array(1...9))
        let marked = shown.events.filter { $0.hasSuffix("[uncommitted]") }
        #expect(marked.count == 5)
        #expect(marked.first?.contains("entry 8 ") == true)
    }

    @Test("the hard state's commit index counts too, and a transaction that is committed in part is not shown")
    func commitInHardState() throws {
        let whole = try SampleDirectory()
        try whole.write(commit: 9)
        #expect(entries(try Inspected([whole.path])) == Array(1...9))
        let part = try SampleDirectory()
        try part.write(commit: 8)
        #expect(entries(try Inspected([part.path])) == Array(1...7))
    }

    @Test("a set picks its transactions out of entries")
    func filtered() throws {
        let directory = try SampleDirectory()
        try directory.write()
        let set = try GTIDSet(parsing: "\(Self.source):2")
        let shown = try Inspected([directory.path], InspectOptions(filter: TransactionFilter(included: set)))
        #expect(shown.events.count == 4)
        #expect(shown.events.first?.contains("Gtid") == true && shown.events.last?.contains("Xid") == true)
    }

    @Test("a flipped bit is found wherever it is in a segment file")
    func flippedBits() throws {
        let directory = try SampleDirectory()
        try directory.write(commit: 9)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: directory.lastSegment)))
        for position in stride(from: 0, to: bytes.count, by: 7) {
            var damaged = bytes
            damaged[position] ^= 1 << UInt8(position % 8)
            try Data(damaged).write(to: URL(filePath: directory.lastSegment))
            let shown = try Inspected([directory.path], InspectOptions(verify: true))
            #expect(shown.error?.code == .damaged, "byte \(position)")
            #expect(shown.error?.file == directory.lastSegment)
        }
    }

    @Test("damage in the middle of the last segment is found though no commit index behind it was noted")
    func damageBehindStaleMarks() throws {
        let directory = try SampleDirectory()
        try directory.write()
        try FileManager.default.removeItem(atPath: "\(directory.path)/hardstate")
        let intact = try Inspected([directory.path])
        let line = try #require(intact.events.first { $0.contains("entry 6 ") })
        let offset = try #require(Int(line.split(separator: " ")[0]))
        var bytes = try Data(contentsOf: URL(filePath: directory.lastSegment))
        bytes[offset + EventHeader.byteCount + 20] ^= 1
        try bytes.write(to: URL(filePath: directory.lastSegment))
        let shown = try Inspected([directory.path])
        #expect(shown.error?.code == .damaged)
        #expect(shown.error?.offset == UInt64(offset))
        #expect(entries(shown) == Array(1...5))
    }

    @Test("a log that ends before what was durable is damaged; above the durable mark its end is only told")
    func truncated() throws {
        let directory = try SampleDirectory()
        try directory.write(commit: 9)
        let bytes = try Data(contentsOf: URL(filePath: directory.lastSegment))
        try bytes.dropLast(1).write(to: URL(filePath: directory.lastSegment))
        #expect(try Inspected([directory.path], InspectOptions(showsUncommitted: true)).error?.code == .damaged)
        try FileManager.default.removeItem(atPath: "\(directory.path)/hardstate")
        let shown = try Inspected([directory.path], InspectOptions(showsUncommitted: true))
        #expect(shown.error == nil)
        #expect(shown.comments.contains { $0.hasPrefix("# note: the log ends in an entry that is being written, or was never finished") })
    }
}
