import Foundation
import Testing

/// `--where` beside the WHERE of the server that wrote the rows, and columns that only a schema makes readable.
@Suite(.serialized)
struct InspectWhereTests {
    private static func inspect(_ arguments: [String]) async throws -> CommandResult {
        try await Command.run(try Repository.program("binlog-inspect"), arguments, environment: ["MYSQL_PWD": ""])
    }

    /// The ids of the inserted rows, in order.
    private static func ids(_ text: String) -> [String] {
        text.split(separator: "\n").compactMap { $0.firstMatch(of: #/"type":"insert","after":\{"id":(\d+)/#).map { String($0.1) } }
    }

    private static let table = """
        CREATE DATABASE w; CREATE TABLE w.t (id INT PRIMARY KEY, b BIT(9), big BIGINT UNSIGNED, small TINYINT, price DECIMAL(40,20),
        d DOUBLE, f FLOAT, word VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin, wide CHAR(20) CHARACTER SET utf16 COLLATE utf16_bin,
        raw VARBINARY(8), day DATE, at DATETIME(3), span TIME(2), kind ENUM('ä','b')) CHARACTER SET utf8mb4;
        INSERT INTO w.t VALUES
        (1, b'101', 18446744073709551615, -1, '12345678901234567890.12345678901234567890', 0.1, 0.5, 'Größe', '漢字', x'00ff', '2026-11-21',
         '2026-11-21 08:00:00.5', '-100:00:00.25', 'ä'),
        (2, b'1', 18446744073709551614, 10, '12345678901234567890.12345678901234567891', 0.30000000000000004, 1.5, '10', '9', x'61', '1999-01-01',
         '2026-11-21', '100:00:00', 'b'),
        (3, 0, 9007199254740993, 9, '-0.00000000000000000001', 1e300, -2, '9', 'a''b', x'6100', '0001-01-01', '9999-12-31 23:59:59.999',
         '00:00:00.01', NULL),
        (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (5, 511, 9007199254740992, 127, 0, -0.1, 0, '', '', '', '2026-11-20', '2026-11-21 08:00:00', '-00:00:00.01', 'b');

        """

    private static let conditions = [
        "b = 5", "b = b'101'", "b = 0x05", "b > 1", "b != 0", "big = 18446744073709551615", "big < 18446744073709551615",
        "big = 9007199254740993", "big > 9007199254740992", "small < 9.5", "small >= 10", "small = 0x7f",
        "price = 12345678901234567890.12345678901234567890", "price > 12345678901234567890.12345678901234567890",
        "price < -0.000000000000000000009", "price = 0", "d = 0.1", "d > 1e299", "d < 0.3", "d = 0.30000000000000004", "f = 0.5", "f < 0",
        "word = 'Größe'", "word < '2'", "word > '10'", "word = ''", "wide = '漢字'", "wide = 'a''b'", "wide >= '9'", "raw = 0x00ff",
        "raw = 0x61",
        "raw > 0x61", "day = '2026-11-21'", "day < '2026-11-20'", "at = '2026-11-21'", "at = '2026-11-21 08:00:00'",
        "at > '2026-11-21 08:00:00.000'", "at <= '2026-11-21 08:00:00.5'", "span < '-00:00:00.01'", "span < '00:00:00'",
        "span > '99:00:00'",
        "span = '100:00:00.00'", "kind = 'ä'", "kind != 'ä'", "kind IS NULL", "kind IS NOT NULL",
    ]

    @Test("a condition finds what the server finds", arguments: ScriptedServer.Kind.allCases)
    func matchesServer(_ kind: ScriptedServer.Kind) async throws {
        let options = kind == .mariadb ? ["--binlog-format=ROW"] : []
        let server = try await ScriptedServer.start(kind, options: ["--binlog-row-metadata=FULL"] + options)
        try await server.run("SET NAMES utf8mb4; " + Self.table)
        let binlog = try server.newestBinlog()
        let expected = try await server.query(
            "SET NAMES utf8mb4; "
                + Self.conditions.map { "SELECT COALESCE(GROUP_CONCAT(id ORDER BY id), '-') FROM w.t WHERE \($0);" }.joined(separator: " "))
        try #require(expected.count == Self.conditions.count)
        for (condition, ids) in zip(Self.conditions, expected) {
            let found = try await Self.inspect(["--format", "json", "--table", "w.t", "--where", condition, binlog])
            #expect(found.status == .code(0), "\(found.errors)")
            #expect(Self.ids(found.text).joined(separator: ",") == (ids[0] == "-" ? "" : ids[0]), "\(condition)")
        }
    }

    @Test("times with decimals in MariaDB's older format ask for a schema, and are read with it")
    func oldTemporals() async throws {
        let server = try await ScriptedServer.start(
            .mariadb,
            options: ["--binlog-format=ROW", "--binlog-row-metadata=FULL", "--mysql56-temporal-format=OFF", "--default-time-zone=+00:00"])
        for (number, type) in ["TIME(3)", "DATETIME(6)", "TIMESTAMP(2)"].enumerated() {
            let value = type.hasPrefix("TIME(") ? "12:34:56.789" : "2026-11-21 12:34:56.789123"
            try await server.run(
                "CREATE OR REPLACE DATABASE w; FLUSH BINARY LOGS; CREATE TABLE w.t\(number) (id INT, a \(type), z INT);"
                    + "INSERT INTO w.t\(number) VALUES (7, '\(value)', 9)")
            let binlog = try server.newestBinlog()
            let asks = try await Self.inspect(["--format", "json", binlog])
            #expect(asks.status == .code(1) && asks.errors.contains("--schema") && asks.errors.contains("`w`.`t\(number)`"), "\(asks)")
            let read = try await Self.inspect(["--format", "json", "--schema", "mysql://root@127.0.0.1:\(server.port)/", binlog])
            let shown = try await server.query("SELECT a FROM w.t\(number)")[0][0]
            #expect(read.status == .code(0) && read.text.contains(#""after":{"id":7,"a":"\#(shown)","z":9}"#), "\(type): \(read)")
        }
    }
}
