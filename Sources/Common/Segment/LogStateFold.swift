extension LogState {
    /// The state behind the entry that a log, or what is kept of it, begins with.
    ///
    /// - Throws: ``CodecError`` where it is no segment entry or does not follow the state that it carries.
    public init(beginningWith header: EntryHeader, payload: RawSpan) throws(CodecError) {
        guard header.kind == .segment else { throw CodecError(.invalid, at: 0, "entry \(header.index) begins a segment and is none") }
        self = try LogState(decoding: payload)
        try checkFollows(header)
        try enterSegment(header)
    }

    /// Takes in the next entry, whose payload is in memory.
    ///
    /// The payload is read for entries of kind ``EntryKind/events`` that are whole or begin a run, and for kinds whose payload stands
    /// inside the header's event; for others it may be empty. The state changes only where nothing is thrown.
    ///
    /// - Throws: ``CodecError`` where the entry cannot follow this state: a gap, a broken chain, a segment entry that differs from the fold.
    public mutating func fold(_ header: EntryHeader, payload: RawSpan) throws(CodecError) {
        var effects = EventEffects(checksum: checksum)
        try effects.take(payload: payload, reach: EventEffects.Reach(header))
        try fold(header, payload: payload, effects: effects)
    }

    /// Takes in the next entry, of whose payload only what its events change is known, or the bytes if they stand inside the header's event.
    ///
    /// - Throws: as ``fold(_:payload:)``.
    public mutating func fold(_ header: EntryHeader, payload: RawSpan, effects: EventEffects) throws(CodecError) {
        try checkFollows(header)
        switch header.kind {
        case .segment: return try foldSegment(header, payload)
        case .noop: break
        case .membership: membership = try Membership(decoding: payload)
        case .settings: settings = try ClusterSettings(decoding: payload)
        case .purge:
            var reader = ByteReader(payload)
            purgeFloor = try reader.uint64()
        case .events: try foldEvents(header, effects)
        case .abort:
            guard let run = openRun else { throw CodecError(.invalid, at: 0, "entry \(header.index) aborts a run, and none is open") }
            abortedRunIndex = run.index
            openRun = nil
        }
        segment.append(header, checksum: checksum)
        advance(to: header)
    }

    private func checkFollows(_ header: EntryHeader) throws(CodecError) {
        guard header.index == index &+ 1 else { throw CodecError(.invalid, at: 0, "entry \(header.index) follows entry \(index)") }
        guard header.term >= term else {
            throw CodecError(.invalid, at: 0, "entry \(header.index) has term \(header.term), its predecessor \(term)")
        }
        guard header.chain == header.chain(after: chain) else {
            throw CodecError(.invalid, at: 0, "entry \(header.index) does not continue the chain: the logs differ at or before it")
        }
    }

    private mutating func advance(to header: EntryHeader) {
        index = header.index
        term = header.term
        chain = header.chain
    }

    private mutating func enterSegment(_ header: EntryHeader) throws(CodecError) {
        let byteCount = UInt64(try fileHeader().count) + header.storedByteCount(checksum: checksum)
        segment = SegmentExtent(firstIndex: header.index, byteCount: byteCount, term: header.term)
        abortedRunIndex = 0
        advance(to: header)
    }

    private mutating func foldSegment(_ header: EntryHeader, _ payload: RawSpan) throws(CodecError) {
        guard openRun == nil else { throw CodecError(.invalid, at: 0, "segment entry \(header.index) stands inside a transaction") }
        var state = try LogState(decoding: payload)
        if let difference = difference(from: state) {
            throw CodecError(.invalid, at: 0, "segment entry \(header.index) differs from what the entries before it say: \(difference)")
        }
        try state.enterSegment(header)
        self = state
    }

    /// What a segment entry says otherwise than the fold, though it may not: it may begin an epoch, and add to the lost set.
    private func difference(from state: LogState) -> String? {
        if state.index != index || state.term != term || state.chain != chain { return "its place in the log" }
        if state.clusterID != clusterID { return "the cluster id" }
        if state.serverID != serverID || state.serverUUID != serverUUID { return "the server id" }
        if state.membership != membership { return "the members" }
        if state.settings != settings { return "the settings" }
        if state.purgeFloor != purgeFloor { return "the purge floor" }
        if state.abortedRunIndex != abortedRunIndex { return "the aborted run" }
        if state.segment != segment { return "the segment before it" }
        if state.epoch < epoch { return "the epoch" }
        if !lost.isSubset(of: state.lost) { return "the lost GTIDs" }
        if state.executed != executed.union(state.lost) { return "the executed GTIDs" }
        return nil
    }

    private mutating func foldEvents(_ header: EntryHeader, _ effects: EventEffects) throws(CodecError) {
        switch header.chunk {
        case .whole:
            guard openRun == nil else { throw CodecError(.invalid, at: 0, "entry \(header.index) stands inside another transaction") }
            for gtid in effects.gtids { executed.insert(gtid) }
            if let description = effects.formatDescription { formatDescription = description }
        case .begin:
            guard openRun == nil else { throw CodecError(.invalid, at: 0, "entry \(header.index) begins a transaction inside another") }
            guard effects.firstOpensGroup else {
                throw CodecError(.invalid, at: 0, "entry \(header.index) begins a transaction without a GTID event")
            }
            openRun = OpenRun(index: header.index, offset: segment.byteCount, gtid: effects.gtids.first)
        case .middle:
            guard openRun != nil else {
                throw CodecError(.invalid, at: 0, "entry \(header.index) continues a transaction, and none is open")
            }
            openRun?.lastIndex = header.index
            openRun?.lastOffset = segment.byteCount
        case .end:
            guard let run = openRun else { throw CodecError(.invalid, at: 0, "entry \(header.index) ends a transaction, and none is open") }
            if let gtid = run.gtid { executed.insert(gtid) }
            openRun = nil
        }
        file = effects.file ?? header.file
        position = effects.file == nil ? header.position &+ header.payloadLength : effects.position
    }
}
