import BinlogInput
import Common

/// Takes the rows out of an event that `--where` asks for.
struct RowSelection: ~Copyable {
    private var matcher: RowMatcher
    /// The last event of which some rows were taken.
    private var sink = ByteSink(capacity: 1 << 10)
    /// Memory that is kept for the next event.
    private static let keptBytes = 1 << 20

    enum Answer {
        case none
        case some
        case all
    }

    init(_ conditions: [RowCondition]) { matcher = RowMatcher(conditions) }

    /// Lends the event with the rows that were taken and no others, without a checksum.
    func withEvent<Result>(_ body: (RawSpan) throws(ToolError) -> Result) throws(ToolError) -> Result { try body(sink.bytes) }

    /// Finds the rows of an event; where they are some of them, ``withEvent(_:)`` lends them.
    ///
    /// - Parameter columns: For each condition its column.
    mutating func take(
        from event: RawSpan, _ plan: (event: RowsEvent, plan: RowPlan), columns: [Int]
    ) throws(CodecError) -> Answer {
        sink.removeAll(keeping: Self.keptBytes)
        let start = plan.event.rows.lowerBound
        sink.append(event.extracting(0..<start))
        var rows = try RowReader(event, event: plan.event, plan: plan.plan)
        var end = start
        var hasOthers = false
        while try rows.next() {
            let row = end..<max(rows.beforeRange.upperBound, rows.afterRange.upperBound)
            end = row.upperBound
            if matcher.matches(rows, columns: columns) { sink.append(event.extracting(row)) } else { hasOthers = true }
        }
        if !hasOthers { return .all }
        return sink.count > start ? .some : .none
    }
}
