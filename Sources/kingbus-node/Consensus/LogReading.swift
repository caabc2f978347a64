import Common
import Log

extension SegmentCatalog {
    /// The segment that follows `segment`, or nil behind the last.
    func segment(after segment: Segment) -> Segment? {
        // Before the segment is asked: what is purged between the two is still here.
        let all = segments()
        // The first that is left would be behind a gap.
        if let successor = segment.successor { return successor }
        // Who has caught up asks at each commit.
        guard let last = all.last, last.firstIndex > segment.firstIndex else { return nil }
        return all.first { $0.firstIndex > segment.firstIndex }
    }

    /// Reads entries in order; the payload is empty where ``LogState/fold(_:payload:)`` does not read it.
    func forEachEntry(
        from first: UInt64, through last: UInt64, _ body: (EntryHeader, RawSpan) throws -> Void
    ) throws {
        guard first <= last else { return }
        // Not from the log's beginning: that would read all of it, however little is wanted.
        let beginning = segment(holding: first)?.firstIndex ?? 0
        for segment in segments() where segment.firstIndex >= beginning && segment.firstIndex <= last {
            var reader = SegmentReader(segment: segment)
            while let header = try reader.nextEntry(through: last) {
                guard header.index >= first else { continue }
                let isRead = header.kind != .events || header.chunk == .whole || header.chunk == .begin
                let payload = isRead ? try reader.restOfPayload() : []
                try body(header, payload.span.bytes)
            }
        }
    }
}

extension SegmentReader {
    /// All that is left of the current entry's payload; only for entries that fit memory.
    mutating func restOfPayload() throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(payloadRemaining))
        while payloadRemaining > 0 {
            let count = try fillPayload(atLeast: 1)
            bytes.append(payload(count))
            consumePayload(count)
        }
        return bytes
    }
}

extension LogState {
    /// The highest entry that a reader may be given: nothing of an incomplete transaction, and nothing of an aborted one until the
    /// segment that holds it is marked.
    var visibleIndex: UInt64 {
        if let openRun { return openRun.index - 1 }
        return abortedRunIndex == 0 ? index : abortedRunIndex - 1
    }
}
