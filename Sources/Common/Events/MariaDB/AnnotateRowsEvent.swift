/// MariaDB's ANNOTATE_ROWS: the statement behind the row events that follow (binlog_annotate_row_events=ON).
///
/// Source: `Annotate_rows_log_event` in MariaDB's `log_event.h`.
public struct AnnotateRowsEvent: ~Escapable {
    /// The statement's text, or as much of it as is in the given bytes.
    public let text: RawSpan
    /// Whether ``text`` is the whole text.
    public let isComplete: Bool

    /// Reads an event, of which only a head needs to be there.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        let head = try EventHead(decoding: event, is: .annotateRows, checksum: checksum)
        text = head.body
        isComplete = head.isComplete
    }
}
