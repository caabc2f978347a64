/// The words that the parser knows. A word that is none of these is a name.
enum SQLKeyword: String, Hashable, Sendable {
    case all, and, `as`, begin, between, binary, binlog, by, `case`, channel, character, charset, collate, collation, commit
    case committed, connection, current_date, current_time, current_timestamp, current_user, databases, `default`, distinct
    case div, `do`, dual, end, errors, escape, events, `false`, flush, `for`, from, full, global, grants, hard, high_priority
    case hosts, `in`, interval, into, `is`, isolation, kill, level, like, limit, local, localtime, localtimestamp, log, logs
    case master, mod, names, nonblocking, not, null, offset, only, or, password, persist, persist_only, processlist
    case query, read, repeatable, replica, replicas, role, rollback, savepoint, schemas, select, serializable, session, set
    case show, slave, slaves, soft, sql_cache, sql_calc_found_rows, sql_no_cache, start, status, tables, transaction, `true`
    case uncommitted, union, unlock, use, utc_date, utc_time, utc_timestamp, variables, warnings, `where`, work, write, xor

    /// Cannot stand unquoted as a name or an alias (MySQL manual, "Keywords and Reserved Words").
    var isReserved: Bool {
        switch self {
        case .all, .and, .as, .between, .binary, .by, .case, .character, .collate, .current_date, .current_time, .current_timestamp,
            .current_user, .databases, .default, .distinct, .div, .dual, .false, .for, .from, .high_priority, .in, .interval, .into,
            .is, .kill, .like, .limit, .localtime, .localtimestamp, .mod, .not, .null, .or, .read, .schemas, .select, .set, .show,
            .sql_calc_found_rows, .true, .union, .use, .utc_date, .utc_time, .utc_timestamp, .where, .write, .xor:
            true
        default: false
        }
    }
}
