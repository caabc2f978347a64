import Common

extension PlannedInput {
    /// The GTID of the transaction that the event at `offset` is in, as text; nil where it has none.
    func gtid(ofEventAt offset: UInt64) throws(ToolError) -> String? {
        var bytes = ByteSink(capacity: 1 << 16)
        for block in list.blocks.reversed() where block.offset <= offset {
            bytes.removeAll()
            try file.read(block.offset, block.length, into: &bytes)
            let checksum = formats[block.format].description.checksum ?? .none
            do throws(CodecError) {
                if let beginning = try Self.lastBeginning(in: bytes.bytes, upTo: offset - block.offset, checksum) { return beginning.gtid }
            } catch { throw ToolError(.damaged, file: path, offset: block.offset, error.reason) }
        }
        return nil
    }

    /// What the last event says that begins a transaction, or ends the one before it, up to `limit`.
    private static func lastBeginning(
        in bytes: RawSpan, upTo limit: UInt64, _ checksum: ChecksumAlgorithm
    ) throws(CodecError) -> (gtid: String?, Void)? {
        var found: (gtid: String?, Void)?
        var cursor = EventCursor(bytes)
        while let header = try cursor.next(), UInt64(cursor.start) <= limit {
            switch header.type {
            case .gtid, .anonymousGTID, .gtidTagged:
                found = (try GTIDEvent(decoding: cursor.event, checksum: checksum).gtid?.description, ())
            case .mariaDBGTID: found = (try MariaDBGTIDEvent(decoding: cursor.event, checksum: checksum).gtid.description, ())
            default:
                if UInt64(cursor.start) < limit, header.endsTransaction(cursor.event, checksum) { found = (nil, ()) }
            }
        }
        return found
    }
}
