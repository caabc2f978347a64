import Common

extension Undo {
    /// Compares what is on a server with what the planned changes left behind.
    ///
    /// Only the last change of each row is looked at. Only the keys by which rows are found are looked at, and neither other unique keys
    /// nor foreign ones: `--apply --dry-run` meets them all, and takes locks.
    ///
    /// - Parameters:
    ///   - report: Is given a line for each conflict.
    ///   - tell: Is given what the user should know.
    /// - Returns: Why nothing can be compared there, and whether that is for want of names.
    /// - Throws: `conflict` where there are some.
    func verify(
        _ plan: Plan, on target: Target, report: @escaping (String) -> Void, tell: (LogLevel, String) -> Void
    ) throws(ToolError) -> (obstacles: [String], needsNames: Bool) {
        let survey = try survey(plan)
        let nameless = survey.namelessTables.sorted().map { "the columns of \($0.quoted) have no names in the binlog, or other ones there" }
        guard nameless.isEmpty else { return (nameless, true) }
        let tables = try TargetTables(survey.tables, on: target, changes: false)
        guard tables.obstacles.isEmpty else { return (tables.obstacles, false) }
        let verification = try Verification(survey, folder: temporaryFolder)
        try walk(plan, DemandOutput(verification))
        try target.query("COMMIT")
        try target.query("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        try target.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        try walk(plan, VerifyOutput(target, verification, survey, tell: report))
        try target.query("ROLLBACK")
        tell(
            .notice,
            "\(verification.comparedCount) rows and keys of \(survey.transactionCount) transactions have been compared at \(target.name)")
        guard verification.conflictCount == 0 else {
            throw ToolError(.conflict, file: target.name, "\(verification.conflictCount) rows or keys are not what the changes left")
        }
        return ([], false)
    }
}
