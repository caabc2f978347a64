import Common

/// What takes the changes that undo others, from the last transaction to the first.
protocol ReversedOutput: ~Copyable {
    /// Begins events of a format.
    mutating func enter(_ format: FormatDescriptionEvent, serverID: UInt32) throws(ToolError)
    /// Begins a statement whose rows are in no statement that was begun before.
    mutating func beginStatement()
    /// Takes a TABLE_MAP event of the statement, of a table that is wanted.
    mutating func addTable(_ event: RawSpan, _ map: TableMapEvent, checksum: ChecksumAlgorithm)
    /// Hands on what has gathered, if it is much: asked ahead of each row event.
    mutating func makeRoom() throws(ToolError)
    /// Takes a row event of the statement, which is to be undone.
    mutating func undo(
        _ event: RawSpan, _ header: EventHeader, _ plan: (event: RowsEvent, plan: RowPlan)
    ) throws(CodecError)
    /// Takes note of where the row event stands that is handed out next: of one out of a compressed transaction, where that one does.
    mutating func move(to place: EventPlace)
    /// Takes note of a table of which some rows are kept, since `--where` does not ask for them.
    mutating func keepRows(of table: TableMapEvent)
    mutating func endStatement()
    mutating func endTransaction()
    /// Takes the GTID event that the transaction begins with, whose rows have been handed out.
    mutating func name(_ event: RawSpan, _ header: EventHeader, checksum: ChecksumAlgorithm) throws(CodecError)
    /// Ends the output.
    mutating func finish() throws(ToolError)
}

extension ReversedOutput where Self: ~Copyable {
    func move(to place: EventPlace) {}
    func keepRows(of table: TableMapEvent) {}
    func name(_ event: RawSpan, _ header: EventHeader, checksum: ChecksumAlgorithm) {}
}
