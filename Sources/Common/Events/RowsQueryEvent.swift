/// ROWS_QUERY: the statement behind the row events that follow (binlog_rows_query_log_events=ON).
///
/// Source: `Rows_query_event` in MySQL's `rows_event.h`. The body's first byte once was the text's length; longer texts made it
/// meaningless.
public struct RowsQueryEvent: ~Escapable {
    /// The statement's text, or as much of it as is in the given bytes.
    public let text: RawSpan
    /// Whether ``text`` is the whole text.
    public let isComplete: Bool

    /// Reads an event, of which only a head needs to be there.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        let head = try EventHead(decoding: event, is: .rowsQuery, checksum: checksum)
        var reader = ByteReader(head.body)
        try reader.skip(1)
        text = reader.rest()
        isComplete = head.isComplete
    }
}
