import Common

extension Undo {
    /// Undoes what is planned on a server, or what is left of it where an earlier run was ended.
    ///
    /// - Parameters:
    ///   - isDryRun: Whether all is done in one transaction, which is rolled back.
    ///   - tell: Is given what the user should know.
    /// - Returns: Why nothing can be undone there; nothing has been then.
    func apply(
        _ plan: Plan, on target: Target, isDryRun: Bool, tell: (LogLevel, String) -> Void
    ) throws(ToolError) -> [String] {
        let survey = try survey(plan)
        let tables = try TargetTables(survey.tables, on: target, changes: true)
        for warning in tables.warnings { tell(.warning, warning) }
        guard tables.obstacles.isEmpty else { return tables.obstacles }
        let known = try RunProgress.undone(survey.run, on: target)
        let undone = known ?? 0
        guard undone < survey.transactionCount else {
            tell(
                .notice,
                survey.transactionCount == 0
                    ? "nothing is to be undone"
                    : "all \(survey.transactionCount) transactions have been undone before: \(RunProgress.table) has the run \(survey.run), "
                        + "which is to be deleted there to undo them again")
            return []
        }
        if undone > 0 { tell(.notice, "\(undone) of \(survey.transactionCount) transactions have been undone before, and are left out") }
        // Replicas that are told statements might change another one of several rows that are equal.
        if try target.query("SHOW SESSION VARIABLES LIKE 'binlog_format'").text(row: 0, column: 1) == "STATEMENT" {
            try target.query("SET @@SESSION.binlog_format='ROW'")
        }
        var progress: RunProgress?
        if !isDryRun {
            progress = RunProgress(run: survey.run)
            if known == nil {
                progress = try RunProgress.begin(
                    survey.run, transactions: survey.transactionCount, inputs: plan.inputs.map(\.path), on: target)
            }
            for line in try RunProgress.unfinished(except: survey.run, on: target) { tell(.warning, line) }
            // What has been read is over: what follows is the first transaction.
            try target.query("COMMIT")
        }
        try walk(plan, ApplyOutput(target, tables, survey, keepsLaterRows: plan.keepsLaterRows, progress: progress, undoneBefore: undone))
        let count = survey.transactionCount - undone
        tell(
            .notice,
            isDryRun
                ? "\(count) transactions can be undone at \(target.name); all is as it was there"
                : "\(count) transactions have been undone at \(target.name)")
        return []
    }

    /// Finds out what a plan comes to.
    func survey(_ plan: Plan) throws(ToolError) -> Survey {
        let survey = Survey()
        try walk(plan, SurveyOutput(survey))
        return survey
    }
}
