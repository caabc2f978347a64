import Common
import Testing

@testable import kingbus_node

@Suite struct SQLMutationTests {
    private static let statements: [[UInt8]] = [
        "SELECT UNIX_TIMESTAMP()", "SELECT @@GLOBAL.SERVER_ID", "SET @master_heartbeat_period= 30000001024",
        "SET @master_binlog_checksum = @@global.binlog_checksum, @source_binlog_checksum = @@global.binlog_checksum",
        "SET @slave_uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562', @replica_uuid = uuid()",
        "SHOW VARIABLES LIKE 'SERVER\\_ID'", "SET @slave_connect_state='0-1-100'", "KILL CONNECTION 12",
        "SHOW VARIABLES WHERE Variable_name IN ('a', 'b') OR NOT Value LIKE '%x_' ESCAPE '|'",
        "select @@global.hostname, ifnull(@@global.report_host, ''), @@global.log_bin = 1 AS `x y`",
        "/*!40101 SET NAMES 'utf8' COLLATE utf8_bin */;", "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY",
        "SELECT GTID_SUBTRACT('3e11fa47-71ca-11e1-9e33-c80aa9429562:1-20:30', @@gtid_purged)",
        "SELECT CONCAT('a', \"b\"\"c\", 0x1F, 1.5e3), -(1 + 2) * 3 DIV 4 MOD 5 BETWEEN 1 AND 2, NOW(6) LIMIT 1, 2 -- end",
        "SELECT CAST(a AS CHAR), CASE WHEN 1 THEN 2 END, EXISTS(SELECT 1) FROM `mysql`.t WHERE x IS NOT NULL",
        "SHOW REPLICA STATUS FOR CHANNEL 'c'", "SHOW GRANTS FOR CURRENT_USER()", "SHOW BINLOG EVENTS IN 'f' LIMIT 1",
        "SELECT SUBSTRING_INDEX('a.b.c', '.', -9223372036854775808), @x := 18446744073709551615 - -1, x'ff', b'1', _utf8'é'",
        "SELECT 'a' LIKE @a, @a <=> NULL, @@autocommit IS TRUE, UNIX_TIMESTAMP(@a) XOR !1 # c",
    ].map { Array($0.utf8) }

    private static let pieces: [[UInt8]] = [
        "(", ")", "'", "\"", "`", "@", "@@", ",", ".", ";", "\\", "/*", "*/", "/*!", "--", "\0", "\u{ff}", "-", "*", "/", "9", "e", "0x",
        " NULL ", " NOT ", " IN ", " LIKE ", " SELECT ", " FROM ", "=", ":=", "9223372036854775808", "1e999", " END ", " AS ", "%",
    ].map { Array($0.utf8) }

    /// Random bytes are replaced, removed and put in; statements are cut and joined.
    private func mutated(using random: inout SplitMix) -> [UInt8] {
        var bytes = Self.statements.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let at = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where at < bytes.count: bytes[at] = UInt8.random(in: .min ... .max, using: &random)
            case 1 where at < bytes.count: bytes.remove(at: at)
            case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 0...12, using: &random)))
            case 3: bytes = Array(bytes[..<at]) + (Self.statements.randomElement(using: &random) ?? [])[...].suffix(30)
            case 4:
                let piece = Self.pieces.randomElement(using: &random) ?? []
                for _ in 0..<Int.random(in: 1...4, using: &random) { bytes.insert(contentsOf: piece, at: at) }
            default: bytes.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? [], at: at)
            }
        }
        return bytes
    }

    @Test func `fifty thousand mutated statements are all answered`() {
        var random = SplitMix(state: 2026)
        var client = SQLFixture()
        var kinds: [String: Int] = [:]
        for _ in 0..<50_000 {
            let statement = mutated(using: &random)
            switch client.answer(statement) {
            case .ok: kinds["ok", default: 0] += 1
            case .kill: kinds["kill", default: 0] += 1
            case .error(let error):
                kinds["error", default: 0] += 1
                #expect(error.sqlState.utf8.count == 5 && error.message.utf8.count < 1000)
            case .resultSet(let set):
                kinds["rows", default: 0] += 1
                #expect(set.rows.allSatisfy { $0.count == set.columns.count })
            }
        }
        #expect(Set(kinds.keys) == ["ok", "kill", "error", "rows"])
    }
}

/// A small generator with a seed, so that a failure can be repeated.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
