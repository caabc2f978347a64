import Common

/// What was executed before a segment of a log, as its first entry says.
package struct SegmentBase {
    private static let readBytes = 4096

    /// Every transaction that is complete in the segments before, or was executed before the log began.
    let executed: GTIDSet
    /// Whether the segment before ends in a transaction that was cut off, and is not executed.
    let followsAbortedRun: Bool

    /// Reads and checks a segment's beginning; nil where it is not intact, or none.
    package init?(of path: String) {
        guard let state = try? Self.state(of: path) else { return nil }
        executed = state.executed
        followsAbortedRun = state.abortedRunIndex != 0
    }

    /// Whether none of the transactions stands in the segment, which ends where `next` begins.
    package func passes(_ wanted: GTIDSet, before next: SegmentBase) -> Bool {
        !next.followsAbortedRun && wanted.intersection(next.executed).isSubset(of: executed)
    }

    private static func state(of path: String) throws -> LogState? {
        var reader = try EventReader(ByteInput(path: path, readBytes: readBytes))
        while let header = try reader.next() {
            if header.type == .formatDescription {
                reader.adopt(try FormatDescriptionEvent(decoding: reader.head))
            } else if EntryEvent.matches(header, head: reader.head) {
                try reader.loadWhole()
                let entry = try EntryEvent(decoding: header, head: reader.head, checksum: reader.checksum)
                let payload = reader.head.extracting(entry.payloadOffset..<entry.payloadOffset + Int(entry.payloadInside))
                guard entry.header.kind == .segment, CRC32C.checksum(of: payload) == entry.header.payloadChecksum else { return nil }
                return try LogState(decoding: payload)
            } else if header.type != .previousGTIDs {
                return nil
            }
            try reader.finish(verifying: false)
        }
        return nil
    }
}
