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
    var blockBytes = BlockList.defaultBlockBytes
    /// What tells of tables what the binlog does not.
    var schema: SchemaStore?

    /// Finds out what is to be undone, and whether it can be.
    func examine(_ inputs: [String]) throws(ToolError) -> (plan: Plan, verdict: Verdict) {
        var preflight = Preflight(
            transactions: transactions, rows: rows, needsNames: output == .sql, temporaryFolder: temporaryFolder, blockBytes: blockBytes,
            schema: schema)
        for input in inputs { try preflight.take(input) }
        preflight.end()
        // What is wrong inside rows shows when they are reversed: once without an output, so that nothing is written of what cannot be whole.
        if preflight.verdict.outcome == .reversible { try walk(preflight.plan, NoOutput()) }
        return (preflight.plan, preflight.verdict)
    }

    /// Writes what undoes it.
    ///
    /// - Parameter path: A file, which is there once all is in it; nil for stdout.
    func write(_ plan: Plan, to path: String?) throws(ToolError) {
        let file = try OutputFile(path: path, mode: OutputFile.mode(replacing: path, inputs: plan.inputs.map(\.path)))
        switch output {
        case .sql: try walk(plan, SQLOutput(file))
        case .binlog: try walk(plan, BinlogOutput(file))
        }
    }

    /// Hands out what is planned, from the last change to the first.
    func walk(_ plan: Plan, _ target: consuming some ReversedOutput & ~Copyable) throws(ToolError) {
        var walk = BackwardWalk(
            target, filter: rows, maxMemory: maxMemory / 4, temporaryFolder: temporaryFolder, blockBytes: blockBytes, schema: schema)
        try walk.run(plan)
    }
}
