import Common

/// Answers statements from ``ServerFacts`` and ``SessionVariables``: no clock, no socket, and no state but the session's.
///
///     let answer = SQLEvaluator.answer(to: packet, session: &session, facts: facts)
///
/// Every statement has an answer; none is a reason to close the connection.
struct SQLEvaluator {
    let facts: ServerFacts
    var session: SessionVariables
    /// The row that a SHOW … WHERE is looking at.
    var row: SQLRow?
    /// Bytes of text read, compared and made so far; see ``SQLLimits/maxWorkBytes``.
    private var workBytes = 0

    private init(session: SessionVariables, facts: ServerFacts) {
        self.session = session
        self.facts = facts
    }

    /// - Parameters:
    ///   - statement: the text of COM_QUERY.
    ///   - session: changed by SET, USE and `:=` if the answer is no error.
    static func answer(to statement: RawSpan, session: inout SessionVariables, facts: ServerFacts) -> SQLAnswer {
        var evaluator = SQLEvaluator(session: session, facts: facts)
        do {
            let parsed = try SQLStatement(parsing: statement, version: facts.version.number)
            let answer = try evaluator.answer(to: parsed)
            session = evaluator.session
            return answer
        } catch {
            return .error(error)
        }
    }

    private mutating func answer(to statement: SQLStatement) throws(SQLError) -> SQLAnswer {
        switch statement {
        case .select(let select): return .resultSet(try resultSet(of: select))
        case .set(let assignments):
            for assignment in assignments { try assign(assignment) }
            return .ok
        case .show(let show): return .resultSet(try resultSet(of: show))
        case .kill(let expression, let queryOnly):
            guard let id = try value(of: expression).unsignedInteger else { throw .unknownThread(0) }
            return .kill(connectionID: id, queryOnly: queryOnly)
        case .use(let database):
            try session.use(database)
            return .ok
        case .transactionControl: return .ok
        case .evaluate(let expressions):
            for expression in expressions { _ = try value(of: expression) }
            return .ok
        case .refused(let verb): throw refusal(of: verb)
        }
    }

    private func refusal(of verb: String) -> SQLError {
        switch verb {
        case "FLUSH", "RESET", "PURGE", "STOP", "START", "CHANGE", "LOCK", "SHUTDOWN", "RESTART":
            SQLError(
                1227, "42000",
                "Access denied; this is a Kingbus binlog server: \(verb) is not open to SQL clients, kingbus-ctl administers the cluster")
        default: .unsupported("\(verb) statements")
        }
    }

    /// Counts text that is read or made.
    ///
    /// - Throws: 3024 when the statement has used up what one statement may cost.
    mutating func charge(_ bytes: Int) throws(SQLError) {
        workBytes += bytes
        guard workBytes <= SQLLimits.maxWorkBytes else {
            throw SQLError(
                3024, "HY000",
                "Query execution was interrupted: it reads or makes more than \(SQLLimits.maxWorkBytes) bytes on a Kingbus binlog server")
        }
    }

    /// The text of a value, counted.
    mutating func text(_ value: SQLValue) throws(SQLError) -> String? {
        let text = value.text
        try charge(text?.utf8.count ?? 0)
        return text
    }

    var remainingWork: Int { SQLLimits.maxWorkBytes - workBytes }
}

/// A row and what its columns are called.
struct SQLRow {
    let columns: [SQLResultSet.Column]
    let values: [SQLValue]

    func value(of column: String) -> SQLValue? {
        let wanted = column.lowercased()
        return columns.firstIndex { $0.name.lowercased() == wanted }.map { values[$0] }
    }
}
