import Common

/// The verdict as `--check` prints it.
enum VerdictText {
    /// `db1-bin.000012 at byte 4711, GTID …: reason`.
    private static func line(_ blocker: Verdict.Blocker) -> String {
        let gtid = blocker.gtid.map { ", \($0)" } ?? ""
        return "\(blocker.file) at byte \(blocker.position)\(gtid): \(blocker.reason)"
    }

    /// A line for each blocker.
    static func lines(_ verdict: Verdict) -> [String] {
        let untold = verdict.blockerCount - UInt64(verdict.blockers.count)
        return verdict.blockers.map(line) + (untold > 0 ? ["and \(untold) more that cannot be undone"] : [])
    }

    static func text(_ verdict: Verdict) -> String {
        var lines = ["\(verdict.outcome.rawValue): \(verdict.transactionCount) transactions, \(verdict.rowEventCount) row events"]
        lines += verdict.warnings.map { "warning: \($0)" }
        lines += Self.lines(verdict)
        return lines.joined(separator: "\n")
    }

    static func json(_ verdict: Verdict) -> String {
        var sink = ByteSink(capacity: 1 << 12)
        sink.append("{\"verdict\":")
        sink.append(jsonString: "\(verdict.outcome)")
        sink.append(",\"transactions\":")
        sink.append(decimal: verdict.transactionCount)
        sink.append(",\"row_events\":")
        sink.append(decimal: verdict.rowEventCount)
        sink.append(",\"blocker_count\":")
        sink.append(decimal: verdict.blockerCount)
        sink.append(",\"blockers\":[")
        for (index, blocker) in verdict.blockers.enumerated() {
            sink.append(index == 0 ? "{\"gtid\":" : ",{\"gtid\":")
            if let gtid = blocker.gtid { sink.append(jsonString: gtid) } else { sink.append("null") }
            sink.append(",\"file\":")
            sink.append(jsonString: blocker.file)
            sink.append(",\"position\":")
            sink.append(decimal: blocker.position)
            sink.append(",\"reason\":")
            sink.append(jsonString: blocker.reason)
            sink.append(",\"needs_schema\":")
            sink.append(blocker.needsSchema ? "true}" : "false}")
        }
        sink.append("],\"warnings\":[")
        for (index, warning) in verdict.warnings.enumerated() {
            if index > 0 { sink.append(",") }
            sink.append(jsonString: warning)
        }
        sink.append("]}")
        return sink.string
    }
}
