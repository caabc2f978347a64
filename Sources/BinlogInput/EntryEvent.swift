import Common

/// The event that holds a log entry's header in a Kingbus segment.
package struct EntryEvent {
    package let header: EntryHeader
    /// The durable mark; nil where its checksum is wrong.
    package let durableMark: UInt64?
    /// Where in the event a payload begins that stands inside it.
    package let payloadOffset: Int

    /// Bytes of the events behind this one that are the entry's payload.
    package var payloadBehind: UInt64 { header.kind.hasEventPayload ? header.payloadLength : 0 }
    /// Bytes of payload inside the event.
    package var payloadInside: UInt64 { header.kind.hasEventPayload ? 0 : header.payloadLength }

    /// Whether the event, of which `head` is at least the beginning, holds an entry's header.
    package static func matches(_ event: EventHeader, head: RawSpan) -> Bool {
        let magicOffset = EventHeader.byteCount
        guard event.type == .ignorable, head.byteCount >= magicOffset + 4 else { return false }
        return UInt32(littleEndian: head.unsafeLoadUnaligned(fromByteOffset: magicOffset, as: UInt32.self)) == EntryHeader.magic
    }

    /// - Parameter head: as much of the event as a header can take, or all of it.
    /// - Throws: where the header is damaged, or the event is not as long as its header and payload.
    package init(
        decoding event: EventHeader, head: RawSpan, checksum: ChecksumAlgorithm, sharing previous: EntryHeader? = nil
    ) throws(CodecError) {
        let body = head.extracting(EventHeader.byteCount..<head.byteCount)
        header = try EntryHeader(decoding: body, sharing: previous)
        durableMark = header.durableMark(in: body)
        payloadOffset = EventHeader.byteCount + header.byteCount
        guard UInt64(event.eventLength) == UInt64(payloadOffset + checksum.byteCount) + payloadInside else {
            throw CodecError(.invalid, at: 0, "an entry's event of \(event.eventLength) bytes is not as long as its header says")
        }
    }
}
