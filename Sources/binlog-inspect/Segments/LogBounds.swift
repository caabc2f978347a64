import Common
import Log

/// How far the log of a data directory may be shown: what is committed, and what was durable.
struct LogBounds {
    /// The last entry that is committed and whose transaction is complete by then.
    private(set) var visible: UInt64 = 0
    /// Entries up to here were durable: where they are missing, the log is damaged.
    private(set) var durable: UInt64
    /// Whether entries above ``visible`` are shown too.
    let showsRest: Bool

    /// First and last entry of each run of chunks in the segments that were scanned, newest segment first.
    private var runs: [ClosedRange<UInt64>] = []

    /// Reads the headers of as many segments, from the last back, as it takes to know the commit index: in most cases one.
    init(of log: StoredLog, showsRest: Bool) throws(InspectError) {
        self.showsRest = showsRest
        durable = log.hardState?.durable ?? 0
        var commit = log.hardState?.commit ?? 0
        for segment in log.segments.reversed() {
            // A segment is made once all entries before it are durable.
            durable = max(durable, segment.firstIndex &- 1)
            commit = max(commit, try scan(segment.path))
            if segment.firstIndex <= commit { break }
        }
        visible = commit
        // What a replica sees of a transaction in several entries is all or nothing.
        if let open = runs.first(where: { $0.contains(commit) && $0.upperBound != commit }) { visible = open.lowerBound - 1 }
    }

    /// Takes in the marks of a segment's intact entries, and returns the highest commit index that they name.
    private mutating func scan(_ path: String) throws(InspectError) -> UInt64 {
        var commit: UInt64 = 0
        var openRun: UInt64?
        var entries = try EntryScan(path)
        while let entry = try entries.next() {
            let header = entry.header
            commit = max(commit, header.commitIndex)
            durable = max(durable, entry.durableMark ?? 0)
            if header.chunk == .begin { openRun = header.index }
            if let first = openRun, header.chunk == .end || header.kind == .abort, first <= header.index {
                runs.append(first...header.index)
                openRun = nil
            }
        }
        if let openRun { runs.append(openRun...UInt64.max) }
        return commit
    }
}

/// Finds the entries of a segment file without reading their payloads; ends where no intact header follows.
private struct EntryScan: ~Copyable {
    private static let readBytes = 4096
    /// The event header and the longest entry header.
    private static let headBytes = EventHeader.byteCount + EntryHeader.fixedByteCount + EntryHeader.maxFileNameBytes

    private var input: ByteInput
    private var checksum = ChecksumAlgorithm.none
    private var previous: EntryHeader?

    init(_ path: String) throws(InspectError) {
        var input = try ByteInput(path: path, readBytes: Self.readBytes)
        _ = try input.skip(UInt64(EventReader.magic.count))
        self.input = input
    }

    mutating func next() throws(InspectError) -> EntryEvent? {
        while true {
            let count = min(try input.fill(atLeast: Self.headBytes), Self.headBytes)
            guard let event = try? EventHeader(decoding: input.bytes(count)) else { return nil }
            if EntryEvent.matches(event, head: input.bytes(count)) {
                guard let entry = try? EntryEvent(decoding: event, head: input.bytes(count), checksum: checksum, sharing: previous) else {
                    return nil
                }
                previous = entry.header
                let length = UInt64(event.eventLength) + entry.payloadBehind
                return try input.skip(length) == length ? entry : nil
            }
            // Before the first entry stands the binlog header; behind it, whatever is no entry ends the log.
            guard previous == nil else { return nil }
            if event.type == .formatDescription {
                guard let description = try? FormatDescriptionEvent(decoding: input.bytes(min(count, Int(event.eventLength)))) else {
                    return nil
                }
                checksum = description.checksum ?? .none
            }
            let length = UInt64(event.eventLength)
            guard try input.skip(length) == length else { return nil }
        }
    }
}
