import Common

/// A function that expressions may call, with the number of arguments that it takes.
struct SQLFunction: Sendable {
    typealias Body = @Sendable (_ evaluator: inout SQLEvaluator, _ arguments: [SQLValue]) throws(SQLError) -> SQLValue

    let arity: ClosedRange<Int>
    let body: Body

    init(_ arity: ClosedRange<Int>, _ body: @escaping Body) {
        self.arity = arity
        self.body = body
    }

    /// By their names in lower case.
    static let table: [String: SQLFunction] = [information, conditions, texts, gtids, times].reduce(into: [:]) { table, part in
        table.merge(part) { _, new in new }
    }
}

extension SQLEvaluator {
    mutating func call(_ name: String, _ arguments: [SQLExpression]) throws(SQLError) -> SQLValue {
        guard let function = SQLFunction.table[name] else {
            let quoted = name.prefix(SQLLimits.maxQuotedCharacters)
            throw SQLError(1305, "42000", "FUNCTION \(quoted) does not exist; this is a Kingbus binlog server, which knows only a few")
        }
        guard function.arity.contains(arguments.count) else {
            throw SQLError(1582, "42000", "Incorrect parameter count in the call to native function '\(name)'")
        }
        var values: [SQLValue] = []
        for argument in arguments { values.append(try value(of: argument)) }
        return try function.body(&self, values)
    }
}

extension SQLFunction {
    /// About the server and the connection.
    private static let information: [String: SQLFunction] = {
        let database = SQLFunction(0...0) { evaluator, _ throws(SQLError) in evaluator.session.database.map(SQLValue.text) ?? .null }
        // USER() is who connected from where, CURRENT_USER() the account, which here is open to any host.
        let user = SQLFunction(0...0) { evaluator, _ throws(SQLError) in
            .text("\(evaluator.facts.connection.user)@\(evaluator.facts.connection.host)")
        }
        let zero = SQLFunction(0...0) { _, _ throws(SQLError) in .integer(0) }
        return [
            "version": SQLFunction(0...0) { evaluator, _ throws(SQLError) in .text(evaluator.facts.version.description) },
            "connection_id": SQLFunction(0...0) { evaluator, _ throws(SQLError) in SQLValue(evaluator.facts.connection.id) },
            "database": database, "schema": database,
            "user": user, "session_user": user, "system_user": user,
            "current_user": SQLFunction(0...0) { evaluator, _ throws(SQLError) in .text("\(evaluator.facts.connection.user)@%") },
            "last_insert_id": zero, "found_rows": zero, "row_count": zero,
            "uuid": SQLFunction(0...0) { _, _ throws(SQLError) in .text(randomUUID()) },
        ]
    }()

    /// Version 4 of RFC 9562; MySQL's own are version 1, and no client looks.
    private static func randomUUID() -> String {
        let high = UInt64.random(in: .min ... .max) & ~0xf000 | 0x4000
        let low = UInt64.random(in: .min ... .max) & ~(3 << 62) | 1 << 63
        var text = ""
        for (index, word) in [high, low].enumerated() {
            for shift in stride(from: 60, through: 0, by: -4) {
                text += String((word >> UInt64(shift)) & 0xf, radix: 16)
                let digits = index * 16 + (60 - shift) / 4 + 1
                if [8, 12, 16, 20].contains(digits) { text += "-" }
            }
        }
        return text
    }

    private static let conditions: [String: SQLFunction] = [
        "ifnull": SQLFunction(2...2) { _, arguments throws(SQLError) in arguments[0] == .null ? arguments[1] : arguments[0] },
        "nullif": SQLFunction(2...2) { evaluator, arguments throws(SQLError) in
            try evaluator.comparison(arguments[0], arguments[1]) == 0 ? .null : arguments[0]
        },
        "isnull": SQLFunction(1...1) { _, arguments throws(SQLError) in SQLValue(arguments[0] == .null) },
        "if": SQLFunction(3...3) { _, arguments throws(SQLError) in arguments[0].truth == true ? arguments[1] : arguments[2] },
        "coalesce": SQLFunction(1...SQLLimits.maxTokens) { _, arguments throws(SQLError) in arguments.first { $0 != .null } ?? .null },
    ]

    private static let gtids: [String: SQLFunction] = [
        "gtid_subset": SQLFunction(2...2) { evaluator, arguments throws(SQLError) in
            guard let sets = try evaluator.gtidSets(arguments) else { return .null }
            return SQLValue(sets.0.isSubset(of: sets.1))
        },
        "gtid_subtract": SQLFunction(2...2) { evaluator, arguments throws(SQLError) in
            guard let sets = try evaluator.gtidSets(arguments) else { return .null }
            return .text(sets.0.subtracting(sets.1).description)
        },
    ]
}

extension SQLEvaluator {
    fileprivate mutating func gtidSets(_ arguments: [SQLValue]) throws(SQLError) -> (GTIDSet, GTIDSet)? {
        guard let left = try text(arguments[0]), let right = try text(arguments[1]) else { return nil }
        return (try gtidSet(left), try gtidSet(right))
    }

    private func gtidSet(_ text: String) throws(SQLError) -> GTIDSet {
        do {
            return try GTIDSet(parsing: text)
        } catch {
            throw SQLError(1772, "HY000", "Malformed GTID set specification '\(text.prefix(SQLLimits.maxQuotedCharacters))'.")
        }
    }
}
