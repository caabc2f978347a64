import Common
import Foundation
import Log

@testable import kingbus_node

/// A real log in a temporary directory, whose entries are committed as soon as they are durable.
final class LogFixture {
    let directory: String
    let log: Log
    let committed: CommittedLog
    private(set) var factory: EntryFactory

    init(segmentSize: UInt64 = 1 << 30) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "kingbus-node-tests-\(UInt32.random(in: .min ... .max))").path
        log = try Log.open(directory: directory, options: LogOptions(name: "n1"))
        let member = Member(
            name: "n1", incarnation: log.recovered.identity.incarnation, role: .voter, peerAddress: "", mysqlAddress: "", adminAddress: "")
        let empty = LogState(
            clusterID: SourceID(high: 7, low: 7), serverID: 77, serverUUID: SourceID(high: 7, low: 8),
            membership: Membership(members: [member]), settings: ClusterSettings(segmentSize: segmentSize))
        factory = EntryFactory(state: empty)
        let entry = try factory.segment(empty, term: 1, commitIndex: 0)
        log.submit(LogWrite(hardState: StoredHardState(term: 1, vote: 1), entries: [entry]))
        _ = try log.step()
        committed = CommittedLog(CommittedLog.Snapshot(state: factory.state, visibleIndex: factory.state.visibleIndex, purged: GTIDSet()))
    }

    deinit {
        log.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    var state: LogState { factory.state }

    private func write(_ entry: LogEntry) throws {
        log.submit(LogWrite(entries: [entry]))
        _ = try log.step()
        committed.update { snapshot in
            snapshot.state = factory.state
            snapshot.visibleIndex = factory.state.visibleIndex
            if entry.header.kind == .segment { snapshot.purged.formUnion(factory.state.lost) }
        }
    }

    /// Writes a batch as consensus does: a new format begins a segment.
    func append(_ batch: Batch, startSet: GTIDSet = GTIDSet()) throws {
        if let format = batch.newFormat {
            try begin(SourceEvent(bytes: format, file: batch.file, position: batch.position), startSet: startSet)
        }
        try write(try factory.events(batch, term: 1, commitIndex: factory.state.index))
    }

    /// Begins a segment with a new format, and stores nothing else yet.
    func begin(_ format: SourceEvent, startSet: GTIDSet = GTIDSet()) throws {
        var next = factory.state
        next.formatDescription = format.bytes
        if next.epoch == 0 {
            next.epoch = 1
            next.lost = startSet
            next.executed = next.executed.union(startSet)
        }
        next.file = format.file
        next.position = format.position
        try write(try factory.segment(next, term: 1, commitIndex: factory.state.index))
    }

    func append(_ events: [SourceEvent], chunk: Chunk = .whole, startSet: GTIDSet = GTIDSet()) throws {
        let bytes = events.flatMap(\.bytes)
        let format = try EventHeader(decoding: bytes.span.bytes).type == .formatDescription ? bytes : nil
        try append(
            Batch(chunk: chunk, file: events[0].file, position: events[0].position, payload: .bytes(bytes), newFormat: format),
            startSet: startSet)
    }

    /// Ends an open run by an abort, and begins a segment.
    func abort() throws {
        var events: [UInt8] = []
        StatementEndEvent.encode(in: EventEnvelope(serverID: 77, checksum: factory.state.checksum), into: &events)
        try write(try factory.abort(events: events, term: 1, commitIndex: factory.state.index))
        try roll()
    }

    func roll() throws { try write(try factory.segment(factory.state, term: 1, commitIndex: factory.state.index)) }

    /// What a dump connection that begins now knows of this log.
    func assemblerStart(held: GTIDSet? = nil) -> DumpAssembler.Start {
        let state = factory.state
        return DumpAssembler.Start(
            held: held ?? state.executed, stored: state.epoch == 0 ? nil : UpstreamPosition(file: state.file, offset: state.position),
            format: try? FormatDescriptionEvent(decoding: state.formatDescription.span.bytes), checksum: .crc32,
            spoolDirectory: log.spoolDirectory)
    }

    /// Every event that the log holds, in order.
    func storedEvents() throws -> [[UInt8]] {
        var bytes: [UInt8] = []
        for segment in log.catalog.segments() {
            var reader = SegmentReader(segment: segment)
            while let header = try reader.nextEntry(through: factory.state.index) {
                if header.kind == .events { bytes += try reader.restOfPayload() }
            }
        }
        var events: [[UInt8]] = []
        var cursor = EventCursor(bytes.span.bytes)
        while try cursor.next() != nil { events.append(cursor.event.array) }
        return events
    }
}
