import BinlogInput
import Common

extension Preflight {
    mutating func takeStatement(_ query: borrowing QueryEvent, at offset: UInt64, _ input: PlannedInput) throws(CodecError) {
        switch StatementEffect(query.query) {
        case .none: return
        case .undone:
            guard transaction.hasRows else { return }
            block(at: offset, input, "a ROLLBACK, which undid some of the rows before it and not others")
        case .xa: blockXA(at: offset, input)
        case .change where transaction.isKept && mustBeTail:
            refuseHeld(
                at: offset, input,
                "the cluster has it, and it came after a transaction that the cluster lacks: \(Self.excerpt(query.query))")
        case .change where transaction.isKept:
            verdict.warn("statements are kept that came after changes to be undone, and may have changed the same rows or their tables")
        case .change(let kind):
            guard rows.wants(kind) else {
                return warnOfStatements()
            }
            guard try !isElsewhere(query) else { return }
            block(at: offset, input, "\(kind == .ddl ? "DDL" : "a statement without row images"): \(Self.excerpt(query.query))")
        }
    }

    mutating func warnOfStatements() {
        verdict.warn("statements that --type leaves out are not undone, and rows may not fit what they made of tables")
    }

    /// Whether the databases that the server says the statement changes are none of the wanted ones.
    private func isElsewhere(_ query: borrowing QueryEvent) throws(CodecError) -> Bool {
        guard !rows.databases.isEmpty else { return false }
        let state = try QueryStatusVariables(decoding: query.statusVariables)
        guard let count = state.updatedDatabaseCount, count > 0 else { return false }
        var isElsewhere = true
        state.forEachUpdatedDatabase { name in
            let name = name.array
            if rows.databases.contains(where: { $0.matches(name) }) { isElsewhere = false }
        }
        return isElsewhere
    }

    private static let maxExcerptCharacters = 80

    private static func excerpt(_ text: RawSpan) -> String {
        let head = text.extracting(0..<min(text.byteCount, 4 * maxExcerptCharacters)).string
        let line = head.split(whereSeparator: { $0.isWhitespace || $0.isNewline }).joined(separator: " ")
        return line.count > maxExcerptCharacters ? line.prefix(maxExcerptCharacters) + "…" : line
    }
}
