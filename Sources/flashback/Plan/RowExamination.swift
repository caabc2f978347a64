import BinlogInput
import Common

/// Looks at the rows of a table that are to be undone for what their events' heads do not tell.
final class RowExamination {
    let plan: RowPlan
    private let isForSQL: Bool
    private let isMariaDB: Bool
    private let isDescribed: Bool
    private let cascades: Cascades
    /// What SQL would be written of.
    private let sql: SQLTable?
    private let jsonColumns: Set<Int>
    /// Columns of which one tells when a row ended, where the table is system-versioned and nobody says so.
    private let endColumns: [Int]
    /// Of the last event in whose way nothing stood.
    private var last: (action: RowsEvent.Action, flags: RowsEvent.Flags, before: [UInt8], after: [UInt8])?

    init(_ plan: RowPlan, serverVersion: String, isForSQL: Bool, schema: SchemaStore?) {
        self.plan = plan
        self.isForSQL = isForSQL
        var map = plan.table
        isMariaDB = ServerVersion(parsing: serverVersion).isMariaDB
        isDescribed = if case .same = schema?.match(&map) { true } else { false }
        let keys = schema?.foreignKeys(toDatabase: map.database, table: map.table) ?? []
        cascades = Cascades(map, keys, in: serverVersion, schema)
        sql = isForSQL ? SQLTable(map) : nil
        jsonColumns = isForSQL ? Set(map.columns.indices.filter { map.columns[$0].type == .json }) : []
        endColumns = isForSQL && isMariaDB && !isDescribed ? VersionedTable.endColumns(of: map) : []
    }

    /// Tells what stands in the way; returns whether the event can be reversed.
    func examine(_ bytes: RawSpan, _ event: RowsEvent, _ findings: Findings) throws(CodecError) -> Bool {
        if !isLikeLast(event) {
            if let obstacle = Obstacle.find(event, plan.table, isMariaDB: isMariaDB, isDescribed: isDescribed) {
                findings.block(obstacle)
                return false
            }
            let found = cascades.find(event)
            for obstacle in found.obstacles { findings.block(obstacle) }
            for warning in found.warnings { findings.warn(warning) }
            if found.obstacles.isEmpty { last = (event.action, event.flags, event.beforeColumns, event.afterColumns) }
        }
        let keys = cascades.hiddenUpdates(of: event)
        if !keys.isEmpty || !jsonColumns.isEmpty || !endColumns.isEmpty { try examineRows(bytes, event, keys, findings) }
        return true
    }

    /// Whether nothing stood in the way of an event whose head said the same.
    private func isLikeLast(_ event: RowsEvent) -> Bool {
        guard let last else { return false }
        return last.action == event.action && last.flags == event.flags && last.before == event.beforeColumns
            && last.after == event.afterColumns
    }

    /// Looks at each row, and tells everything once for the event.
    private func examineRows(
        _ bytes: RawSpan, _ event: RowsEvent, _ keys: [(column: Int, reason: String)], _ findings: Findings
    ) throws(CodecError) {
        var told: Set<String> = []
        func tell(_ obstacle: Obstacle) { if told.insert(obstacle.reason).inserted { findings.block(obstacle) } }
        sql?.prepare(for: event)
        var rows = try RowReader(bytes, event: event, plan: plan)
        while try rows.next() {
            for key in keys {
                guard let before = rows.beforeIndex(of: key.column), let after = rows.afterIndex(of: key.column) else { continue }
                if !rows.before(before).isSame(as: rows.after(after)) { tell(Obstacle(reason: key.reason)) }
            }
            for column in jsonColumns where try !hasExactJSON(rows, column) {
                let name = plan.table.columns[column].name ?? "@\(column + 1)"
                tell(
                    Obstacle(
                        reason: "`\(name)` of `\(plan.table.database)`.`\(plan.table.table)` holds JSON with a value of a type that no "
                            + "SQL makes again; binlog output does"))
            }
            if isVersioned(rows) {
                tell(
                    Obstacle(
                        reason:
                            "`\(plan.table.database)`.`\(plan.table.table)` seems to be system-versioned, and sql reaches no row of its "
                            + "history; binlog output does", needsSchema: true))
            }
        }
    }

    /// Whether the values of a JSON column that the row's SQL names are made again by it.
    private func hasExactJSON(_ rows: borrowing RowReader, _ column: Int) throws(CodecError) -> Bool {
        guard let sql else { return true }
        let before = sql.beforeIndices[column]
        let after = sql.afterIndices[column]
        let isCompared = sql.conditionColumns.contains(column) && rows.event.hasAfter
        let isChanged = before >= 0 && after >= 0 && !rows.after(after).isSame(as: rows.before(before))
        if before >= 0, isChanged || !rows.event.hasAfter || isCompared && after < 0 {
            guard try rows.before(before).isExactInSQL() else { return false }
        }
        guard isCompared, after >= 0 else { return true }
        return try rows.after(after).isExactInSQL()
    }

    private func isVersioned(_ rows: borrowing RowReader) -> Bool {
        endColumns.contains { column in
            if let place = rows.beforeIndex(of: column), VersionedTable.isOpenEnd(rows.before(place)) { return true }
            return rows.afterIndex(of: column).map { VersionedTable.isOpenEnd(rows.after($0)) } ?? false
        }
    }
}
