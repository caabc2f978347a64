/// EXECUTE_LOAD_QUERY: the LOAD DATA statement that reads the file whose blocks came before it.
///
/// Source: `Execute_load_query_event` in MySQL's `load_data_events.h`.
public struct ExecuteLoadQueryEvent: ~Escapable {
    /// What becomes of a row whose key is already there.
    public enum Duplicates: UInt8, Hashable, Sendable {
        case fail = 0
        case ignore = 1
        case replace = 2
    }

    static let byteCount = 13

    /// The number that the file goes by.
    public let fileID: UInt32
    /// Where in the statement's text the file's name stands, `LOCAL INFILE '…' REPLACE INTO` and all: whoever runs the statement puts
    /// its own there. Bytes from the text's beginning.
    public let fileNameRange: Range<Int>
    public let duplicates: Duplicates
    /// The statement, as a QUERY event has it.
    public let statement: QueryEvent

    /// Reads an event, of which only a head needs to be there.
    ///
    /// - Throws: `invalid` where the file's name is not within the text.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        let head = try EventHead(decoding: event, is: .executeLoadQuery, checksum: checksum)
        statement = try QueryEvent(head: head, extraByteCount: Self.byteCount)
        var reader = ByteReader(head.body)
        try reader.skip(QueryEvent.postHeaderByteCount)
        fileID = try reader.uint32()
        let start = Int(try reader.uint32())
        let end = Int(try reader.uint32())
        let number = try reader.uint8()
        guard start <= end, end <= statement.queryByteCount else {
            throw CodecError(
                .invalid, at: EventHeader.byteCount + QueryEvent.postHeaderByteCount,
                "the file's name stands at \(start) to \(end) of a text of \(statement.queryByteCount) bytes")
        }
        guard let duplicates = Duplicates(rawValue: number) else {
            throw CodecError(.invalid, at: EventHeader.byteCount + reader.offset - 1, "\(number) is no way to handle duplicates")
        }
        fileNameRange = start..<end
        self.duplicates = duplicates
    }
}
