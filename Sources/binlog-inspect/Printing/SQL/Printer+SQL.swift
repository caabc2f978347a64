import BinlogInput
import Common

extension Printer {
    // MARK: - Transactions

    /// Makes the statement that begins the transaction known; prints it unless a filter may leave nothing of it.
    mutating func open(_ statement: [UInt8], _ place: Place?) {
        transaction.opening = statement
        transaction.counts.isOpen = transaction.counts.isOpen && place == nil
        guard options.rows.isEmpty || !transaction.xid.isEmpty else { return }
        if place != nil { return beginSQL() }
        // What was only taken in was printed in the stretch before.
        transaction.counts.isOpen = true
        transaction.counts.isIntroduced = true
    }

    /// Prints what begins the transaction ahead of the first thing in it.
    mutating func beginSQL() {
        sink.append(transaction.heading)
        transaction.heading.removeAll()
        transaction.counts.isIntroduced = true
        guard !transaction.counts.isOpen, !transaction.opening.isEmpty else { return }
        sink.append(contentsOf: transaction.opening)
        sink.append(";\n")
        transaction.counts.isOpen = true
    }

    /// Prints what ends the transaction, if it was begun.
    mutating func endSQL(_ statement: [UInt8]) {
        if transaction.counts.isOpen {
            transaction.counts.isOpen = false
            sink.append(contentsOf: statement)
            sink.append(";\n")
        }
        transaction.opening.removeAll(keepingCapacity: true)
        transaction.xid.removeAll(keepingCapacity: true)
        transaction.hasXAEnded = false
    }

    /// Prints the end of a transaction that is prepared, or committed in one phase.
    mutating func endXA(_ event: RawSpan, _ checksum: ChecksumAlgorithm) throws(CodecError) {
        let isOnePhase = try XAPrepareEvent(decoding: event, checksum: checksum).isOnePhase
        guard transaction.counts.isOpen else { return }
        guard isOnePhase else {
            endSQL(Array("XA PREPARE ".utf8) + transaction.xid)
            guard isMariaDB else { return }
            sink.append(utf8: SQLScript.reconnect)
            sessionState.removeAll()
            checks = SessionChecks()
            return
        }
        endSQL(Array("XA COMMIT ".utf8) + transaction.xid + Array(" ONE PHASE".utf8))
        if isMariaDB { sink.append(utf8: SQLScript.unlock) }
    }

    /// Undoes the transaction if it was begun.
    mutating func abandonSQL() {
        guard !transaction.xid.isEmpty else { return endSQL(SQLScript.rollback) }
        endSQL(xaEnd + Array("XA ROLLBACK ".utf8) + transaction.xid)
    }

    /// Commits what was printed of a transaction of which no more is.
    mutating func cutSQL() {
        guard !transaction.xid.isEmpty else { return endSQL(SQLScript.commit) }
        endSQL(xaEnd + Array("XA COMMIT ".utf8) + transaction.xid + Array(" ONE PHASE".utf8))
    }

    /// The XA END that the open transaction still lacks.
    private var xaEnd: [UInt8] { transaction.hasXAEnded ? [] : Array("XA END ".utf8) + transaction.xid + Array(";\n".utf8) }

    /// Gives the session back the state that every stretch begins in.
    ///
    /// - Parameter wasEnough: whether as much as is wanted was printed before this stretch.
    mutating func settleSQL(wasEnough: Bool) {
        if isEnough, !wasEnough { cutSQL() }
        pending.removeAll()
        if sessionState.count > 0 { return enterRowState() }
        setChecks(SessionChecks())
    }

    mutating func enterRowState() {
        guard sessionState.count > 0 else { return }
        sink.append(utf8: SQLScript.rowState)
        sessionState.removeAll()
        checks = SessionChecks()
    }

    private mutating func setChecks(_ wanted: SessionChecks) {
        if wanted.foreignKeys != checks.foreignKeys {
            sink.append(wanted.foreignKeys ? "SET @@SESSION.foreign_key_checks=1;\n" : "SET @@SESSION.foreign_key_checks=0;\n")
        }
        if wanted.uniqueKeys != checks.uniqueKeys {
            sink.append(wanted.uniqueKeys ? "SET @@SESSION.unique_checks=1;\n" : "SET @@SESSION.unique_checks=0;\n")
        }
        checks = wanted
    }

    // MARK: - Rows

    /// Prints one statement for each wanted row.
    mutating func printSQL(_ rows: inout RowReader, _ table: TablePrinting) throws(CodecError) {
        guard let sql = table.sql else { return }
        var isPrepared = false
        while try rows.next() {
            guard isMatch(rows, table), !isEnough else { continue }
            if !isPrepared {
                try sql.prepare(for: rows.event)
                beginSQL()
                enterRowState()
                // Servers before MySQL 9.6 leave what a foreign key cascades to out of the binlog: it happens again or is lost.
                setChecks(
                    SessionChecks(
                        foreignKeys: !writesCascades && options.rows.isEmpty && !rows.event.flags.contains(.noForeignKeyChecks),
                        uniqueKeys: !rows.event.flags.contains(.relaxedUniqueChecks)))
                isPrepared = true
            }
            lines += 1
            switch rows.event.action {
            case .insert: try printInsert(rows, sql)
            case .update, .partialUpdate: printUpdate(rows, sql)
            case .delete:
                sink.append(contentsOf: sql.deleteHead)
                printCondition(rows, sql)
            }
        }
    }

    private mutating func printInsert(_ rows: borrowing RowReader, _ table: SQLTable) throws(CodecError) {
        try table.checkSigns(rows)
        if let head = table.setValueHead, rows.afterCount > 0 {
            sink.append(contentsOf: head)
            writer.write(rows.after(0), as: .sql, into: &sink)
            // The number is the next one, not the last; behind it, how often the sequence has begun again.
            sink.append(", 0, ")
            writer.write(rows.after(rows.afterCount - 1), as: .sql, into: &sink)
            return sink.append(");\n")
        }
        sink.append(contentsOf: table.insertHead)
        writer.write(after: rows, as: .sql, labels: table.values, into: &sink)
        sink.append(");\n")
    }

    /// Sets what the row changes, so that columns are not named that cannot be, such as generated ones that stay what they are. A row
    /// that changes nothing needs no statement.
    private mutating func printUpdate(_ rows: borrowing RowReader, _ table: SQLTable) {
        var isFirst = true
        for index in 0..<rows.afterCount {
            let value = rows.after(index)
            let column = value.columnIndex
            let before = table.beforeIndices[column]
            if before >= 0, !table.changesByItself[column], value.isSame(as: rows.before(before)) { continue }
            if isFirst { sink.append(contentsOf: table.updateHead) }
            table.assignments.append(column, isFirst: isFirst, to: &sink)
            isFirst = false
            if value.isPartial {
                writer.write(value, as: .sql, into: &sink, columnName: table.columnName(column))
            } else {
                writer.write(value, as: .sql, into: &sink)
            }
        }
        if isFirst { return }
        sink.append(" WHERE ")
        printCondition(rows, table)
    }

    private mutating func printCondition(_ rows: borrowing RowReader, _ table: SQLTable) {
        for (position, index) in table.conditionIndices.enumerated() {
            let value = rows.before(index)
            table.conditionLabels.append(value.columnIndex, isFirst: position == 0, to: &sink)
            writer.write(value, as: .sql, into: &sink)
            if table.closesCondition[value.columnIndex] { sink.append(UInt8(ascii: ")")) }
        }
        sink.append(" LIMIT 1;\n")
    }
}

extension RowValue {
    /// Whether two whole values of a column are the same, byte for byte.
    func isSame(as other: borrowing RowValue) -> Bool {
        isNull == other.isNull && !isPartial && bytes.isEqual(to: other.bytes)
    }
}
