import BinlogInput
import Common

extension Preflight {
    /// Tells what keeps SQL from being written for a table, once.
    mutating func tellOfSQL(_ table: MappedTable, at offset: UInt64, _ input: PlannedInput) {
        guard let obstacle = obstacleToSQL(table), blockedTables.insert(table.name).inserted else { return }
        block(at: offset, input, obstacle.reason, needsSchema: obstacle.needsSchema)
    }

    private func obstacleToSQL(_ table: MappedTable) -> Obstacle? {
        let name = table.name
        guard let schema else {
            if SQLTable.knowsNames(of: table.map) { return nil }
            return Obstacle(
                reason:
                    "the binlog does not name the columns of \(name), which sql needs (binlog_row_metadata was not FULL); binlog output "
                    + "does not", needsSchema: true)
        }
        switch table.match {
        case .missing:
            return Obstacle(
                reason: "the schema \(schema.source) has no table \(name), so that its triggers and generated columns are not known",
                needsSchema: true)
        case .different(let why):
            return Obstacle(reason: "the schema \(schema.source) is not of \(name) as it was then: \(why)", needsSchema: true)
        case .same(let description):
            guard let triggers = description.triggers else {
                return Obstacle(
                    reason: "the user of \(schema.source) may not see whether \(name) has triggers; grant TRIGGER", needsSchema: true)
            }
            if !triggers.isEmpty {
                return Obstacle(
                    reason:
                        "\(name) has triggers (\(triggers.map { "`\($0)`" }.joined(separator: ", "))), which sql fires again though the rows "
                        + "hold what they did; binlog output fires none")
            }
            if description.isVersioned {
                return Obstacle(reason: "\(name) is system-versioned: sql reaches no row of its history; binlog output does")
            }
            return nil
        case nil: return nil
        }
    }

    /// What the head of the output says to whoever reads it: what could not be found out.
    var notes: [String] {
        var notes: [String] = []
        if let schema {
            if !schema.isLive {
                notes.append("Triggers and foreign keys are those that \(schema.source) makes.")
            }
        } else {
            notes.append("Whether tables have triggers is not known: they fire again, though the rows hold what they did the first time.")
            notes.append("Whether columns are generated is not known: MySQL refuses to be told what is in one (error 3105).")
        }
        return notes
    }
}
