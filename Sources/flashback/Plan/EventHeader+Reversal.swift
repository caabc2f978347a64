import Common

extension EventHeader {
    /// The type of the row event that this is, or that it is once it is expanded; nil for other events.
    var rowsType: EventType? {
        let ordinary = CompressedEventReader.ordinaryType(of: type) ?? type
        return RowsEvent.action(of: ordinary) == nil ? nil : ordinary
    }

    /// Whether it is a row event that ends its statement, or the event that ends a transaction.
    ///
    /// - Parameter head: The event's beginning.
    func endsStatement(_ head: RawSpan, _ layout: EventLayout, _ checksum: ChecksumAlgorithm) -> Bool {
        guard let rowsType else { return endsTransaction(head, checksum) }
        let flagsOffset = layout.rowFlagsOffset(rowsType)
        guard head.byteCount > flagsOffset else { return false }
        return RowsEvent.Flags(rawValue: UInt16(head.byte(at: flagsOffset))).contains(.statementEnd)
    }

    /// Whether it is the XID or the COMMIT that ends a transaction of rows.
    ///
    /// - Parameter head: The event's beginning.
    func endsTransaction(_ head: RawSpan, _ checksum: ChecksumAlgorithm) -> Bool {
        guard type == .query else { return type == .xid }
        guard let query = try? QueryEvent(decoding: head, checksum: checksum), !query.query.spells("BEGIN") else { return false }
        return query.query.spells("COMMIT") || StatementWords(query.query).first == "COMMIT"
    }
}
