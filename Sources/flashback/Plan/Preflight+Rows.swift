import BinlogInput
import Common

extension Preflight {
    mutating func takeTable(
        _ event: RawSpan, at offset: UInt64, _ layout: EventLayout, _ checksum: ChecksumAlgorithm, _ input: PlannedInput
    ) throws(CodecError) {
        let idByteCount = layout.tableIDByteCount(.tableMap)
        let body = event.extracting(EventHeader.byteCount..<max(EventHeader.byteCount, event.byteCount - checksum.byteCount))
        var reader = ByteReader(body)
        let id = try reader.integer(byteCount: idByteCount)
        let known = tables.find(id)
        if let known, known.body.count == body.byteCount, body.begins(with: known.body, at: 0) {
            if !statementTables.contains(id) { statementTables.append(id) }
            return
        }
        if known != nil, statementTables.contains(id) {
            block(at: offset, input, "two tables have the id \(id) in one statement")
        }
        var map: TableMapEvent
        do {
            map = try TableMapEvent(
                decoding: event, checksum: checksum, tableIDByteCount: idByteCount,
                isMariaDB: isMariaDB)
        } catch {
            guard error.code == .unsupported else { throw error }
            return block(at: offset, input, error.reason)
        }
        let match = schema?.match(&map)
        let isSequence = isMariaDB && SequenceTable.matches(map) == true
        var isWanted = !isSequence && rows.wants(database: map.database, table: map.table)
        let conditionColumns = RowMatcher.columns(of: rows.conditions, in: map).compactMap(\.self)
        // No row holds where the table has no such column.
        if conditionColumns.count < rows.conditions.count, SQLTable.knowsNames(of: map) { isWanted = false }
        let table = MappedTable(
            map, body: body.array, isWanted: isWanted, match: match,
            foreignKeys: schema?.foreignKeys(toDatabase: map.database, table: map.table) ?? [], conditionColumns: conditionColumns)
        tables.insert(table, for: id, weight: map.columns.count)
        statementTables.append(id)
    }

    mutating func takeRows(
        _ header: EventHeader, _ head: RawSpan, at offset: UInt64, _ layout: EventLayout, _ checksum: ChecksumAlgorithm,
        _ input: PlannedInput
    ) throws(CodecError) {
        let type = header.rowsType ?? header.type
        var reader = ByteReader(head.extracting(EventHeader.byteCount..<head.byteCount))
        let id = try reader.integer(byteCount: layout.tableIDByteCount(type))
        if id == RowDecoder.dummyTableID { return }
        guard let table = tables.find(id), statementTables.contains(id) else {
            return block(at: offset, input, "rows of table id \(id), whose TABLE_MAP is missing")
        }
        noteChanged(id, type, head, layout)
        guard table.isWanted, !transaction.isKept else { return noteKept(table, at: offset, input) }
        if table.lastType != header.type || !head.begins(with: table.lastHead, at: EventHeader.byteCount) {
            let event = try RowsEvent(
                decodingHead: head, checksum: checksum, postHeaderLength: layout.tableIDByteCount(type) == 4 ? 6 : nil)
            table.lastType = header.type
            table.lastHead = head.extracting(EventHeader.byteCount..<event.rows.lowerBound).array
            judge(event, table)
        }
        guard let action = RowsEvent.action(of: type), rows.wants(ChangeKind(action)) else { return noteKept(table, at: offset, input) }
        if !table.isTouched { touch(table) }
        table.isTouched = true
        // With --where it is the rows that tell whether something is undone.
        if rows.conditions.isEmpty {
            if !transaction.hasRows { verdict.transactionCount += 1 }
            verdict.rowEventCount += 1
        }
        for warning in table.untoldWarnings { verdict.warn(warning) }
        table.untoldWarnings.removeAll()
        transaction.hasRows = true
        if needsNames { tellOfSQL(table, at: offset, input) }
        for obstacle in table.lastObstacles { block(at: offset, input, obstacle.reason, needsSchema: obstacle.needsSchema) }
    }

    private mutating func noteChanged(_ id: UInt64, _ type: EventType, _ head: RawSpan, _ layout: EventLayout) {
        guard isMariaDB else { return }
        if changedTables.last != id { changedTables.append(id) }
        let flagsOffset = layout.rowFlagsOffset(type)
        guard !mayCascade, RowsEvent.action(of: type) != .insert, head.byteCount > flagsOffset else { return }
        mayCascade = !RowsEvent.Flags(rawValue: UInt16(head.byte(at: flagsOffset))).contains(.noForeignKeyChecks)
    }

    /// Tells what the statement that ends may have changed without a row event: MariaDB maps each table that a foreign key can cascade to,
    /// or a trigger write to, and shows nothing of what the foreign key did.
    mutating func endStatement(at offset: UInt64, _ input: PlannedInput) {
        for id in statementTables where mayCascade && !changedTables.contains(id) {
            guard let table = tables.find(id), table.isWanted else { continue }
            // Where its own foreign keys are known, they have been asked.
            if table.isDescribed, schema?.knowsOwnForeignKeys == true { continue }
            block(
                at: offset, input,
                "the statement maps \(table.name) and shows no rows of it: a foreign key may have changed it as well, which MariaDB does not log",
                needsSchema: true)
        }
        forgetStatement()
    }

    mutating func forgetStatement() {
        statementTables.removeAll(keepingCapacity: true)
        changedTables.removeAll(keepingCapacity: true)
        mayCascade = false
    }

    /// Warns where rows change that stay as they are, after others of their table that are to be undone: it may be the same rows.
    private mutating func noteKept(_ table: MappedTable, at offset: UInt64, _ input: PlannedInput) {
        if mustBeTail { return tellOfHeld(table, at: offset, input) }
        if !touched.isEmpty { plan.keepsLaterRows = true }
        guard touched.contains(table.name), keptTables.insert(table.name).inserted else { return }
        let gtid = transaction.name.map { ", \($0)" } ?? ""
        verdict.warn(
            "changes of \(table.name) are kept that came after ones to be undone (the first: \(input.path) at byte \(offset)\(gtid)): "
                + "where they are of the same rows, these cannot be undone, or not to what they were")
    }

    /// Finds out what stands in the way of events whose heads are like this one's.
    private func judge(_ event: RowsEvent, _ table: MappedTable) {
        table.lastObstacles = [obstacleToConditions(event, table)].compactMap(\.self)
        // With --where what the head says matters of rows that are like it.
        guard rows.conditions.isEmpty else { return }
        let found = Cascades(table.map, table.foreignKeys, in: serverVersion, schema).find(event)
        let obstacle = Obstacle.find(event, table.map, isMariaDB: isMariaDB, isDescribed: table.isDescribed)
        table.lastObstacles += found.obstacles + [obstacle].compactMap(\.self)
        table.untoldWarnings += found.warnings
    }

    /// Why it cannot be told which rows `--where` asks for.
    private func obstacleToConditions(_ event: RowsEvent, _ table: MappedTable) -> Obstacle? {
        guard table.conditionColumns.count == rows.conditions.count else {
            return Obstacle(
                reason: "the binlog does not name the columns of \(table.name), which --where needs (binlog_row_metadata was not FULL)",
                needsSchema: true)
        }
        if event.columnCount != table.map.columns.count { return RowSafety.obstacle(event, table.map).map { Obstacle(reason: $0) } }
        let isUnknown = zip(table.conditionColumns, rows.conditions).first { column, _ in
            !(event.hasBefore && event.beforeColumns[bit: column] || event.hasAfter && event.afterColumns[bit: column])
        }
        guard let (_, condition) = isUnknown else { return nil }
        return Obstacle(
            reason: "a change of \(table.name) does not hold `\(condition.column)`, which --where asks for: binlog_row_image was not FULL")
    }
}

extension Preflight.MappedTable {
    /// Whether a schema told what the table is.
    var isDescribed: Bool { if case .same = match { true } else { false } }
}

extension RawSpan {
    /// Whether the bytes from `offset` on begin with others.
    fileprivate func begins(with bytes: [UInt8], at offset: Int) -> Bool {
        guard byteCount - offset >= bytes.count else { return false }
        return extracting(offset..<offset + bytes.count).isEqual(to: bytes.span.bytes)
    }
}
