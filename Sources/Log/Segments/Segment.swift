import Common
import Synchronization

/// One file of the log, open for reading from any thread.
///
/// Whoever holds a segment may go on reading it after it was purged: the file goes once it is released.
public final class Segment: Sendable {
    /// Index of the segment entry that the file begins with.
    public let firstIndex: UInt64
    public let path: String
    /// What the segment entry carries: the log's state before it.
    public let startState: LogState
    /// Where the segment entry stands: behind the binlog file's header, in bytes.
    public let firstEntryOffset: UInt64
    let file: any File

    private let size: Atomic<UInt64>
    private let abortedRun = Atomic<UInt64>(0)
    /// What purging the segment left to do when it is released.
    private let purge = Mutex<Purge?>(nil)

    struct Purge {
        let reaper: SegmentReaper
        /// The next segment, which may not go before this one: a gap would look like a lost file.
        let successor: Segment
    }

    init(firstIndex: UInt64, path: String, startState: LogState, firstEntryOffset: UInt64, byteCount: UInt64, file: any File) {
        self.firstIndex = firstIndex
        self.path = path
        self.startState = startState
        self.firstEntryOffset = firstEntryOffset
        self.file = file
        size = Atomic(byteCount)
    }

    deinit {
        if let purge = purge.withLock({ $0 }) { purge.reaper.remove(path) }
    }

    /// How the file's events end.
    public var checksum: ChecksumAlgorithm { startState.checksum }

    /// Bytes of whole entries in the file; grows while the segment is the last.
    public var byteCount: UInt64 { size.load(ordering: .acquiring) }

    /// First entry of the run that an abort at the segment's end undoes, which readers skip from there on; 0 where there is none, or
    /// where the next segment, which says so, is not there yet.
    public var abortedRunIndex: UInt64 { abortedRun.load(ordering: .acquiring) }

    /// The next segment, where this one is purged: whoever still reads it goes on there, though the catalog knows neither any more.
    public var successor: Segment? { purge.withLock { $0?.successor } }

    func setByteCount(_ count: UInt64) { size.store(count, ordering: .releasing) }
    func setAbortedRunIndex(_ index: UInt64) { abortedRun.store(index, ordering: .releasing) }
    func setPurged(_ purge: Purge) { self.purge.withLock { $0 = purge } }
}
