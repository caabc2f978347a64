import Common

/// Carries out writes: the only one that changes the log's files once it is open. Used by one thread at a time.
final class LogWriter {
    private let directory: DataDirectory
    private let fileSystem: any FileSystem
    private let catalog: SegmentCatalog
    private let stall: StallClock
    private let slices: SliceWriter
    private var hardState: HardStateFile
    /// Index of the last entry, written or not.
    private(set) var lastIndex: UInt64
    /// Every entry up to here is durable.
    private(set) var durableIndex: UInt64
    /// The segment whose file grows.
    private var segment: Segment?
    private var needsSync = false
    /// Room for the event that holds an entry's header.
    private var event: [UInt8] = []

    init(
        directory: DataDirectory, fileSystem: any FileSystem, catalog: SegmentCatalog, hardState: HardStateFile, lastIndex: UInt64,
        sliceBytes: Int, stall: StallClock
    ) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.catalog = catalog
        self.hardState = hardState
        self.lastIndex = lastIndex
        self.stall = stall
        durableIndex = lastIndex
        slices = SliceWriter(sliceBytes: sliceBytes, stall: stall)
        segment = catalog.last
        if let segment { slices.move(to: segment.file, at: segment.byteCount) }
    }

    /// Makes all writes durable with one sync, and returns their completions in order.
    ///
    /// - Parameter commit: the highest index known to be committed.
    func perform(_ writes: [LogWrite], commit: UInt64) throws(LogError) -> [LogCompletion] {
        if let newest = writes.last(where: { $0.hardState != nil })?.hardState, !newest.hasSameVote(as: hardState.current) {
            // Before any entry: a node that keeps an entry and forgets its term could vote twice in it.
            try write(HardState(term: newest.term, vote: newest.vote, durable: durableIndex, commit: max(commit, newest.commit)))
        }
        var completions: [LogCompletion] = []
        completions.reserveCapacity(writes.count)
        for write in writes {
            if let index = write.truncateAfter, index < lastIndex { try truncate(after: index, commit: commit) }
            for entry in write.entries { try append(entry) }
            completions.append(
                LogCompletion(lastIndex: lastIndex, lastTerm: write.entries.last?.header.term ?? 0, hardState: write.hardState))
        }
        try sync()
        return completions
    }

    /// Leaves durable and commit index in the hard state, where they say what a damaged tail was worth, and removes purged files.
    func settle(commit: UInt64) throws(LogError) {
        var state = hardState.current
        state.durable = durableIndex
        state.commit = max(state.commit, min(commit, durableIndex))
        if state != hardState.current { try write(state) }
        for path in catalog.reaper.take() { try remove(path) }
    }

    private func write(_ state: HardState) throws(LogError) {
        try stall.measure { () throws(LogError) in try hardState.write(state) }
    }

    // MARK: - Appending

    private func append(_ entry: Entry) throws(LogError) {
        let header = entry.header
        precondition(header.index == lastIndex + 1, "entry \(header.index) does not follow entry \(lastIndex)")
        if header.kind == .segment { return try roll(entry) }
        guard let segment else { preconditionFailure("entry \(header.index) has no segment to stand in") }
        try encode(entry, serverID: segment.startState.serverID, checksum: segment.checksum)
        lastIndex = header.index
        needsSync = true
    }

    private func encode(_ entry: Entry, serverID: UInt32, checksum: ChecksumAlgorithm) throws(LogError) {
        let header = entry.header
        var event: [UInt8] = []
        swap(&event, &self.event)
        defer { swap(&event, &self.event) }
        event.removeAll(keepingCapacity: true)
        let inside = header.kind.hasEventPayload ? 0 : header.payloadLength
        let length = UInt64(EventHeader.byteCount + header.byteCount + checksum.byteCount) + inside
        EventHeader(type: .ignorable, serverID: serverID, eventLength: UInt32(length), flags: .ignorable).encode(into: &event)
        header.encode(into: &event)
        header.stamp(durableMark: durableIndex, in: &event, bodyAt: EventHeader.byteCount)
        if !header.kind.hasEventPayload, case .bytes(let bytes) = entry.payload { event.append(contentsOf: bytes) }
        if checksum == .crc32 {
            let crc = CRC32.checksum(of: event.span.bytes)
            event.append(littleEndian: crc)
        }
        assert(UInt64(event.count) == length)
        try slices.append(event.span.bytes)
        guard header.kind.hasEventPayload else { return }
        switch entry.payload {
        case .none: break
        case .bytes(let bytes): try slices.append(bytes.span.bytes)
        case .spool(let spool): try slices.append(spool)
        }
    }

    /// Begins a new file: the old one is made durable first, so that the new one's existence proves it.
    private func roll(_ entry: Entry) throws(LogError) {
        try sync()
        let index = entry.header.index
        let path = directory.segment(index)
        let state: LogState
        let prefix: [UInt8]
        do throws(CodecError) {
            guard case .bytes(let payload) = entry.payload else { preconditionFailure("segment entry \(index) carries no state") }
            state = try LogState(decoding: payload.span.bytes)
            prefix = try state.fileHeader()
        } catch {
            preconditionFailure("segment entry \(index) carries no state: \(error)")
        }
        precondition(state.index == lastIndex && entry.header.chain == entry.header.chain(after: state.chain))
        let file = try stall.measure { () throws(LogError) in try fileSystem.open(path, .create) }
        slices.move(to: file, at: 0)
        try slices.append(prefix.span.bytes)
        try encode(entry, serverID: state.serverID, checksum: state.checksum)
        try slices.flush()
        try stall.measure { () throws(LogError) in
            try file.syncWithMetadata()
            try fileSystem.syncDirectory(directory.segments)
        }
        lastIndex = index
        durableIndex = index
        let segment = Segment(
            firstIndex: index, path: path, startState: state, firstEntryOffset: UInt64(prefix.count), byteCount: slices.offset, file: file)
        self.segment = segment
        catalog.append(segment)
    }

    /// Makes all entries durable.
    private func sync() throws(LogError) {
        guard needsSync, let segment else { return }
        try slices.flush()
        try stall.measure { () throws(LogError) in try segment.file.sync() }
        segment.setByteCount(slices.offset)
        needsSync = false
        durableIndex = lastIndex
    }

    // MARK: - Cutting off

    /// Cuts off all entries above `index`, from the last file to the first, so that what a crash leaves is always a beginning of the log.
    private func truncate(after index: UInt64, commit: UInt64) throws(LogError) {
        precondition(index >= commit, "committed entries up to \(commit) can not be cut off after entry \(index)")
        try sync()
        // The mark goes down first: it must not call durable what is about to go.
        var state = hardState.current
        state.durable = index
        state.commit = max(state.commit, commit)
        try write(state)
        durableIndex = index
        lastIndex = index
        while let last = catalog.last, last.firstIndex > index {
            catalog.removeLast()
            try remove(last.path)
        }
        segment = catalog.last
        guard let segment else {
            precondition(index == 0, "entry \(index) is not in the log")
            return
        }
        let end = try offset(behind: index, in: segment)
        try stall.measure { () throws(LogError) in
            try segment.file.truncate(to: end)
            try segment.file.syncWithMetadata()
        }
        segment.setByteCount(end)
        slices.move(to: segment.file, at: end)
    }

    /// Where entry `index` ends.
    private func offset(behind index: UInt64, in segment: Segment) throws(LogError) -> UInt64 {
        var reader = SegmentReader(segment: segment)
        while let header = try reader.nextEntry(through: index) {
            if header.index < index { continue }
            return reader.entryOffset + header.storedByteCount(checksum: segment.checksum)
        }
        throw .corruption(file: segment.path, offset: reader.offset, index: index, "the entry is not in the file")
    }

    private func remove(_ path: String) throws(LogError) {
        try stall.measure { () throws(LogError) in
            let sidecar = DataDirectory.sidecar(ofSegment: path)
            if try fileSystem.exists(sidecar) { try fileSystem.unlink(sidecar) }
            try fileSystem.unlink(path)
            try fileSystem.syncDirectory(directory.segments)
        }
    }
}
