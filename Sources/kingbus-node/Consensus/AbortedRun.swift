import Common
import Log

/// Makes the events that end an incomplete transaction for a stock tool that reads the segment file.
///
/// Row events of a statement whose last event is missing would be carried over into the next file and applied there; an event that
/// ends the statement without rows prevents it, and at the next FORMAT_DESCRIPTION mysqlbinlog rolls back. Inside an XA transaction
/// ROLLBACK is an error (1399), so it is ended and rolled back by its own statements.
enum AbortedRun {
    static func endingEvents(
        of run: LogState.OpenRun, in catalog: SegmentCatalog, through index: UInt64, serverID: UInt32, checksum: ChecksumAlgorithm
    ) throws -> [UInt8] {
        let boundary = try boundary(of: run, in: catalog, through: index, checksum: checksum)
        var events: [UInt8] = []
        let envelope = EventEnvelope(serverID: serverID, checksum: checksum)
        StatementEndEvent.encode(in: envelope, into: &events)
        for statement in boundary.xaRun?.rollbackStatements ?? [] {
            QueryEvent.encode(statement, database: [], in: envelope, into: &events)
        }
        return events
    }

    /// Walks the run's first and last events, heads only, to learn whether an XA transaction is open, and whether it was ended: where it was,
    /// that is the last event. What stands between may be gigabytes, and consensus waits meanwhile; as it would for what stands before.
    private static func boundary(
        of run: LogState.OpenRun, in catalog: SegmentCatalog, through index: UInt64, checksum: ChecksumAlgorithm
    ) throws -> TransactionBoundary {
        var boundary = TransactionBoundary()
        guard let segment = catalog.segment(holding: run.index) else { return boundary }
        var reader = SegmentReader(segment: segment, at: run.offset, index: run.index)
        while let entry = try reader.nextEntry(through: index) {
            guard entry.kind == .events else { continue }
            while reader.payloadRemaining > 0 {
                let count = try reader.fillPayload(atLeast: TransactionBoundary.headByteCount)
                let header = try EventHeader(decoding: reader.payload(count))
                guard UInt64(header.eventLength) <= reader.payloadRemaining else {
                    throw LogError(.corruption, file: segment.path, offset: reader.offset, "an event does not fit its entry")
                }
                _ = try boundary.consume(header, head: reader.payload(min(count, Int(header.eventLength))), checksum: checksum)
                reader.consumePayload(Int(header.eventLength))
                // Behind its first statement no XA transaction begins any more.
                if boundary.isInside, boundary.xaRun == nil { return boundary }
            }
            if boundary.xaRun != nil, entry.index < run.lastIndex {
                reader = SegmentReader(segment: segment, at: run.lastOffset, index: run.lastIndex)
            }
        }
        return boundary
    }
}
