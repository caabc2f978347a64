import BinlogInput
import Common

/// What `--not-in` demands beyond a filter: that what is undone is the binlog's tail, and nothing that is kept depends on it.
extension Preflight {
    /// Tells of a change that is kept of a table, where it came after one that is to be undone in the same table or in one that a foreign
    /// key ties to it.
    mutating func tellOfHeld(_ table: MappedTable, at offset: UInt64, _ input: PlannedInput) {
        guard !touched.isEmpty, heldTables.insert(table.name).inserted else { return }
        if touched.contains(table.name) {
            return refuseHeld(
                at: offset, input, "the cluster has it, and it changes \(table.name) after a transaction that the cluster lacks")
        }
        let parents = touchedChildren[table.name] ?? []
        let children = table.foreignKeys.map(\.child).filter(touched.contains)
        if let other = (parents + children).first {
            return refuseHeld(
                at: offset, input,
                "the cluster has it, and it changes \(table.name), which a foreign key ties to \(other), after a transaction that the cluster "
                    + "lacks")
        }
        if schema?.knowsForeignKeys != true {
            verdict.warn(
                "transactions that the cluster has came after ones that it lacks, in other tables (the first: \(table.name)): whether foreign "
                    + "keys tie them is not known (\(Cascades.advice(schema)))")
        }
    }

    mutating func refuseHeld(at offset: UInt64, _ input: PlannedInput, _ reason: String) {
        verdict.add(Verdict.Blocker(gtid: transaction.name, file: input.path, position: offset, reason: reason))
    }

    /// Takes note of a table in which something is undone.
    mutating func touch(_ table: MappedTable) {
        guard touched.insert(table.name).inserted else { return }
        for (child, _) in table.foreignKeys { touchedChildren[child, default: []].append(table.name) }
    }

    /// Tells where the inputs are not the end of the binlog.
    mutating func endTail() {
        guard mustBeTail, let last = plan.inputs.last else { return }
        guard let next = nextFile else { return endUnrotated(last.path) }
        verdict.add(
            Verdict.Blocker(
                file: last.path, position: next.offset, reason: "the binlog goes on in \(next.name), which no input is"))
    }

    /// Looks for the file behind one that does not name it: a server that is shut down names none, nor does one that is killed.
    private mutating func endUnrotated(_ path: String) {
        guard let inputEnd, FileIdentity(path) != nil, let next = NumberedName(path)?.next else { return }
        guard FileIdentity(next) == nil else {
            return verdict.add(Verdict.Blocker(file: path, position: inputEnd, reason: "the binlog goes on in \(next): name it too"))
        }
        verdict.warn("\(path) is taken for the binlog's last file: it names none that follows, and \(next) is not there")
    }
}
