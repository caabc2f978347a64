import BinlogInput
import Common

@testable import flashback

extension Undo {
    /// Row changes alone: what stands in a file as statements is left as it is.
    static var rowsOnly: Undo {
        var undo = Undo(output: .binlog)
        undo.rows.changes = [.insert, .update, .delete]
        return undo
    }

    /// Undoes files into another one.
    ///
    /// - Throws: ``Refused`` where the verdict is against it.
    func undo(_ inputs: [String], to path: String) throws {
        let (plan, verdict) = try examine(inputs)
        guard verdict.outcome == .reversible else { throw Refused(verdict: verdict) }
        try write(plan, to: path)
    }
}

struct Refused: Error {
    var verdict: Verdict
}
