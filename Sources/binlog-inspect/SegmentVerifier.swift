import BinlogInput
import Common

/// Checks that the entries of segments follow from each other: chain, payload checksums, and the state that each segment begins with.
struct SegmentVerifier {
    /// The state behind the last entry; nil before the first.
    private(set) var state: LogState?
    /// The entry whose payload is being read, and what its events change.
    private var header: EntryHeader?
    private var effects = EventEffects(checksum: .none)

    /// Takes an entry's event. Unless its payload follows it, the entry is complete with that.
    ///
    /// - Parameters:
    ///   - event: the event, whole where the payload stands inside.
    ///   - prefix: for the first entry of a file, the CRC-32C of all bytes before it.
    mutating func take(_ entry: EntryEvent, event: RawSpan, prefix: UInt32?) throws(CodecError) {
        guard let mark = entry.durableMark, mark < entry.header.index else {
            throw CodecError(.checksumMismatch, at: 0, "the entry's durable mark is not intact")
        }
        if entry.header.kind.hasEventPayload {
            guard let state else { throw CodecError(.invalid, at: 0, "the first entry begins no segment") }
            header = entry.header
            effects = EventEffects(checksum: state.checksum)
            return
        }
        let payload = event.extracting(entry.payloadOffset..<entry.payloadOffset + Int(entry.payloadInside))
        guard CRC32C.checksum(of: payload) == entry.header.payloadChecksum else {
            throw CodecError(.checksumMismatch, at: 0, "the payload's CRC-32C is wrong")
        }
        if let prefix, entry.header.kind == .segment {
            let expected = try LogState(decoding: payload).fileHeader()
            guard CRC32C.checksum(of: expected.span.bytes) == prefix else {
                throw CodecError(.invalid, at: 0, "the file's header is not the one that belongs to its segment entry")
            }
        }
        if state != nil, prefix == nil || entry.header.index == state.map({ $0.index + 1 }) {
            try state?.fold(entry.header, payload: payload)
        } else {
            state = try LogState(beginningWith: entry.header, payload: payload)
        }
    }

    /// Takes the next event of the entry's payload, whose head is enough.
    mutating func take(_ event: EventHeader, head: RawSpan) throws(CodecError) {
        guard let header else { return }
        switch EventEffects.Reach(header) {
        case .all: try effects.take(event, event: head)
        case .firstEvent where effects.eventCount == 0: try effects.take(event, event: head)
        default: break
        }
    }

    /// Takes the end of the entry's payload, whose bytes have the given CRC-32C.
    mutating func endPayload(digest: UInt32) throws(CodecError) {
        guard let header else { return }
        self.header = nil
        guard digest == header.payloadChecksum else { throw CodecError(.checksumMismatch, at: 0, "the payload's CRC-32C is wrong") }
        try state?.fold(header, payload: [UInt8]().span.bytes, effects: effects)
    }
}
