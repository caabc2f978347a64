import Common

/// Reads all entries of the last segment, checking everything, up to the place where they end.
struct TailScan {
    /// The state behind the last intact entry.
    private(set) var state: LogState
    /// The highest durable mark seen.
    private(set) var durableMark: UInt64
    /// The highest commit index that an entry's header names.
    private(set) var commitIndex: UInt64
    /// What stands behind the last intact entry, and the error that describes it unless it is the file's end.
    private(set) var finding = RecoveryFinding.end
    private(set) var error: LogError?
    /// Where the last intact entry ends.
    private(set) var endOffset: UInt64
    /// States on the way, each with the place where its last entry ends; the first is the one behind the segment entry.
    private(set) var checkpoints: [(state: LogState, endOffset: UInt64)]
    private static let checkpointBytes: UInt64 = 64 << 20
    /// Entries above the highest durable mark, and those that no longer are, before `firstUnmarked`.
    private var unmarked: [(index: UInt64, offset: UInt64)] = []
    private var firstUnmarked = 0
    private static let forgottenAtOnce = 1024

    /// - Parameter durableMark: the highest one that is known without reading the entries.
    init(_ beginning: SegmentBeginning, durableMark: UInt64) throws(LogError) {
        state = beginning.state
        self.durableMark = max(durableMark, beginning.durableMark)
        commitIndex = beginning.header.commitIndex
        endOffset = beginning.endOffset
        checkpoints = [(beginning.state, beginning.endOffset)]
        if beginning.header.index > self.durableMark { unmarked.append((beginning.header.index, 0)) }
        var reader = SegmentReader(segment: beginning.segment, at: beginning.endOffset, index: beginning.header.index + 1)
        reader.acceptsAnyIndex = true
        while try take(&reader) {}
    }

    /// Takes the next entry; returns false where there is none, or none that is intact.
    private mutating func take(_ reader: inout SegmentReader) throws(LogError) -> Bool {
        let verdict: EntryVerdict
        let header: EntryHeader
        do throws(LogError) {
            guard let next = try reader.nextEntry(through: .max) else { return false }
            header = next
            verdict = try reader.verifyEntry()
        } catch {
            switch error.code {
            case .corruption: return stop(.damage, error)
            case .unsupported: return stop(.newerVersion, error)
            default: throw error
            }
        }
        switch verdict {
        case .damage(let error): return stop(.damage, error)
        case .contradiction(let error): return stop(error, header, reader)
        case .intact(let payload, let effects):
            do throws(CodecError) {
                try state.fold(header, payload: payload.span.bytes, effects: effects)
            } catch {
                return stop(error, header, reader)
            }
        }
        commitIndex = max(commitIndex, header.commitIndex)
        note(header.index, at: reader.entryOffset, durableMark: reader.durableMark ?? 0)
        endOffset = reader.offset
        if endOffset - checkpoints[checkpoints.count - 1].endOffset >= Self.checkpointBytes { checkpoints.append((state, endOffset)) }
        return true
    }

    /// Where the first entry above the highest durable mark begins, which with all behind it may be in memory only; nil where there is none.
    var unmarkedOffset: UInt64? { firstUnmarked < unmarked.count ? unmarked[firstUnmarked].offset : nil }

    /// Takes into account marks that were found elsewhere.
    mutating func raise(durableMark mark: UInt64) {
        durableMark = max(durableMark, mark)
        while firstUnmarked < unmarked.count, unmarked[firstUnmarked].index <= durableMark { firstUnmarked += 1 }
        if firstUnmarked >= Self.forgottenAtOnce {
            unmarked.removeFirst(firstUnmarked)
            firstUnmarked = 0
        }
    }

    private mutating func note(_ index: UInt64, at offset: UInt64, durableMark mark: UInt64) {
        if index > durableMark { unmarked.append((index, offset)) }
        raise(durableMark: mark)
    }

    private mutating func stop(_ finding: RecoveryFinding, _ error: LogError) -> Bool {
        self.finding = finding
        self.error = error
        return false
    }

    private mutating func stop(_ error: CodecError, _ header: EntryHeader, _ reader: borrowing SegmentReader) -> Bool {
        stop(
            error.code == .unsupported ? .newerVersion : .contradiction,
            LogError(.corruption, file: reader.segment.path, offset: reader.entryOffset, index: header.index, error.reason))
    }
}
