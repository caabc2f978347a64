import Common
import Log

/// Gives entries their place: index, term, chain, checksums; and keeps the fold of everything appended, committed or not.
struct EntryFactory {
    /// The fold of everything appended.
    private(set) var state: LogState

    init(state: LogState) { self.state = state }

    /// Whether the segment is full and may end here.
    var shouldRoll: Bool { state.openRun == nil && state.segment.byteCount >= state.settings.segmentSize }

    mutating func noop(term: UInt64, commitIndex: UInt64) throws(CodecError) -> LogEntry {
        try make(.noop, term: term, commitIndex: commitIndex, payload: .none)
    }

    mutating func settings(_ settings: ClusterSettings, term: UInt64, commitIndex: UInt64) throws(CodecError) -> LogEntry {
        try make(.settings, term: term, commitIndex: commitIndex, payload: .bytes(settings.encoded()))
    }

    mutating func membership(_ membership: Membership, term: UInt64, commitIndex: UInt64) throws(CodecError) -> LogEntry {
        try make(.membership, term: term, commitIndex: commitIndex, payload: .bytes(membership.encoded()))
    }

    /// Takes in an entry that another leader made.
    ///
    /// - Throws: ``CodecError`` where it does not continue this log.
    mutating func take(_ entry: LogEntry) throws(CodecError) { try state.fold(entry) }

    /// A segment entry: `next` is the current state, or one that differs where a segment entry may change it.
    mutating func segment(_ next: LogState, term: UInt64, commitIndex: UInt64) throws(CodecError) -> LogEntry {
        try make(.segment, term: term, commitIndex: commitIndex, payload: .bytes(next.encoded()))
    }

    mutating func events(_ batch: Batch, term: UInt64, commitIndex: UInt64) throws(CodecError) -> LogEntry {
        try make(
            .events, chunk: batch.chunk, term: term, commitIndex: commitIndex, file: batch.file, position: batch.position,
            payload: batch.payload)
    }

    mutating func abort(events: [UInt8], term: UInt64, commitIndex: UInt64) throws(CodecError) -> LogEntry {
        try make(.abort, term: term, commitIndex: commitIndex, payload: .bytes(events))
    }

    private mutating func make(
        _ kind: EntryKind, chunk: Chunk = .whole, term: UInt64, commitIndex: UInt64, file: [UInt8]? = nil, position: UInt64? = nil,
        payload: EntryPayload
    ) throws(CodecError) -> LogEntry {
        var encoder = EntryEncoder(chain: state.chain)
        let entry = encoder.entry(
            kind, chunk: chunk, term: term, index: state.index + 1, epoch: state.epoch, file: file ?? state.file,
            position: position ?? state.position, commitIndex: commitIndex, payload: payload)
        try state.fold(entry)
        return entry
    }
}

extension LogState {
    /// Takes in an entry that is in memory; of a spooled event nothing bears on the state.
    mutating func fold(_ entry: LogEntry) throws(CodecError) {
        switch entry.payload {
        case .none, .spool: try fold(entry.header, payload: RawSpan())
        case .bytes(let bytes): try fold(entry.header, payload: bytes.span.bytes)
        }
    }
}
