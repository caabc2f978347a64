import Common

/// Reads what a data directory holds, decides what of it is the log, and only then changes anything.
struct Recovery {
    private static let rewriteBytes = 1 << 20

    let directory: DataDirectory
    let fileSystem: any FileSystem
    let hardState: HardState

    /// Segments to keep; the last one's length is where its entries end.
    private var kept: [SegmentBeginning] = []
    private var tail: TailScan?
    private var durableMark: UInt64
    /// A last file that a crash left incomplete.
    private var removed: (index: UInt64, path: String, error: LogError)?
    private var cutOff: LogError?

    /// - Throws: ``LogError``: `corruption` or `unsupported` where nothing may be changed; others where a file cannot be read.
    init(directory: DataDirectory, fileSystem: any FileSystem, hardState: HardState) throws(LogError) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.hardState = hardState
        durableMark = hardState.durable
        try readBeginnings()
        try checkSequence()
        try scanTail()
    }

    // MARK: - Reading

    private mutating func readBeginnings() throws(LogError) {
        var indexes: [UInt64] = []
        for name in try fileSystem.list(directory.segments) {
            if let index = DataDirectory.segmentIndex(fileName: name) { indexes.append(index) }
        }
        indexes.sort()
        // A file is made once all entries before it are durable.
        if let last = indexes.last { durableMark = max(durableMark, last &- 1) }
        for (number, index) in indexes.enumerated() {
            let path = directory.segment(index)
            do throws(SegmentBeginning.Failure) {
                let beginning = try SegmentBeginning(opening: path, firstIndex: index, fileSystem)
                durableMark = max(durableMark, beginning.durableMark)
                kept.append(beginning)
            } catch {
                try judge(error, path, index, isLast: number == indexes.count - 1)
            }
        }
    }

    private mutating func judge(_ failure: SegmentBeginning.Failure, _ path: String, _ index: UInt64, isLast: Bool) throws(LogError) {
        guard let finding = failure.finding else { throw failure.error }
        if isLast, finding == .damage {
            let file = try fileSystem.open(path, .read)
            let search = DurableMarkSearch(damagedIndex: index &- 1, serverID: nil)
            durableMark = max(durableMark, try search.highestMark(in: file, from: 0, to: try file.size()))
        }
        let place = isLast ? RecoveryPlace.beginningOfLastFile : .earlierFile
        if try decide(finding, place, expecting: index, failure.error) == .removeFile { removed = (index, path, failure.error) }
    }

    /// Decides, and throws where the decision is to refuse.
    private func decide(
        _ finding: RecoveryFinding, _ place: RecoveryPlace, expecting index: UInt64, _ error: @autoclosure () -> LogError
    ) throws(LogError) -> RecoveryDecision {
        let decision = RecoveryDecision(finding, in: place, isDurable: index <= durableMark)
        switch decision {
        case .keep, .cutOff, .removeFile: return decision
        case .refuseCorruption:
            let error = error()
            throw .corruption(file: error.file, offset: error.offset, index: error.index ?? index, error.reason)
        case .refuseNewerVersion:
            var error = error()
            error.code = .unsupported
            error.hint = "start the version that wrote it, or a newer one"
            throw error
        }
    }

    // MARK: - The sequence of files

    private func checkSequence() throws(LogError) {
        guard let first = kept.first else {
            if let removed, removed.index > 1 {
                throw .corruption(file: removed.path, index: removed.index - 1, "the files before this one are gone")
            }
            guard durableMark == 0 else {
                throw .corruption(file: directory.segments, index: durableMark, "the log is gone: entries up to this one were durable")
            }
            return
        }
        for (earlier, later) in zip(kept, kept.dropFirst()) {
            let extent = later.segment.startState.segment
            guard extent.firstIndex == earlier.header.index else {
                throw .corruption(
                    file: directory.segment(extent.firstIndex), index: extent.firstIndex, "the file is gone, and later ones are there")
            }
            guard extent.byteCount == earlier.fileBytes else {
                throw .corruption(
                    file: earlier.segment.path, offset: min(extent.byteCount, earlier.fileBytes),
                    "the file has \(earlier.fileBytes) bytes and was left at \(extent.byteCount)")
            }
            guard later.segment.startState.clusterID == first.segment.startState.clusterID else {
                throw .corruption(file: later.segment.path, index: later.header.index, "the file belongs to another cluster")
            }
        }
    }

    // MARK: - The tail

    private mutating func scanTail() throws(LogError) {
        guard let last = kept.last else { return }
        var tail = try TailScan(last, durableMark: durableMark)
        if tail.finding == .damage {
            let search = DurableMarkSearch(damagedIndex: tail.state.index, serverID: tail.state.serverID)
            tail.raise(durableMark: try search.highestMark(in: last.segment.file, from: tail.endOffset, to: last.fileBytes))
        }
        durableMark = tail.durableMark
        let missing = LogError(
            .corruption, file: last.segment.path, offset: tail.endOffset, index: tail.state.index + 1,
            "the file ends, and entries up to \(durableMark) were durable")
        let decision = try decide(tail.finding, .entriesOfLastFile, expecting: tail.state.index + 1, tail.error ?? missing)
        if let removed, tail.state.index != removed.index - 1 {
            throw .corruption(file: last.segment.path, index: tail.state.index, "the entries reach beyond the beginning of the next file")
        }
        if decision == .cutOff { cutOff = tail.error }
        if let first = kept.first, first.header.index > max(1, tail.state.purgeFloor) {
            throw .corruption(
                file: directory.segments, index: first.header.index - 1, "the files before this entry are gone, and were not purged")
        }
        self.tail = tail
    }

    // MARK: - Acting

    /// Removes and cuts off what a crash left incomplete, and makes durable what may be in memory only: a process that was killed leaves
    /// names, lengths and bytes there that the next power cut would undo.
    func carryOut() throws(LogError) {
        if let removed { try fileSystem.unlink(removed.path) }
        try fileSystem.syncDirectory(directory.segments)
        guard let last = kept.last, let tail else { return }
        let file = last.segment.file
        if tail.endOffset < last.fileBytes { try file.truncate(to: tail.endOffset) }
        if let offset = tail.unmarkedOffset { try rewrite(file, from: offset, to: tail.endOffset) }
        try file.syncWithMetadata()
        last.segment.setByteCount(tail.endOffset)
    }

    /// Writes bytes again that were read back: after a failed sync they may be in memory only, and count there as written.
    private func rewrite(_ file: any File, from start: UInt64, to end: UInt64) throws(LogError) {
        var offset = start
        while offset < end {
            let bytes = try file.bytes(at: offset, count: Int(min(end - offset, UInt64(Self.rewriteBytes))))
            guard !bytes.isEmpty else { throw LogError(.io, file: file.path, offset: offset, "the file became shorter while it was read") }
            try file.writeFully(bytes, at: offset)
            offset += UInt64(bytes.count)
        }
    }

    // MARK: - Results

    var segments: [Segment] { kept.map(\.segment) }

    func recovered(_ identity: MemberIdentity) throws(LogError) -> RecoveredLog {
        let lastIndex = tail?.state.index ?? 0
        let commitIndex = min(max(hardState.commit, tail?.commitIndex ?? 0), lastIndex)
        var hardState = hardState
        hardState.durable = lastIndex
        hardState.commit = commitIndex
        return RecoveredLog(
            identity: identity, hardState: hardState, state: tail?.state, committedState: try committedState(commitIndex),
            firstIndex: kept.first?.header.index ?? 1, lastIndex: lastIndex, termRuns: termRuns, commitIndex: commitIndex,
            cutOff: (cutOff ?? removed?.error)?.description)
    }

    private var termRuns: [TermRun] {
        guard let first = kept.first?.segment.startState, let tail else { return [] }
        var runs = first.index > 0 ? [TermRun(firstIndex: first.index, term: first.term)] : []
        let extents = kept.dropFirst().map(\.segment.startState.segment) + [tail.state.segment]
        for run in extents.flatMap(\.termRuns) where run.term != runs.last?.term { runs.append(run) }
        return runs
    }

    /// See ``RecoveredLog/committedState``.
    private func committedState(_ commitIndex: UInt64) throws(LogError) -> LogState? {
        guard let tail, let last = kept.last, commitIndex > 0 else { return nil }
        if commitIndex == tail.state.index { return tail.state }
        guard let checkpoint = tail.checkpoints.last(where: { $0.state.index <= commitIndex }) else {
            return kept.last { $0.header.index <= commitIndex }?.state
        }
        var state = checkpoint.state
        var reader = SegmentReader(segment: last.segment, at: checkpoint.endOffset, index: state.index + 1)
        while let header = try reader.nextEntry(through: commitIndex) {
            guard case .intact(let payload, let effects) = try reader.verifyEntry() else {
                throw LogError(.io, file: last.segment.path, offset: reader.entryOffset, "an entry that was intact is damaged")
            }
            do throws(CodecError) {
                try state.fold(header, payload: payload.span.bytes, effects: effects)
            } catch {
                throw LogError(.io, file: last.segment.path, offset: reader.entryOffset, error.reason)
            }
        }
        return state
    }
}
