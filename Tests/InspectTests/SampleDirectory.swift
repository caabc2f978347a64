import BinlogFiles
import Common
import Foundation
import Log

/// A data directory with entries of every kind in two segments; the last two entries are a transaction that is not committed.
final class SampleDirectory {
    static let source = SourceID(high: 0x3e11_fa47_71ca_11e1, low: 0x9e33_c80a_a942_9562)

    let folder: TemporaryFolder
    let path: String
    private var state: LogState
    private var entries: [Entry] = []
    var commitIndex: UInt64 = 0

    /// - Parameter fill: appends what comes behind the segment entry that a log begins with.
    init(_ fill: (SampleDirectory) throws -> Void) throws {
        folder = try TemporaryFolder()
        path = folder.path("data")
        state = LogState(
            clusterID: SourceID(high: 1, low: 2), serverID: 7, serverUUID: SourceID(high: 3, low: 4),
            membership: Membership(members: [
                Member(name: "n1", incarnation: 5, role: .voter, peerAddress: "a:1", mysqlAddress: "a:2", adminAddress: "a:3")
            ]), settings: ClusterSettings(segmentSize: 1 << 20))
        try appendSegment()
        try fill(self)
    }

    convenience init() throws {
        try self.init { log in
            try log.append(.noop, [])
            try log.append(.events, Self.description + log.transaction(1))
            try log.appendSegment()
            try log.append(.events, chunk: .begin, log.gtid(2) + log.begin)
            try log.append(.events, chunk: .middle, log.query("UPDATE t SET a = 1"))
            try log.append(.events, chunk: .end, log.xid)
            log.commitIndex = 7
            try log.append(.events, chunk: .begin, log.gtid(3) + log.begin)
            try log.append(.events, chunk: .end, log.xid)
        }
    }

    static let description: [UInt8] = {
        var bytes: [UInt8] = []
        FormatDescriptionEvent(
            serverVersion: "8.4.3", postHeaderLengths: FormatDescriptionEvent.currentPostHeaderLengths, checksum: .crc32
        ).encode(in: EventEnvelope(timestamp: 1_700_000_000, serverID: 1, position: .startingAt(4), checksum: .crc32), into: &bytes)
        return bytes
    }()

    func appendSegment() throws { try append(.segment, state.encoded()) }

    func write(commit: UInt64? = nil) throws {
        let log = try Log.open(directory: path, options: LogOptions(name: "n1", newIncarnation: 5))
        if let commit { log.noteCommit(commit) }
        log.submit(LogWrite(entries: entries))
        _ = try log.step()
        if commit != nil { _ = try log.step() }
        log.stop()
    }

    func append(_ kind: EntryKind, chunk: Chunk = .whole, _ bytes: [UInt8]) throws {
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

    var xid: [UInt8] { event(.xid, [1, 0, 0, 0, 0, 0, 0, 0]) }
    var begin: [UInt8] { query("BEGIN") }
    func transaction(_ number: UInt64) -> [UInt8] { gtid(number) + begin + xid }

    func query(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        QueryEvent.encode(Array(text.utf8), database: [], in: EventEnvelope(serverID: 1, checksum: .crc32), into: &bytes)
        return bytes
    }

    func gtid(_ number: UInt64) -> [UInt8] {
        var body: [UInt8] = [0]
        Self.source.encode(into: &body)
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

    /// The segments' files, in their order.
    var segments: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: "\(path)/segments").sorted().map { "\(path)/segments/\($0)" }
        }
    }

    /// The second segment's file.
    var lastSegment: String { "\(path)/segments/00000000000000000004.binlog" }
}
