/// What is there of an event of which only the beginning may be there: a consumer that prints needs no more of a large one.
struct EventHead: ~Escapable {
    let header: EventHeader
    /// The body, or as much of it as is in the given bytes; without the checksum.
    let body: RawSpan
    /// Bytes of the whole body.
    let bodyByteCount: Int

    /// Whether ``body`` is the whole body.
    var isComplete: Bool { body.byteCount == bodyByteCount }

    /// - Parameters:
    ///   - event: The event from its header on, at most to its end.
    ///   - checksum: Whether the whole event ends with one.
    /// - Throws: `invalid` where the bytes go past the event's end; `truncated` where the checksum has no room.
    @_lifetime(copy event)
    init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        header = try EventHeader(decoding: event)
        guard event.byteCount <= Int(header.eventLength) else {
            throw CodecError(
                .invalid, at: EventHeader.eventLengthOffset,
                "the header says \(header.eventLength) bytes, the event has \(event.byteCount)")
        }
        bodyByteCount = Int(header.eventLength) - EventHeader.byteCount - checksum.byteCount
        guard bodyByteCount >= 0 else {
            throw CodecError(.truncated, at: event.byteCount, "the event has no room for its checksum")
        }
        let end = min(event.byteCount, EventHeader.byteCount + bodyByteCount)
        body = event.extracting(EventHeader.byteCount..<end)
    }

    @_lifetime(copy event)
    init(decoding event: RawSpan, is type: EventType, checksum: ChecksumAlgorithm) throws(CodecError) {
        try self.init(decoding: event, checksum: checksum)
        guard header.type == type else {
            throw CodecError(.invalid, at: EventHeader.typeOffset, "expected \(type), found \(header.type)")
        }
    }
}
