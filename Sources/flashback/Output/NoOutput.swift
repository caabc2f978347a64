import Common

/// Goes through all changes, and writes none: what cannot be reversed is found before anything is written.
struct NoOutput: ReversedOutput, ~Copyable {
    private var reversal = RowsReversal()

    mutating func enter(_ format: FormatDescriptionEvent, serverID: UInt32) {}
    mutating func beginStatement() {}
    mutating func addTable(_ event: RawSpan, _ map: TableMapEvent, checksum: ChecksumAlgorithm) {}
    mutating func makeRoom() {}

    mutating func undo(
        _ event: RawSpan, _ header: EventHeader, _ plan: (event: RowsEvent, plan: RowPlan)
    ) throws(CodecError) {
        try reversal.check(event, header, plan)
    }

    mutating func endStatement() {}
    mutating func endTransaction() {}
    mutating func finish() {}
}
