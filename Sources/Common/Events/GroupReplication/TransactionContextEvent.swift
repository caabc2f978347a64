/// TRANSACTION_CONTEXT: what a member of a replication group tells the others about a transaction, for them to certify it.
///
/// Source: `Transaction_context_event` in MySQL's `control_events.h` and `.cpp`.
public struct TransactionContextEvent: ~Escapable {
    /// The member's server_uuid, as text.
    public let serverUUID: RawSpan
    public let threadID: UInt32
    /// Whether the session chose the GTID.
    public let hasSpecifiedGTID: Bool
    /// The GTIDs that the transaction saw, in MySQL's binary encoding of a set; may be empty.
    public let encodedSnapshot: RawSpan
    public let writeSetCount: Int
    public let readSetCount: Int
    private let sets: RawSpan

    /// Reads a whole event.
    ///
    /// - Throws: `truncated` where the sets' elements go past the event's end.
    @_lifetime(copy event)
    public init(decoding event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        var reader = ByteReader(try eventBody(event, is: .transactionContext, checksum: checksum))
        let uuidLength = Int(try reader.uint8())
        threadID = try reader.uint32()
        hasSpecifiedGTID = try reader.uint8() != 0
        let snapshotLength = Int(try reader.uint32())
        writeSetCount = Int(try reader.uint32())
        readSetCount = Int(try reader.uint32())
        serverUUID = try reader.bytes(uuidLength)
        encodedSnapshot = try reader.bytes(snapshotLength)
        sets = reader.rest()
        var elements = ByteReader(sets)
        for _ in 0..<writeSetCount { try elements.skip(Int(try elements.uint16())) }
        for _ in 0..<readSetCount { try elements.skip(Int(try elements.uint16())) }
    }

    /// Hands over the hashes of the rows that the transaction wrote.
    public func forEachWrite(_ body: (RawSpan) -> Void) {
        var elements = ByteReader(sets)
        for _ in 0..<writeSetCount {
            guard let length = try? elements.uint16(), let element = try? elements.bytes(Int(length)) else { return }
            body(element)
        }
    }
}
