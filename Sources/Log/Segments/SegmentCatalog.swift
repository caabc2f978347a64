import Common
import Synchronization

/// The segments of the log, as they are now, for readers on any thread.
public final class SegmentCatalog: Sendable {
    private let list: Mutex<[Segment]>
    let reaper = SegmentReaper()

    init(_ segments: [Segment] = []) {
        for (segment, next) in zip(segments, segments.dropFirst()) { segment.setAbortedRunIndex(next.startState.abortedRunIndex) }
        list = Mutex(segments)
    }

    /// All segments, ascending.
    public func segments() -> [Segment] { list.withLock { $0 } }

    /// The segment that holds the entry or, for an index beyond the log's end, would hold it; nil below the first.
    public func segment(holding index: UInt64) -> Segment? {
        list.withLock { segments in
            var low = 0
            var high = segments.count
            while low < high {
                let middle = (low + high) / 2
                if segments[middle].firstIndex <= index { low = middle + 1 } else { high = middle }
            }
            return low == 0 ? nil : segments[low - 1]
        }
    }

    /// Takes out the segments that hold only entries below `floor`, which is the index of a segment entry; the last segment stays.
    ///
    /// A file is removed once nobody holds its segment, and never before the files of the segments before it: after a crash the log has no gap.
    public func purge(below floor: UInt64) {
        let purged = list.withLock { segments -> [Segment] in
            let count = segments.dropFirst().prefix { $0.firstIndex <= floor }.count
            let purged = Array(segments[..<count])
            for (segment, next) in zip(purged, segments.dropFirst()) { segment.setPurged(.init(reaper: reaper, successor: next)) }
            segments.removeFirst(count)
            return purged
        }
        withExtendedLifetime(purged) {}
    }

    func append(_ segment: Segment) {
        list.withLock { segments in
            precondition(segments.last.map { $0.firstIndex < segment.firstIndex } ?? true)
            segments.last?.setAbortedRunIndex(segment.startState.abortedRunIndex)
            segments.append(segment)
        }
    }

    /// Takes the last segment out, whose entries are being cut off.
    func removeLast() {
        list.withLock { segments in
            segments.removeLast()
            segments.last?.setAbortedRunIndex(0)
        }
    }

    var last: Segment? { list.withLock { $0.last } }
    var first: Segment? { list.withLock { $0.first } }
}
