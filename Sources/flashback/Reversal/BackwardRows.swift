import Common

/// Hands out the rows of an event from the last to the first; keeps its memory from one event to the next.
final class BackwardRows {
    /// Where each row ends.
    private var ends: [Int] = []

    /// - Parameter plan: What ``RowDecoder/plan(for:checksum:)`` says of the event.
    func forEach(
        of event: RawSpan, _ plan: (event: RowsEvent, plan: RowPlan), _ body: (borrowing RowReader) throws(CodecError) -> Void
    ) throws(CodecError) {
        ends.removeAll(keepingCapacity: true)
        var rows = try RowReader(event, event: plan.event, plan: plan.plan)
        while try rows.next() { ends.append(max(rows.beforeRange.upperBound, rows.afterRange.upperBound)) }
        for index in ends.indices.reversed() {
            var one = plan.event
            one.rows = (index == 0 ? plan.event.rows.lowerBound : ends[index - 1])..<ends[index]
            var row = try RowReader(event, event: one, plan: plan.plan)
            while try row.next() { try body(row) }
        }
    }
}
