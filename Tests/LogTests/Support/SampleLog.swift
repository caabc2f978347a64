import Common
import Log

/// Makes entries that follow each other, keeping the state as a leader does.
struct SampleLog {
    private(set) var state: LogState
    private(set) var entries: [Entry] = []
    var term: UInt64 = 1
    var commitIndex: UInt64 = 0
    private var nextNumber: UInt64 = 1

    init(clusterID: SourceID = SourceID(high: 1, low: 2)) {
        state = LogState(
            clusterID: clusterID, serverID: 7, serverUUID: SourceID(high: 3, low: 4),
            membership: Membership(members: [
                Member(name: "n1", incarnation: 5, role: .voter, peerAddress: "a:1", mysqlAddress: "a:2", adminAddress: "a:3")
            ]), settings: ClusterSettings(segmentSize: 1 << 20))
    }

    /// The next `index`.
    var nextIndex: UInt64 { state.index + 1 }

    @discardableResult
    mutating func append(_ kind: EntryKind, chunk: Chunk = .whole, _ payload: EntryPayload, content: [UInt8]) -> Entry {
        var encoder = EntryEncoder(chain: state.chain)
        let entry = encoder.entry(
            kind, chunk: chunk, term: term, index: nextIndex, epoch: state.epoch, file: Array("binlog.000001".utf8),
            position: state.position,
            commitIndex: commitIndex, payload: payload)
        if state.index == 0 {
            state = try! LogState(beginningWith: entry.header, payload: content.span.bytes)
        } else {
            try! state.fold(entry.header, payload: content.span.bytes)
        }
        entries.append(entry)
        return entry
    }

    @discardableResult
    mutating func append(_ kind: EntryKind, chunk: Chunk = .whole, _ bytes: [UInt8]) -> Entry {
        append(kind, chunk: chunk, bytes.isEmpty ? .none : .bytes(bytes), content: bytes)
    }

    /// A segment entry that changes nothing.
    @discardableResult
    mutating func segment() -> Entry { append(.segment, state.encoded()) }

    @discardableResult
    mutating func noop() -> Entry { append(.noop, []) }

    /// An entry with one whole transaction.
    @discardableResult
    mutating func transaction(rowBytes: Int = 100) -> Entry {
        defer { nextNumber += 1 }
        return append(.events, SampleEvents.transaction(nextNumber, rowBytes: rowBytes))
    }

    /// The chunks of one transaction.
    mutating func run(chunks: Int, rowBytes: Int = 200) {
        append(.events, chunk: .begin, SampleEvents.gtid(nextNumber) + SampleEvents.rows(rowBytes, fill: nextNumber))
        for number in 0..<max(0, chunks - 2) { append(.events, chunk: .middle, SampleEvents.rows(rowBytes, fill: UInt64(number) + 99)) }
        append(.events, chunk: .end, SampleEvents.commit)
        nextNumber += 1
    }

    /// The first chunk of a transaction that is left open.
    mutating func openRun() {
        append(.events, chunk: .begin, SampleEvents.gtid(nextNumber) + SampleEvents.rows(50, fill: nextNumber))
        nextNumber += 1
    }

    /// Goes on behind an earlier entry, as after a change of leaders.
    mutating func rewind(to index: UInt64, term: UInt64) {
        var replayed = SampleLog()
        for entry in entries.prefix(Int(index)) {
            let content: [UInt8] = if case .bytes(let bytes) = entry.payload { bytes } else { [] }
            replayed.term = entry.header.term
            if replayed.state.index == 0 {
                replayed.state = try! LogState(beginningWith: entry.header, payload: content.span.bytes)
            } else {
                try! replayed.state.fold(entry.header, payload: content.span.bytes)
            }
            replayed.entries.append(entry)
        }
        replayed.term = term
        replayed.commitIndex = min(commitIndex, index)
        replayed.nextNumber = nextNumber
        self = replayed
    }
}
