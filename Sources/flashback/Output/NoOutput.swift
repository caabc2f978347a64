import Common

/// Reverses all changes, and writes none: what cannot be reversed is found before anything is written.
struct NoOutput: ReversedOutput, ~Copyable {
    private var layout = EventLayout(FormatDescriptionEvent(serverVersion: "", postHeaderLengths: [], checksum: nil))
    private var reversal = RowsReversal()
    private var sink = ByteSink(capacity: 1 << 10)
    /// Memory that is kept for the next event.
    private static let keptBytes = 1 << 20

    mutating func enter(_ format: FormatDescriptionEvent, serverID: UInt32) { layout = EventLayout(format) }
    mutating func beginStatement() {}
    mutating func addTable(_ event: RawSpan, _ map: TableMapEvent, checksum: ChecksumAlgorithm) {}
    mutating func makeRoom() { sink.removeAll(keeping: Self.keptBytes) }

    mutating func undo(
        _ event: RawSpan, _ header: EventHeader, _ plan: (event: RowsEvent, plan: RowPlan)
    ) throws(CodecError) {
        try reversal.append(event, header, plan, layout: layout, checksum: .none, into: &sink)
        sink.removeAll(keeping: Self.keptBytes)
    }

    mutating func endStatement() {}
    mutating func endTransaction() {}
    mutating func finish() {}
}
