extension LogState {
    /// Takes in the next entry.
    ///
    /// The payload is read for entries of kind ``EntryKind/events`` that are whole or begin a run, and for kinds whose payload stands
    /// inside the header's event; for other chunks it may be empty, so that nobody needs a gigabyte in memory to fold it.
    ///
    /// - Throws: ``CodecError`` where the entry cannot follow this state: a gap, a broken chain, a segment entry that differs from the fold.
    public mutating func fold(_ header: EntryHeader, payload: RawSpan) throws(CodecError) {
        guard header.index == index + 1 else {
            throw CodecError(.invalid, at: 0, "entry \(header.index) follows entry \(index)")
        }
        guard header.term >= term else {
            throw CodecError(.invalid, at: 0, "entry \(header.index) has term \(header.term), its predecessor \(term)")
        }
        guard header.chain == header.chain(after: chain) else {
            throw CodecError(.invalid, at: 0, "entry \(header.index) does not continue the chain: the logs differ at or before it")
        }
        switch header.kind {
        case .segment: try foldSegment(header, payload)
        case .noop: break
        case .membership: membership = try Membership(decoding: payload)
        case .settings: settings = try ClusterSettings(decoding: payload)
        case .purge:
            var reader = ByteReader(payload)
            purgeFloor = try reader.uint64()
        case .events: try foldEvents(header, payload)
        case .abort:
            guard let run = openRun else { throw CodecError(.invalid, at: 0, "entry \(header.index) aborts a run, and none is open") }
            abortedRunIndex = run.index
            openRun = nil
        }
        index = header.index
        term = header.term
        chain = header.chain
    }

    private mutating func foldSegment(_ header: EntryHeader, _ payload: RawSpan) throws(CodecError) {
        let state = try LogState(decoding: payload)
        guard openRun == nil else { throw CodecError(.invalid, at: 0, "segment entry \(header.index) stands inside a transaction") }
        guard state.index == index, state.chain == chain, state.abortedRunIndex == abortedRunIndex,
            state.executed == executed.union(state.lost), lost.isSubset(of: state.lost)
        else {
            throw CodecError(.invalid, at: 0, "segment entry \(header.index) differs from what the entries before it say")
        }
        self = state
        abortedRunIndex = 0
    }

    private mutating func foldEvents(_ header: EntryHeader, _ payload: RawSpan) throws(CodecError) {
        file = header.file
        position = header.position + header.payloadLength
        switch header.chunk {
        case .whole:
            guard openRun == nil else { throw CodecError(.invalid, at: 0, "entry \(header.index) stands inside another transaction") }
            var cursor = EventCursor(payload)
            while let event = try cursor.next() { try foldEvent(event, bytes: cursor.event) }
        case .begin:
            guard openRun == nil else { throw CodecError(.invalid, at: 0, "entry \(header.index) begins a transaction inside another") }
            var cursor = EventCursor(payload)
            guard let first = try cursor.next(), first.type.beginsTransaction else {
                throw CodecError(.invalid, at: 0, "entry \(header.index) begins a transaction without a GTID event")
            }
            openRun = OpenRun(index: header.index, gtid: try GTIDEvent(decoding: cursor.event).gtid)
        case .middle:
            guard openRun != nil else { throw CodecError(.invalid, at: 0, "entry \(header.index) continues a transaction, and none is open") }
        case .end:
            guard let run = openRun else { throw CodecError(.invalid, at: 0, "entry \(header.index) ends a transaction, and none is open") }
            if let gtid = run.gtid { executed.insert(gtid) }
            openRun = nil
        }
    }

    private mutating func foldEvent(_ header: EventHeader, bytes: RawSpan) throws(CodecError) {
        switch header.type {
        case .gtid, .gtidTagged:
            if let gtid = try GTIDEvent(decoding: bytes).gtid { executed.insert(gtid) }
        case .formatDescription:
            formatDescription = bytes.array
        case .rotate:
            let rotate = try RotateEvent(decoding: bytes, checksum: checksumAlgorithm)
            guard rotate.file.byteCount <= EntryHeader.maxFileNameBytes else {
                throw CodecError(.invalid, at: 0, "the upstream's file name is too long")
            }
            file = rotate.file.array
            position = rotate.position
        default: break
        }
    }
}
