import BinlogInput
import Common

extension Printer {
    /// Prints a statement that stands in the binlog as text, or what it says of the transaction that it stands in.
    mutating func printSQLStatement(_ query: borrowing QueryEvent, _ header: EventHeader, _ place: Place?) throws(CodecError) {
        guard let kind = StatementText.kind(of: query.query) else { return printControl(query, place) }
        guard place != nil else { return }
        defer { pending.removeAll() }
        guard options.rows.wants(statement: kind, database: query.database), !isEnough else { return }
        let state = try QueryStatusVariables(decoding: query.statusVariables)
        beginSQL()
        if let alter = state.alter, !alter.flags.isDisjoint(with: [.startAlter, .rollbackAlter]) {
            return sink.append("# the first half of an ALTER TABLE, or one that was undone: what counts is the second half\n")
        }
        lines += 1
        if query.errorCode != 0 {
            sink.append("# ended with error ")
            sink.append(decimal: query.errorCode)
            sink.append(" where it was first run\n")
        }
        try enterState(of: query, header)
        sink.append("SET TIMESTAMP=")
        sink.append(decimal: header.timestamp)
        if let microseconds = state.microseconds {
            sink.append(UInt8(ascii: "."))
            sink.append(zeroPadded: microseconds % 1_000_000, width: 6)
        }
        sink.append(";\n")
        sink.append(pending)
        try append(statement: query.query)
        // What creates a table ends the transaction that the table's rows are to be in.
        let words = StatementText.words(of: query.query, count: 2)
        if transaction.counts.isOpen, words[0] == "CREATE", words[1] == "TABLE" || words[1] == "OR" { sink.append("BEGIN;\n") }
    }

    /// Takes BEGIN, COMMIT, SAVEPOINT and their like.
    private mutating func printControl(_ query: borrowing QueryEvent, _ place: Place?) {
        let words = StatementText.words(of: query.query, count: 4)
        switch words[0] {
        case "BEGIN", "START": open(SQLScript.begin, place)
        case "COMMIT": if place != nil { endSQL(SQLScript.commit) }
        case "ROLLBACK" where !words.contains("TO"): if place != nil { endSQL(SQLScript.rollback) }
        case "XA" where words[1] == "START" || words[1] == "BEGIN":
            transaction.xid = StatementText.xid(of: query.query)
            open(Array("XA START ".utf8) + transaction.xid, place)
        case "XA" where words[1] == "END":
            guard transaction.counts.isOpen else { return }
            transaction.hasXAEnded = true
            if place != nil { append(plain: query.query) }
        // Whether what another XA statement names was prepared in what was printed is not known here: all are printed, whatever the filter.
        default: if place != nil { append(plain: query.query) }
        }
    }

    /// Prints a statement that the server wrote itself, in fixed words and names between backticks.
    private mutating func append(plain statement: RawSpan) {
        guard !isEnough else { return }
        beginSQL()
        enterRowState()
        sink.append(statement)
        sink.append(";\n")
    }

    private mutating func enterState(of query: borrowing QueryEvent, _ header: EventHeader) throws(CodecError) {
        comparison.removeAll()
        try SQLSession.append(query, header, isMariaDB: isMariaDB, to: &comparison)
        guard !comparison.bytes.isEqual(to: sessionState.bytes) else { return }
        sink.append(comparison)
        swap(&comparison, &sessionState)
        checks = SessionChecks()
    }

    // MARK: - What a statement needs

    mutating func takePending(_ event: IntvarEvent) {
        pending.append(event.variable == .insertID ? "SET INSERT_ID=" : "SET LAST_INSERT_ID=")
        pending.append(decimal: event.value)
        pending.append(";\n")
    }

    mutating func takePending(_ event: RandEvent) {
        pending.append("SET @@RAND_SEED1=")
        pending.append(decimal: event.seed1)
        pending.append(",@@RAND_SEED2=")
        pending.append(decimal: event.seed2)
        pending.append(";\n")
    }

    mutating func takePending(_ event: borrowing UserVariableEvent) throws(CodecError) {
        var collation: UInt32?
        if case .string(_, let id) = event.value {
            let charset = Charset(collation: UInt64(id))
            if charset != .binary, charset != .unknown { collation = id }
        }
        if let collation {
            // A cast has the connection's collation, which the statement may depend on.
            pending.append("SET @kingbus_collation=@@SESSION.collation_connection,@@SESSION.collation_connection=")
            pending.append(decimal: collation)
            pending.append(";\n")
        }
        pending.append("SET @")
        pending.append(identifier: event.name.array)
        pending.append(":=")
        switch event.value {
        case .null: pending.append("NULL")
        case .signed(let number): pending.append(signed: number)
        case .unsigned(let number): pending.append(decimal: number)
        case .real(let number): pending.append(utf8: number.isFinite ? Self.literal(number) : "NULL")
        case .decimal(let number):
            var text: [UInt8] = []
            try number.appendText(to: &text)
            pending.append(contentsOf: text)
        case .string(let text, _):
            if let collation { pending.append(utf8: "CAST(_\(Charset(collation: UInt64(collation)).name) ") }
            pending.append("x'")
            pending.append(hexadecimal: text)
            pending.append("'")
            if collation != nil { pending.append(" AS CHAR);\nSET @@SESSION.collation_connection=@kingbus_collation") }
        }
        pending.append(";\n")
    }

    /// A literal that is read as this double and no DECIMAL.
    private static func literal(_ number: Double) -> String {
        let text = "\(number)"
        return text.contains("e") ? text : text + "e0"
    }

    /// - Throws: what tells that SQL cannot hold a file that LOAD DATA read, if it is wanted.
    mutating func refuseLoad(database: RawSpan, _ text: String) throws(CodecError) {
        guard options.rows.wants(statement: .statement, database: database) else { return }
        beginSQL()
        sink.append("# LOAD DATA of a file whose bytes are in the binlog: SQL cannot hold it\n")
        throw CodecError(
            .unsupported, at: 0,
            "a \(text) event loads a file, which SQL cannot hold; leave its transaction out, or apply it by mysqlbinlog")
    }

    // MARK: - Text

    /// Appends a statement so that `mysql` finds its end, whatever stands in it.
    private mutating func append(statement text: RawSpan) throws(CodecError) {
        let suffix = Array(" START TRANSACTION".utf8)
        var statement = text
        if text.byteCount > suffix.count, text.extracting(last: suffix.count).isEqual(to: suffix.span.bytes) {
            // Only rows that a replica applies may follow such a CREATE TABLE.
            statement = text.extracting(0..<text.byteCount - suffix.count)
        }
        if StatementHazards.isHazardous(statement) { return try append(prepared: statement) }
        let delimiter = StatementHazards.delimiter(for: statement)
        if delimiter != ";" {
            sink.append(utf8: "DELIMITER \(delimiter)\n")
        }
        sink.append(statement)
        // On a line of its own, lest a comment at the statement's end swallow it.
        sink.append(utf8: "\n\(delimiter)\n")
        if delimiter != ";" { sink.append("DELIMITER ;\n") }
    }

    /// Appends a statement that `mysql` would change or misread, in hexadecimal digits.
    private mutating func append(prepared statement: RawSpan) throws(CodecError) {
        guard !StatementHazards.cannotBePrepared(statement) else {
            throw CodecError(
                .unsupported, at: 0, "a statement that no server can prepare has characters in it that mysql does not pass on")
        }
        sink.append("SET @kingbus_statement=x'")
        sink.append(hexadecimal: statement)
        sink.append("';\nPREPARE kingbus_statement FROM @kingbus_statement;\nEXECUTE kingbus_statement;\n")
        sink.append("DEALLOCATE PREPARE kingbus_statement;\n")
    }
}
