import Common
import Log

@testable import kingbus_node

/// Entries that follow each other, as a leader makes them.
struct SampleEntries {
    /// Of an empty log.
    static let state = LogState(
        clusterID: PeerNode.cluster, serverID: 77, serverUUID: SourceID(high: 7, low: 8), membership: Membership(),
        settings: ClusterSettings(segmentSize: 1 << 30))

    private var encoder = EntryEncoder(chain: SampleEntries.state.chain)
    private(set) var nextIndex: UInt64 = 1
    var term: UInt64 = 2

    static func payload(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            var word = random.next()
            for index in 0..<count {
                if index & 7 == 0 { word = random.next() }
                buffer[index] = UInt8(truncatingIfNeeded: word >> UInt64(8 * (index & 7)))
            }
            used = count
        }
    }

    static func bytes(_ entry: LogEntry) -> [UInt8] {
        if case .bytes(let bytes) = entry.payload { return bytes }
        return []
    }

    mutating func entry(_ payload: EntryPayload, kind: EntryKind? = nil, chunk: Chunk = .whole, position: UInt64 = 4) -> LogEntry {
        defer { nextIndex += 1 }
        return encoder.entry(
            kind ?? (payload.byteCount == 0 ? .noop : .settings), chunk: chunk, term: term, index: nextIndex, epoch: 1,
            file: Array("b.000001".utf8),
            position: position, commitIndex: 0, payload: payload)
    }

    mutating func entry(_ byteCount: Int) -> LogEntry {
        entry(byteCount == 0 ? .none : .bytes(Self.payload(byteCount, seed: nextIndex)))
    }

    /// The first entry of a cluster.
    mutating func founding(position: UInt64 = 0) -> LogEntry {
        entry(.bytes(Self.state.encoded()), kind: .segment, position: position)
    }

    /// The entry that begins the next segment; the first entry, where there is none.
    mutating func segment() -> LogEntry {
        var state = Self.state
        state.index = nextIndex - 1
        state.chain = encoder.chain
        return entry(.bytes(state.encoded()), kind: .segment, position: 0)
    }

    /// Entry 1 and these, made durable; returns all but the first.
    mutating func written(to log: Log, payloads: [Int]) throws -> [LogEntry] {
        let first = founding()
        let entries = payloads.map { entry($0) }
        log.submit(LogWrite(hardState: StoredHardState(term: term, vote: 1), entries: [first] + entries))
        _ = try log.step()
        return entries
    }

    mutating func spooled(byteCount: Int, directory: String) throws -> LogEntry {
        let spool = try Spool(directory: directory)
        let piece = Self.payload(1 << 20, seed: nextIndex)
        var left = byteCount
        while left > 0 {
            let count = min(left, piece.count)
            try spool.append(piece.span.bytes.extracting(0..<count))
            left -= count
        }
        return entry(.spool(spool), kind: .events, chunk: .middle)
    }
}
