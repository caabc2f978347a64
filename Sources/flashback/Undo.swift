import BinlogInput
import Common

/// What the command line asks for, done in two passes.
struct Undo {
    var transactions = TransactionFilter()
    var rows = RowFilter()
    /// Bytes that a compressed transaction may take in memory.
    var maxMemory = 64 << 20
    var temporaryFolder = "/tmp"
    var blockBytes = BlockList.defaultBlockBytes

    /// Finds out what is to be undone, and whether it can be.
    func examine(_ inputs: [String]) throws(ToolError) -> (plan: Plan, verdict: Verdict) {
        var preflight = Preflight(transactions: transactions, rows: rows, temporaryFolder: temporaryFolder, blockBytes: blockBytes)
        for input in inputs { try preflight.take(input) }
        return (preflight.plan, preflight.verdict)
    }

    /// Writes what undoes it.
    ///
    /// - Parameter path: A file, which is there once all is in it; nil for stdout.
    func write(_ plan: Plan, to path: String?) throws(ToolError) {
        let output = BinlogOutput(try OutputFile(path: path))
        let walk = BackwardWalk(
            output, filter: rows, maxMemory: maxMemory, temporaryFolder: temporaryFolder, blockBytes: blockBytes)
        try walk.run(plan)
    }
}
