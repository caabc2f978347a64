import Common

extension SQLEvaluator {
    mutating func resultSet(of show: SQLShow) throws(SQLError) -> SQLResultSet {
        let all = try unfiltered(show.subject)
        var rows: [[SQLValue]] = []
        for values in all.rows where try isShown(values, of: all, show) {
            for value in values { try charge(value.text?.utf8.count ?? 0) }
            rows.append(values)
        }
        return SQLResultSet(columns: all.columns, rows: rows)
    }

    /// LIKE looks at the first column, WHERE at any.
    private mutating func isShown(_ values: [SQLValue], of all: SQLResultSet, _ show: SQLShow) throws(SQLError) -> Bool {
        if let like = show.like, let pattern = try value(of: like).text {
            return try matches(values.first?.text ?? "", pattern, "\\")
        }
        guard let filter = show.filter else { return true }
        row = SQLRow(columns: all.columns, values: values)
        defer { row = nil }
        return try value(of: filter).truth ?? false
    }

    private func unfiltered(_ subject: SQLShow.Subject) throws(SQLError) -> SQLResultSet {
        switch subject {
        case .variables(let scope): return variables(scope)
        case .status: return status
        case .binaryLogStatus: return binaryLogStatus
        case .binaryLogs: return binaryLogs
        case .replicas(let isOldName): return replicas(isOldName: isOldName)
        case .replicaStatus(let isOldName): return .replicaStatus(isOldName: isOldName)
        case .grants: return grants
        case .warnings: return SQLResultSet(columns: [.text("Level"), .integer("Code"), .text("Message")], rows: [])
        case .processList: return processList
        case .databases: return SQLResultSet(columns: [.text("Database")], rows: [[.text("information_schema")]])
        case .collations: return collations
        case .characterSets: return characterSets
        case .unsupported(let words): throw .unsupported("SHOW \(words)")
        }
    }

    // MARK: - Variables

    private func variables(_ scope: SQLVariableScope) -> SQLResultSet {
        let isGlobal = scope == .global
        let shown = SystemVariable.sorted.filter { $0.exists(in: facts.version) && !(isGlobal && $0.scope == .session) }
        return pairs(shown.map { ($0.name, $0.shown(serverOrSessionValue(of: $0, isGlobal: isGlobal))) })
    }

    private var status: SQLResultSet {
        let semiSync = facts.semiSync
        var rows: [(String, SQLValue)] = [
            ("Rpl_semi_sync_master_clients", .integer(Int64(semiSync.sourceClients))),
            ("Rpl_semi_sync_master_status", .text(semiSync.isSourceEnabled ? "ON" : "OFF")),
            ("Rpl_semi_sync_slave_status", .text(semiSync.isReplicaEnabled ? "ON" : "OFF")),
            ("Ssl_cipher", .text(facts.connection.tls?.cipher ?? "")),
            ("Ssl_version", .text(facts.connection.tls?.version ?? "")),
            ("Threads_connected", .integer(Int64(facts.processes.count))),
            ("Threads_running", .integer(Int64(facts.processes.count { $0.command != "Sleep" }))),
            ("Uptime", SQLValue(facts.uptimeSeconds)),
        ]
        if facts.version.isMySQL(from: 80026) {
            rows += [
                ("Rpl_semi_sync_replica_status", .text(semiSync.isReplicaEnabled ? "ON" : "OFF")),
                ("Rpl_semi_sync_source_clients", .integer(Int64(semiSync.sourceClients))),
                ("Rpl_semi_sync_source_status", .text(semiSync.isSourceEnabled ? "ON" : "OFF")),
            ]
        }
        return pairs(rows.sorted { $0.0 < $1.0 })
    }

    private func pairs(_ pairs: [(String, SQLValue)]) -> SQLResultSet {
        SQLResultSet(
            columns: [.text("Variable_name"), .text("Value")],
            rows: pairs.map { [.text($0.0), .text($0.1.text ?? "")] })
    }

    // MARK: - Connections

    private var grants: SQLResultSet {
        let user = facts.connection.user
        return SQLResultSet(
            columns: [.text("Grants for \(user)@%")],
            rows: [[.text("GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `\(user)`@`%`")]])
    }

    private var processList: SQLResultSet {
        SQLResultSet(
            columns: [
                .integer("Id"), .text("User"), .text("Host"), .text("db"), .text("Command"), .integer("Time"), .text("State"),
                .text("Info"),
            ],
            rows: facts.processes.map {
                [
                    SQLValue($0.id), .text($0.user), .text($0.host), $0.database.map(SQLValue.text) ?? .null, .text($0.command),
                    SQLValue($0.seconds), .text($0.state), $0.info.map(SQLValue.text) ?? .null,
                ]
            })
    }

    // MARK: - Character sets

    private var collations: SQLResultSet {
        SQLResultSet(
            columns: [
                .text("Collation"), .text("Charset"), .integer("Id"), .text("Default"), .text("Compiled"), .integer("Sortlen"),
            ],
            rows: CharacterSet.all(in: facts.version).map {
                [.text($0.collation), .text($0.name), SQLValue(UInt64($0.collationID)), .text("Yes"), .text("Yes"), .integer(1)]
            })
    }

    private var characterSets: SQLResultSet {
        SQLResultSet(
            columns: [.text("Charset"), .text("Description"), .text("Default collation"), .integer("Maxlen")],
            rows: CharacterSet.all(in: facts.version).map {
                [.text($0.name), .text($0.name), .text($0.collation), SQLValue(UInt64($0.maxBytesPerCharacter))]
            })
    }
}
