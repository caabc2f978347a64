import Common

/// An entry's event as it stands in a file, up to a payload inside it.
struct StoredHeader {
    /// The most bytes that ``init(decoding:in:sharing:)`` looks at.
    static let maxByteCount =
        EventHeader.byteCount + EntryHeader.fixedByteCount + EntryHeader.maxFileNameBytes + ChecksumAlgorithm.crc32.byteCount

    let header: EntryHeader
    /// The durable mark; nil where its checksum is wrong.
    let durableMark: UInt64?
    /// Bytes before the payload.
    let byteCount: Int
    /// Bytes of the event's checksum behind a payload that stands inside the event; 0 where the payload is events of its own.
    let trailerByteCount: UInt64
    /// CRC-32 of the event up to a payload inside it.
    let eventChecksum: UInt32

    /// Bytes of the whole entry.
    var storedByteCount: UInt64 { UInt64(byteCount) + header.payloadLength + trailerByteCount }

    /// - Parameter span: begins with the entry's event and may go on behind it.
    /// - Throws: ``CodecError`` where the bytes are not an entry as this segment would hold it. The CRC-32 of an event with the payload
    ///   inside is left to check.
    init(decoding span: RawSpan, in segment: Segment, sharing previous: EntryHeader? = nil) throws(CodecError) {
        try self.init(decoding: span, serverID: segment.startState.serverID, checksum: segment.checksum, sharing: previous)
    }

    init(decoding span: RawSpan, serverID: UInt32?, checksum: ChecksumAlgorithm?, sharing previous: EntryHeader? = nil) throws(CodecError) {
        let event = try EventHeader(decoding: span)
        guard event.type == .ignorable, event.flags == .ignorable, event.timestamp == 0, event.endPosition == 0 else {
            throw CodecError(.invalid, at: 0, "the event is not one that holds an entry's header")
        }
        let body = span.extracting(EventHeader.byteCount..<span.byteCount)
        header = try EntryHeader(decoding: body, sharing: previous)
        guard serverID == nil || event.serverID == serverID else {
            throw CodecError(.invalid, at: 5, "the entry's server id is not the cluster's")
        }
        durableMark = header.durableMark(in: body)
        let end = EventHeader.byteCount + header.byteCount
        let inside = header.kind.hasEventPayload ? 0 : header.payloadLength
        // A file's own algorithm follows from its segment entry, which is read before it is known.
        let checksumBytes = checksum.map(\.byteCount) ?? (Int(event.eventLength) &- end &- Int(inside))
        guard checksumBytes == 0 || checksumBytes == ChecksumAlgorithm.crc32.byteCount,
            UInt64(event.eventLength) == UInt64(end + checksumBytes) + inside
        else {
            throw CodecError(.invalid, at: EventHeader.eventLengthOffset, "the event's length is not its entry header's")
        }
        eventChecksum = CRC32.checksum(of: span.extracting(0..<end))
        guard header.kind.hasEventPayload else {
            byteCount = end
            trailerByteCount = UInt64(checksumBytes)
            return
        }
        byteCount = end + checksumBytes
        trailerByteCount = 0
        guard span.byteCount >= byteCount else { throw CodecError(.truncated, at: span.byteCount, "the file ends inside the entry") }
        if checksumBytes > 0 {
            let stored = UInt32(littleEndian: span.unsafeLoadUnaligned(fromByteOffset: end, as: UInt32.self))
            guard stored == eventChecksum else { throw CodecError(.checksumMismatch, at: end, "the event's CRC-32 is wrong") }
        }
    }
}
