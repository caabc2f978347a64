import Common

/// What a session checks while it changes rows, at first as ``SQLScript/rowState`` sets it.
struct SessionChecks {
    var foreignKeys = false
    var uniqueKeys = true
}

/// The session state that a statement of the binlog ran in, as SQL.
struct SQLSession {
    /// Bits of sql_mode that MySQL 8 has no more and does not take: those up to MYSQL40, and NO_AUTO_CREATE_USER.
    private static let removedModes: UInt64 = 0x1003_ff00

    /// Appends what sets it, independent of what the session is in before.
    static func append(_ query: borrowing QueryEvent, _ header: EventHeader, isMariaDB: Bool, to sink: inout ByteSink) throws(CodecError) {
        let state = try QueryStatusVariables(decoding: query.statusVariables)
        sink.append(utf8: SQLScript.rowState)
        if query.database.byteCount > 0, !header.flags.contains(.suppressUse) {
            sink.append("USE ")
            sink.append(identifier: query.database.array)
            sink.append(";\n")
        }
        if let charset = state.charset, !query.query.isASCII {
            // So that mysql reads the statement's characters as the server will.
            let client = Common.Charset(collation: UInt64(charset.client))
            if client != .unknown, client != .binary, client != .utf8mb4 {
                sink.append("\\C ")
                sink.append(utf8: client == .utf8mb3 ? "utf8mb4" : client.name)
                sink.append("\n")
            }
        }
        sink.append("SET @@SESSION.pseudo_thread_id=")
        sink.append(decimal: UInt64(query.threadID))
        appendNumbers(state, isMariaDB, &sink)
        if let zone = state.timeZone, zone.byteCount > 0 {
            sink.append(",@@SESSION.time_zone=")
            sink.append(quoted: zone)
        }
        sink.append(";\n")
        if !isMariaDB { appendMySQLNumbers(state, &sink) }
    }

    private static func appendNumbers(_ state: borrowing QueryStatusVariables, _ isMariaDB: Bool, _ sink: inout ByteSink) {
        if let options = state.options {
            append("foreign_key_checks", options.contains(.noForeignKeyChecks) ? 0 : 1, &sink)
            append("unique_checks", options.contains(.relaxedUniqueChecks) ? 0 : 1, &sink)
            append("sql_auto_is_null", options.contains(.autoIsNull) ? 1 : 0, &sink)
        }
        if let mode = state.sqlMode { append("sql_mode", isMariaDB ? mode : mode & ~removedModes, &sink) }
        append("auto_increment_increment", UInt64(state.autoIncrementIncrement ?? 1), &sink)
        append("auto_increment_offset", UInt64(state.autoIncrementOffset ?? 1), &sink)
        if let charset = state.charset {
            append("character_set_client", UInt64(charset.client), &sink)
            append("collation_connection", UInt64(charset.connection), &sink)
            append("collation_server", UInt64(charset.server), &sink)
        }
        append("lc_time_names", UInt64(state.timeNames ?? 0), &sink)
        if let collation = state.databaseCollation { append("collation_database", UInt64(collation), &sink) }
        if let isExplicit = state.explicitDefaultsForTimestamp { append("explicit_defaults_for_timestamp", isExplicit ? 1 : 0, &sink) }
    }

    private static func append(_ name: StaticString, _ value: UInt64, _ sink: inout ByteSink) {
        sink.append(",@@SESSION.")
        sink.append(name)
        sink.append(UInt8(ascii: "="))
        sink.append(decimal: value)
    }

    private static func appendMySQLNumbers(_ state: borrowing QueryStatusVariables, _ sink: inout ByteSink) {
        let numbers: [(StaticString, UInt64?)] = [
            ("80011 SET @@SESSION.default_collation_for_utf8mb4=", state.utf8mb4Collation.map(UInt64.init)),
            ("80013 SET @@SESSION.sql_require_primary_key=", state.requiresPrimaryKey.map { $0 ? 1 : 0 }),
            ("80016 SET @@SESSION.default_table_encryption=", state.encryptsTables.map { $0 ? 1 : 0 }),
        ]
        for (text, value) in numbers {
            guard let value else { continue }
            sink.append("/*!")
            sink.append(text)
            sink.append(decimal: value)
            sink.append(" */;\n")
        }
    }
}

extension ByteSink {
    /// Appends a string in quotes, for a session without backslashes in strings.
    fileprivate mutating func append(quoted text: RawSpan) {
        append(UInt8(ascii: "'"))
        for index in 0..<text.byteCount {
            let byte = text.byte(at: index)
            if byte == UInt8(ascii: "'") { append(byte) }
            append(byte)
        }
        append(UInt8(ascii: "'"))
    }
}

extension RawSpan {
    fileprivate var isASCII: Bool { withUnsafeBytes { $0.allSatisfy { $0 < 0x80 } } }
}
