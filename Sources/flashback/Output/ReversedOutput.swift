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
    /// Tells where the event stands that is handed out next: of an event out of a compressed transaction, where that one does.
    mutating func meet(_ input: PlannedInput, at offset: UInt64)
    mutating func endStatement()
    mutating func endTransaction()
    /// Ends the output.
    mutating func finish() throws(ToolError)
}

extension ReversedOutput where Self: ~Copyable {
    mutating func meet(_ input: PlannedInput, at offset: UInt64) {}
}
