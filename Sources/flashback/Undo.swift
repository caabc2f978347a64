import BinlogInput
import Common

/// What the command line asks for, done in two passes.
struct Undo {
    /// What is written.
    enum Output: String, CaseIterable {
        case sql, binlog
    }

    var output = Output.sql
    var transactions = TransactionFilter()
    var rows = RowFilter()
    /// Bytes of memory to take, beside twice the largest event. A quarter of them is for what is expanded of a compressed transaction.
    var maxMemory = 64 << 20
    var temporaryFolder = "/tmp"
    var schema: SchemaStore?
    /// Whether what is undone must be the end of the binlog, on which nothing that is kept depends.
    var mustBeTail = false
    /// What is to be warned of whatever the inputs hold.
    var warnings: [String] = []
    /// What `--password-file` says.
    var passwordFile: String?
    /// Takes a line for stderr.
    var tell: (String) -> Void = { _ in }
    var blockBytes = BlockList.defaultBlockBytes

    /// Finds out what is to be undone, and whether it can be.
    func examine(_ inputs: [String]) throws(ToolError) -> (plan: Plan, verdict: Verdict) {
        var preflight = Preflight(
            transactions: transactions, rows: rows, needsNames: output == .sql, schema: schema, temporaryFolder: temporaryFolder,
            blockBytes: blockBytes, mustBeTail: mustBeTail, passwordFile: passwordFile, tell: tell)
        for warning in warnings { preflight.verdict.warn(warning) }
        for input in inputs { try preflight.take(input) }
        preflight.end()
        preflight.tellCopied()
        // What is wrong inside rows shows when they are reversed: once without an output, so that nothing is written of what cannot be whole.
        guard preflight.verdict.outcome == .reversible else { return (preflight.plan, preflight.verdict) }
        let findings = Findings()
        try walk(preflight.plan, Examination(findings, isForSQL: output == .sql, schema: schema))
        var verdict = preflight.verdict
        findings.tell(&verdict, hasConditions: !rows.conditions.isEmpty)
        var plan = preflight.plan
        if !findings.keptTables.isEmpty { plan.keepsLaterRows = true }
        return (plan, verdict)
    }

    /// Writes what undoes it.
    ///
    /// - Parameter path: A file, which is there once all is in it; nil for stdout.
    func write(_ plan: Plan, to path: String?) throws(ToolError) {
        let file = try OutputFile(path: path, mode: OutputFile.mode(replacing: path, inputs: plan.inputs.map(\.path)))
        switch output {
        case .sql: try walk(plan, SQLOutput(file, notes: plan.notes, keepsLaterRows: plan.keepsLaterRows))
        case .binlog: try walk(plan, BinlogOutput(file, keepsLaterRows: plan.keepsLaterRows))
        }
    }

    /// Hands out what is planned, from the last change to the first.
    func walk(_ plan: Plan, _ target: consuming some ReversedOutput & ~Copyable) throws(ToolError) {
        var walk = BackwardWalk(
            target, filter: rows, schema: schema, maxMemory: maxMemory / 4, temporaryFolder: temporaryFolder, blockBytes: blockBytes)
        try walk.run(plan)
    }
}
