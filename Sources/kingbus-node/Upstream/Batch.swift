import Common
import Log

/// A contiguous run of the upstream's bytes that becomes one entry.
struct Batch: Sendable {
    var chunk: Chunk
    /// Name of the upstream's file that holds the first event, and the event's offset in it.
    var file: [UInt8]
    var position: UInt64
    var payload: EntryPayload
    /// A FORMAT_DESCRIPTION in this batch that stored events cannot share a segment file with: the segment rolls before it.
    var newFormat: [UInt8]?

    var byteCount: Int { Int(payload.byteCount) }
}
