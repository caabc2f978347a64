/// MariaDB's PARTIAL_ROW_DATA (12.3): a piece of a row event that is too long for one packet.
///
/// Source: "PARTIAL_ROW_DATA_EVENT" in MariaDB's documentation of the replication protocol.
public struct PartialRowDataEvent: ~Escapable {
    private static let originalSizeFlag: UInt8 = 1

    /// How many pieces there are.
    public let pieceCount: UInt32
    /// Which of them this is, counted from 1.
    public let number: UInt32
    /// Bytes of the row event that the pieces make up; in the first piece only.
    public let originalSize: UInt64?
    /// The piece's bytes, or as many of them as are in the given ones.
    public let piece: RawSpan
    /// Bytes of the whole piece.
    public let pieceByteCount: Int

    /// Reads an event, of which only a head needs to be there.
    ///
    /// - Throws: `invalid` where the piece's number is not one of those that there are.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        let head = try EventHead(decoding: event, is: .partialRowData, checksum: checksum)
        var reader = ByteReader(head.body)
        pieceCount = try reader.uint32()
        number = try reader.uint32()
        guard number >= 1, number <= pieceCount else {
            throw CodecError(.invalid, at: EventHeader.byteCount, "piece \(number) of \(pieceCount)")
        }
        originalSize = try reader.uint8() & Self.originalSizeFlag == 0 ? nil : try reader.uint64()
        pieceByteCount = head.bodyByteCount - reader.offset
        piece = reader.rest()
    }
}
