import Common
import Log

/// How far the log of a data directory may be shown: what is committed, and what was durable.
package struct LogBounds {
    /// The last entry that is committed and whose transaction is complete by then.
    package private(set) var visible: UInt64 = 0
    /// Entries up to here were durable: where they are missing, the log is damaged.
    package private(set) var durable: UInt64
    /// Whether entries above ``visible`` are shown too.
    package let showsRest: Bool

    /// Entries of runs of chunks in the segments that were scanned, each without the one that completes the transaction.
    private var runs: [Range<UInt64>] = []

    /// Reads the headers of as many segments, from the last back, as it takes to know the commit index: in most cases one.
    package init(of log: StoredLog, showsRest: Bool) throws(ToolError) {
        self.showsRest = showsRest
        durable = log.hardState?.durable ?? 0
        var commit = log.hardState?.commit ?? 0
        for segment in log.segments.reversed() {
            // A segment is made once all entries before it are durable.
            durable = max(durable, segment.firstIndex &- 1)
            commit = max(commit, try scan(segment.path))
            if segment.firstIndex <= commit { break }
        }
        settle(commit)
    }

    /// Reads the headers of one segment's entries, for want of the others: what it calls committed itself is shown.
    init(ofSegment path: String) throws(ToolError) {
        showsRest = false
        durable = 0
        settle(try scan(path))
    }

    private mutating func settle(_ commit: UInt64) {
        visible = commit
        // What a replica sees of a transaction in several entries is all or nothing.
        if let open = runs.first(where: { $0.contains(commit) }) { visible = open.lowerBound - 1 }
    }

    /// Takes in the marks of a segment's intact entries, and returns the highest commit index that they name.
    private mutating func scan(_ path: String) throws(ToolError) -> UInt64 {
        var commit: UInt64 = 0
        var openRun: UInt64?
        var lastIndex: UInt64 = 0
        var entries = try EntryScan(path)
        while let entry = try entries.next() {
            let header = entry.header
            lastIndex = header.index
            commit = max(commit, header.commitIndex)
            durable = max(durable, entry.durableMark ?? 0)
            if header.chunk == .begin { openRun = header.index }
            if let first = openRun, header.chunk == .end || header.kind == .abort, first <= header.index {
                runs.append(first..<header.index)
                openRun = nil
            }
        }
        // What follows the last entry that was found is not known: a higher commit index means that it is damaged, and to be shown as that.
        if let openRun { runs.append(openRun..<lastIndex + 1) }
        return commit
    }
}

/// Finds the entries of a segment file without reading their payloads.
///
/// Behind bytes that are no entry it looks for the next one: what was written later says whether the damaged bytes were durable.
private struct EntryScan: ~Copyable {
    private static let readBytes = 4096
    /// The event header and the longest entry header.
    private static let headBytes = EventHeader.byteCount + EntryHeader.fixedByteCount + EntryHeader.maxFileNameBytes

    private var input: ByteInput
    private var checksum = ChecksumAlgorithm.none
    private var previous: EntryHeader?
    /// Whether damaged bytes have been passed.
    private var isLost = false

    init(_ path: String) throws(ToolError) {
        var input = try ByteInput(path: path, readBytes: Self.readBytes)
        _ = try input.skip(UInt64(BinlogMagic.plain.count))
        self.input = input
    }

    mutating func next() throws(ToolError) -> EntryEvent? {
        while true {
            let count = min(try input.fill(atLeast: Self.headBytes), Self.headBytes)
            if count == 0 { return nil }
            if let event = try? EventHeader(decoding: input.bytes(count)) {
                if let entry = entry(event, input.bytes(count)) {
                    previous = entry.header
                    let length = UInt64(event.eventLength) + entry.payloadBehind
                    return try input.skip(length) == length ? entry : nil
                }
                if previous == nil, !isLost, let algorithm = fileHeaderChecksum(event, input.bytes(min(count, Int(event.eventLength)))) {
                    checksum = algorithm
                    guard try input.skip(UInt64(event.eventLength)) == UInt64(event.eventLength) else { return nil }
                    continue
                }
            }
            isLost = true
            try skipToNextCandidate()
        }
    }

    /// The entry that begins here, if one does that can follow those before.
    private func entry(_ event: EventHeader, _ head: RawSpan) -> EntryEvent? {
        guard EntryEvent.matches(event, head: head) else { return nil }
        let known = isLost ? nil : checksum
        let algorithms = known.map { [$0] } ?? [.crc32, .none]
        for algorithm in algorithms {
            guard let entry = try? EntryEvent(decoding: event, head: head, checksum: algorithm, sharing: previous) else { continue }
            return entry.header.index > previous?.index ?? 0 ? entry : nil
        }
        return nil
    }

    /// How events end behind one that stands before the first entry; nil where it may not stand there.
    private func fileHeaderChecksum(_ event: EventHeader, _ bytes: RawSpan) -> ChecksumAlgorithm? {
        guard event.type == .formatDescription else { return event.type == .previousGTIDs ? checksum : nil }
        guard let description = try? FormatDescriptionEvent(decoding: bytes) else { return nil }
        return description.checksum ?? ChecksumAlgorithm.none
    }

    /// Where the first byte of an entry header's magic number stands, behind room for an event's header.
    private static func firstMagicByte(in bytes: RawSpan) -> Int? {
        let wanted = UInt8(truncatingIfNeeded: EntryHeader.magic)
        for index in EventHeader.byteCount..<bytes.byteCount where bytes.byte(at: index) == wanted { return index }
        return nil
    }

    /// Moves on by one byte at least, to where an entry's event might begin, or to the end.
    private mutating func skipToNextCandidate() throws(ToolError) {
        _ = try input.skip(1)
        while true {
            let count = try input.fill(atLeast: Self.headBytes)
            if count <= EventHeader.byteCount {
                _ = try input.skip(UInt64(count))
                return
            }
            let found = Self.firstMagicByte(in: input.bytes(count))
            _ = try input.skip(UInt64((found ?? count) - EventHeader.byteCount))
            if found != nil { return }
        }
    }
}
