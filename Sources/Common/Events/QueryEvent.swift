/// QUERY: a statement as text, or the BEGIN and COMMIT around others.
///
/// The same layout in every server from 5.0 on. Source: `Query_event` in MySQL's `statement_events.h`.
public struct QueryEvent: ~Escapable {
    /// The connection that ran the statement.
    public let threadID: UInt32
    /// Seconds that the statement took.
    public let executionTime: UInt32
    /// The error that the statement ended with on the source; 0 for none.
    public let errorCode: UInt16
    /// Session state that the statement depends on, encoded: see `Query_event_status_vars`.
    public let statusVariables: RawSpan
    /// The default database; may be empty.
    public let database: RawSpan
    /// The statement's text, or as much of it as is in the given bytes.
    public let query: RawSpan
    /// Whether ``query`` is the whole text.
    public let isComplete: Bool

    /// Reads an event, of which only a head needs to be there.
    ///
    /// - Parameters:
    ///   - event: The event from its header on; at least to the beginning of its text, at most to its end.
    ///   - checksum: Whether the whole event ends with one.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        let header = try EventHeader(decoding: event)
        guard header.type == .query else {
            throw CodecError(.invalid, at: EventHeader.typeOffset, "expected \(EventType.query), found \(header.type)")
        }
        let bodyEnd = Int(header.eventLength) - checksum.byteCount
        guard event.byteCount <= Int(header.eventLength), bodyEnd >= EventHeader.byteCount else {
            throw CodecError(
                .invalid, at: EventHeader.eventLengthOffset,
                "the header says \(header.eventLength) bytes, the event has \(event.byteCount)")
        }
        isComplete = event.byteCount >= bodyEnd
        var reader = ByteReader(event.extracting(0..<min(bodyEnd, event.byteCount)))
        try reader.skip(EventHeader.byteCount)
        threadID = try reader.uint32()
        executionTime = try reader.uint32()
        let databaseLength = Int(try reader.uint8())
        errorCode = try reader.uint16()
        let statusLength = Int(try reader.uint16())
        statusVariables = try reader.bytes(statusLength)
        database = try reader.bytes(databaseLength)
        let terminator = reader.offset
        guard try reader.uint8() == 0 else {
            throw CodecError(.invalid, at: terminator, "the database name of a QUERY event has no zero byte behind it")
        }
        query = reader.rest()
    }

    /// Appends a QUERY event with no session state but the server's defaults.
    public static func encode(
        _ query: some Collection<UInt8>, database: some Collection<UInt8>, threadID: UInt32 = 0, in envelope: EventEnvelope,
        into bytes: inout [UInt8]
    ) {
        precondition(database.count <= UInt8.max, "a database name has at most 255 bytes")
        envelope.encode(.query, into: &bytes) { body in
            body.append(littleEndian: threadID)
            body.append(littleEndian: UInt32(0))
            body.append(UInt8(database.count))
            body.append(littleEndian: UInt16(0))
            body.append(littleEndian: UInt16(0))
            body.append(nullTerminated: database)
            body.append(contentsOf: query)
        }
    }
}
