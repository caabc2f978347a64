/// What stands between the header and the checksum of a whole event.
///
/// - Parameters:
///   - event: The event from its header to its last byte, checksum included; not a byte more.
///   - type: What the event must be.
/// - Returns: The body, not copied.
/// - Throws: `invalid` where the event is of another type or its length differs from what its header says; `truncated` where the
///   checksum has no room.
@_lifetime(copy event)
func eventBody(_ event: RawSpan, is type: EventType, checksum: ChecksumAlgorithm) throws(CodecError) -> RawSpan {
    let header = try EventHeader(decoding: event)
    guard header.type == type else {
        throw CodecError(.invalid, at: EventHeader.typeOffset, "expected \(type), found \(header.type)")
    }
    return try eventBody(event, header: header, checksum: checksum)
}

@_lifetime(copy event)
func eventBody(_ event: RawSpan, header: EventHeader, checksum: ChecksumAlgorithm) throws(CodecError) -> RawSpan {
    guard UInt64(header.eventLength) == UInt64(event.byteCount) else {
        throw CodecError(
            header.eventLength > event.byteCount ? .truncated : .invalid, at: EventHeader.eventLengthOffset,
            "the header says \(header.eventLength) bytes, the event has \(event.byteCount)")
    }
    let end = event.byteCount - checksum.byteCount
    guard end >= EventHeader.byteCount else {
        throw CodecError(.truncated, at: event.byteCount, "the event has no room for its checksum")
    }
    return event.extracting(EventHeader.byteCount..<end)
}
