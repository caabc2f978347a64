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
    /// Session state that the statement depends on, encoded: see ``QueryStatusVariables``.
    public let statusVariables: RawSpan
    /// The default database; may be empty.
    public let database: RawSpan
    /// The statement's text, or as much of it as is in the given bytes.
    public let query: RawSpan
    /// Bytes of the whole text.
    public let queryByteCount: Int

    /// Whether ``query`` is the whole text.
    public var isComplete: Bool { query.byteCount == queryByteCount }

    /// Bytes of the body's fixed part.
    static let postHeaderByteCount = 13

    /// Reads an event, of which only a head needs to be there.
    ///
    /// - Parameters:
    ///   - event: The event from its header on; at least to the beginning of its text, at most to its end.
    ///   - checksum: Whether the whole event ends with one.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        try self.init(head: try EventHead(decoding: event, is: .query, checksum: checksum), extraByteCount: 0)
    }

    /// Reads an event whose fixed part has more bytes than a QUERY's.
    @_lifetime(copy head)
    init(head: borrowing EventHead, extraByteCount: Int) throws(CodecError) {
        var reader = ByteReader(head.body)
        threadID = try reader.uint32()
        executionTime = try reader.uint32()
        let databaseLength = Int(try reader.uint8())
        errorCode = try reader.uint16()
        let statusLength = Int(try reader.uint16())
        try reader.skip(extraByteCount)
        statusVariables = try reader.bytes(statusLength)
        database = try reader.bytes(databaseLength)
        let terminator = EventHeader.byteCount + reader.offset
        guard try reader.uint8() == 0 else {
            throw CodecError(.invalid, at: terminator, "the database name of a QUERY event has no zero byte behind it")
        }
        queryByteCount = head.bodyByteCount - reader.offset
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
