import Common
import Glibc
import Log

@testable import kingbus_node

/// A reader of one node's committed segments, as a replica's dump reads them: compares every byte that it is given with the source's.
final class SegmentFollower {
    private let catalog: SegmentCatalog
    private var segment: Segment
    private var reader: SegmentReader
    private var isSkippingRun = false
    /// Bytes of the source's events seen so far.
    private(set) var byteCount = 0

    struct Difference: Error, CustomStringConvertible {
        var description: String
    }

    init(_ catalog: SegmentCatalog) {
        self.catalog = catalog
        segment = catalog.segments()[0]
        reader = SegmentReader(segment: segment)
    }

    /// Reads what has become visible.
    func advance(through visible: UInt64, _ source: Source) throws {
        while true {
            guard let header = try reader.nextEntry(through: visible) else {
                guard let next = catalog.segment(after: segment), next.firstIndex <= visible else { return }
                segment = next
                reader = SegmentReader(segment: next)
                continue
            }
            guard header.kind == .events else { continue }
            switch header.chunk {
            case .whole: isSkippingRun = false
            case .begin: isSkippingRun = segment.abortedRunIndex == header.index
            case .middle, .end: break
            }
            if !isSkippingRun { try compare(header, source) }
        }
    }

    private func compare(_ header: EntryHeader, _ source: Source) throws {
        while try reader.verifyPayload() > 0 {}
        while reader.payloadRemaining > 0 {
            let count = try reader.fillPayload()
            guard byteCount + count <= source.bytes.count,
                isEqual(reader.payload(count), source, at: byteCount)
            else {
                throw Difference(description: "entry \(header.index) does not continue the source's events at byte \(byteCount)")
            }
            reader.consumePayload(count)
            byteCount += count
        }
    }

    private func isEqual(_ bytes: RawSpan, _ source: Source, at offset: Int) -> Bool {
        bytes.withUnsafeBytes { bytes in
            source.bytes.withUnsafeBytes { memcmp(bytes.baseAddress!, $0.baseAddress! + offset, bytes.count) == 0 }
        }
    }
}
