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
        let isNamed = rows.wants(database: map.database, table: map.table)
        if isNamed { schema?.complete(&map) }
        let isWanted = isNamed && !(isMariaDB && SequenceTable.matches(map) == true)
        tables.insert(MappedTable(map, body: body.array, isWanted: isWanted), for: id, weight: map.columns.count)
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
            table.lastObstacle = obstacle(event, table.map)
        }
        guard let action = RowsEvent.action(of: type), rows.wants(ChangeKind(action)) else { return noteKept(table, at: offset, input) }
        if !table.isTouched { touched.insert(table.name) }
        table.isTouched = true
        if !transaction.hasRows { verdict.transactionCount += 1 }
        transaction.hasRows = true
        verdict.rowEventCount += 1
        if needsNames, !SQLTable.knowsNames(of: table.map) { tellNameless(table.name, at: offset, input) }
        if let obstacle = table.lastObstacle { block(at: offset, input, obstacle.reason, needsSchema: obstacle.needsSchema) }
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
        guard touched.contains(table.name), keptTables.insert(table.name).inserted else { return }
        let gtid = transaction.name.map { ", \($0)" } ?? ""
        verdict.warn(
            "changes of \(table.name) are kept that came after ones to be undone (the first: \(input.path) at byte \(offset)\(gtid)): "
                + "where they are of the same rows, these cannot be undone, or not to what they were")
    }

    private mutating func tellNameless(_ name: String, at offset: UInt64, _ input: PlannedInput) {
        guard namelessTables.insert(name).inserted else { return }
        block(
            at: offset, input,
            "the binlog does not name the columns of \(name), which sql needs (binlog_row_metadata was not FULL); binlog output does not",
            needsSchema: true)
    }

    private func obstacle(_ event: RowsEvent, _ table: TableMapEvent) -> Obstacle? {
        if let reason = RowSafety.obstacle(event, table) { return Obstacle(reason: reason) }
        if isMariaDB, SequenceTable.matches(table) == nil {
            return Obstacle(
                reason:
                    "`\(table.database)`.`\(table.table)` may be a sequence, whose numbers are not taken back, or a table with such columns: "
                    + "the binlog does not tell (binlog_row_metadata was not FULL)", needsSchema: true)
        }
        if isMariaDB,
            let column = table.columns.firstIndex(where: { [.time, .dateTime, .timestamp].contains($0.type) })
        {
            return Obstacle(
                reason:
                    "column \(column + 1) of `\(table.database)`.`\(table.table)` is of a temporal type whose length the binlog does not "
                    + "tell (mysql56_temporal_format=OFF)", needsSchema: true)
        }
        do {
            _ = try RowPlan(table: table, event: event)
            return nil
        } catch { return Obstacle(reason: "`\(table.database)`.`\(table.table)`: \(error.reason)") }
    }
}

extension RawSpan {
    /// Whether the bytes from `offset` on begin with others.
    fileprivate func begins(with bytes: [UInt8], at offset: Int) -> Bool {
        guard byteCount - offset >= bytes.count else { return false }
        return extracting(offset..<offset + bytes.count).isEqual(to: bytes.span.bytes)
    }
}
