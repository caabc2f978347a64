/// APPEND_BLOCK or BEGIN_LOAD_QUERY: a piece of a file that LOAD DATA reads.
///
/// Source: `Append_block_event`, `Begin_load_query_event` in MySQL's `load_data_events.h`.
public struct LoadBlockEvent: ~Escapable {
    /// The number that the file goes by until it is loaded or dropped.
    public let fileID: UInt32
    /// Whether the file begins here.
    public let isFirst: Bool
    /// The piece's bytes, or as many of them as are in the given ones.
    public let block: RawSpan
    /// Bytes of the whole piece.
    public let blockByteCount: Int

    /// Reads an event of either type, of which only a head needs to be there.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        let head = try EventHead(decoding: event, checksum: checksum)
        guard head.header.type == .appendBlock || head.header.type == .beginLoadQuery else {
            throw CodecError(.invalid, at: EventHeader.typeOffset, "expected a piece of a file, found \(head.header.type)")
        }
        isFirst = head.header.type == .beginLoadQuery
        var reader = ByteReader(head.body)
        fileID = try reader.uint32()
        blockByteCount = head.bodyByteCount - reader.offset
        block = reader.rest()
    }
}
