import Common
import Testing

@testable import kingbus_node

@Suite struct SQLAnswerTests {
    private func check(_ table: [(String, String)]) {
        for (statement, expected) in table {
            var client = SQLFixture()
            #expect(client.ask(statement) == expected, "\(statement)")
        }
    }

    @Test func `letter case, comments, quotes and a trailing semicolon do not matter`() {
        check([
            ("select version();", "version() | 9.7.4"),
            ("  SeLeCt /* a */ VERSION() -- b", "VERSION() | 9.7.4"),
            ("SELECT VERSION() # c\n ;;", "VERSION() | 9.7.4"),
            ("SELECT `VERSION`()", "`VERSION`() | 9.7.4"),
            ("/*!40101 SET NAMES utf8 */", "OK"),
            ("/*!99999 nonsense */ SELECT 1", "#1 | 1"),
            ("SELECT /*! 1 + */ 1 AS a", "#a | 2"),
            ("SELECT 1--1", "#1--1 | 2"),
            ("SELECT @@`server_id`", "#@@`server_id` | 101"),
            ("SELECT @@LOCAL.sql_mode = '' x", "#x | 0"),
        ])
    }

    @Test func `literals have MySQL's values and column names`() {
        check([
            ("SELECT 'it''s', \"a\"\"b\", 'x\\n\\'y', 'a' 'b'", "it's, a\"b, x\n'y, 'a' 'b' | it's, a\"b, x\n'y, ab"),
            ("SELECT 0x1F, 1.50, 1e3, .5, -7, x'ff', b'101'", "#0x1F, 1.50, 1e3, .5, #-7, #x'ff', #b'101' | 31, 1.50, 1e3, .5, -7, 255, 5"),
            ("SELECT NULL, TRUE, false", "NULL, #TRUE, #false | NULL, 1, 0"),
            ("SELECT 18446744073709551615", "#18446744073709551615 | 18446744073709551615"),
            ("SELECT _utf8mb4'é', N'n' AS `n n`", "_utf8mb4'é', n n | é, n"),
            ("SELECT 1 one, 2 'two', 3 AS \"three\"", "#one, #two, #three | 1, 2, 3"),
        ])
    }

    @Test func `operators follow MySQL's precedence and three-valued logic`() {
        check([
            ("SELECT 1 + 2 * 3 AS a, (1 + 2) * 3 AS b, 7 DIV 2 AS c, 7 % 4 AS d, 7 MOD 4 AS e", "#a, #b, #c, #d, #e | 7, 9, 3, 3, 3"),
            ("SELECT 1 / 2 a, 1 / 0 b, 1 = '1' c, 'A' = 'a' d, '2x' + 1 e", "a, b, #c, #d, e | 0.5, NULL, 1, 1, 3"),
            ("SELECT NULL AND 0 a, NULL OR 1 b, NOT NULL c, NULL <=> NULL d, 1 XOR 1 e", "#a, #b, c, #d, #e | 0, 1, NULL, 1, 0"),
            ("SELECT 2 IN (1, 2) a, 3 NOT IN (1, NULL) b, 2 BETWEEN 1 AND 3 AND 1 c, NULL IS NOT NULL d", "#a, b, #c, #d | 1, NULL, 1, 0"),
            (
                "SELECT 'abc' LIKE 'A_c' a, 'a%c' LIKE 'a\\%c' b, 'abc' NOT LIKE '%b%' c, 'a_' LIKE 'a|_' ESCAPE '|' d",
                "#a, #b, #c, #d | 1, 1, 0, 1"
            ),
            ("SELECT 1 IS TRUE a, 0 IS FALSE b, NULL IS TRUE c, 5 IS NOT TRUE d", "#a, #b, #c, #d | 1, 1, 0, 0"),
            ("SELECT 9223372036854775807 + 1", "ERROR 1690: BIGINT value is out of range"),
            ("SELECT -9223372036854775808 DIV -1", "ERROR 1690: BIGINT value is out of range"),
        ])
    }

    @Test func `whole parts are cut off, not rounded`() {
        check([
            ("SELECT 7 DIV 2.5 a, -7.9 DIV 2 b, 5.5 % 2 c, 5 DIV 0 d", "#a, #b, c, d | 2, -3, 1.5, NULL"),
            ("SELECT 1e300 DIV 1", "ERROR 1690: BIGINT value is out of range"),
            ("KILL 6.9", "KILL 6"), ("KILL '12x'", "KILL 12"), ("KILL -1", "ERROR 1094: Unknown thread id: 0"),
        ])
    }

    @Test func `functions are computed`() {
        check([
            ("SELECT CONCAT('a', 1, 'b') a, CONCAT('a', NULL) b, CONCAT_WS(',', 'a', NULL, 'b') c", "a, b, c | a1b, NULL, a,b"),
            ("SELECT IFNULL(NULL, 1) a, COALESCE(NULL, NULL, 'x') b, NULLIF(1, 1) c, IF(1 > 2, 'y', 'n') d", "#a, b, c, d | 1, x, NULL, n"),
            (
                "SELECT NOW() a, NOW(3) b, CURRENT_TIMESTAMP c, CURDATE() d, UTC_TIME() e",
                "a, b, c, d, e | 2023-11-14 22:13:20, 2023-11-14 22:13:20.123, 2023-11-14 22:13:20, 2023-11-14, 22:13:20"
            ),
            (
                "SELECT USER() a, CURRENT_USER b, CURRENT_USER() c, CONNECTION_ID() d, DATABASE() e",
                "a, b, c, #d, e | repl@10.0.0.9, repl@%, repl@%, 7, NULL"
            ),
            ("SELECT UPPER('a') a, LENGTH('é') b, CHAR_LENGTH('é') c, SUBSTRING_INDEX('a.b.c', '.', -2) d", "a, #b, #c, d | A, 2, 1, b.c"),
            ("SELECT LENGTH(UUID()) a", "#a | 36"),
            ("SELECT VERSION(1)", "ERROR 1582: Incorrect parameter count in the call to native function 'version'"),
            ("SELECT SLEEP(1)", "ERROR 1305: FUNCTION sleep does not exist; this is a Kingbus binlog server, which knows only a few"),
            ("SELECT GTID_SUBSET('nonsense', '')", "ERROR 1772: Malformed GTID set specification 'nonsense'."),
            ("SELECT GTID_SUBTRACT('', NULL) a", "a | NULL"),
        ])
    }

    @Test func `user variables keep what was assigned`() {
        var client = SQLFixture()
        #expect(client.ask("SELECT @never") == "@never | NULL")
        #expect(client.ask("SET @a = 1, @B := @a + 1, @`c d` = 'x'") == "OK")
        #expect(client.ask("SELECT @A, @b, @'c d'") == "#@A, #@b, @'c d' | 1, 2, x")
        #expect(client.ask("SELECT @n := 5, @n + 1") == "#@n := 5, #@n + 1 | 5, 6")
        #expect(client.ask("SET @a = word") == "ERROR 1054: Unknown column 'word' in 'field list'")
    }

    @Test func `a SET that fails changes nothing`() {
        var client = SQLFixture()
        #expect(client.ask("SET @a = 1, nonsense = 2") == "ERROR 1193: Unknown system variable 'nonsense'")
        #expect(client.ask("SELECT @a") == "@a | NULL")
    }

    @Test func `session variables are set, shown, and returned to their defaults`() {
        var client = SQLFixture()
        #expect(
            client.asks(["SET autocommit = OFF, SESSION net_write_timeout = 600", "SELECT @@autocommit, @@session.net_write_timeout"])
                == "#@@autocommit, #@@session.net_write_timeout | 0, 600")
        #expect(client.ask("SELECT @@global.autocommit") == "#@@global.autocommit | 1")
        #expect(client.ask("SHOW SESSION VARIABLES LIKE 'autocommit'") == "Variable_name, Value | autocommit, OFF")
        #expect(client.ask("SHOW GLOBAL VARIABLES WHERE Variable_name = 'autocommit'") == "Variable_name, Value | autocommit, ON")
        #expect(client.asks(["SET @@session.autocommit = DEFAULT", "SELECT @@autocommit"]) == "#@@autocommit | 1")
        #expect(client.asks(["SET NAMES latin1 COLLATE latin1_bin", "SELECT @@collation_connection c"]) == "c | latin1_bin")
        #expect(client.asks(["SET NAMES utf8", "SELECT @@character_set_results c"]) == "c | utf8mb3")
        #expect(client.asks(["SET character_set_results = NULL", "SELECT @@character_set_results c"]) == "c | NULL")
        #expect(
            client.asks([
                "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY",
                "SELECT @@transaction_isolation a, @@transaction_read_only b",
            ])
                == "a, #b | READ-COMMITTED, 1")
    }

    @Test func `what a session may not set is refused with MySQL's numbers`() {
        let privilege =
            "ERROR 1227: Access denied; you need (at least one of) the SUPER or SYSTEM_VARIABLES_ADMIN privilege(s) for this operation;"
            + " this is a Kingbus binlog server, whose settings kingbus-ctl changes"
        check([
            ("SET GLOBAL wait_timeout = 1", privilege),
            ("SET PERSIST wait_timeout = 1", privilege),
            ("SET @@global.wait_timeout = 1", privilege),
            ("SET GLOBAL @a = 1", "ERROR 1064: " + syntax("@a = 1")),
            ("SET server_id = 1", "ERROR 1238: Variable 'server_id' is a read only variable"),
            ("SET autocommit = maybe", "ERROR 1231: Variable 'autocommit' can't be set to the value of 'maybe'"),
            ("SET wait_timeout = 'x'", "ERROR 1232: Incorrect argument type to variable 'wait_timeout'"),
            ("SET NAMES klingon", "ERROR 1115: Unknown character set: 'klingon'"),
            ("SET NAMES utf8mb4 COLLATE latin1_bin", "ERROR 1253: COLLATION 'latin1_bin' is not valid for CHARACTER SET 'utf8mb4'"),
            ("SET NAMES utf8mb4 COLLATE zz", "ERROR 1273: Unknown collation: 'zz'"),
            ("SELECT @@session.server_id", "ERROR 1238: Variable 'server_id' is a GLOBAL variable"),
            ("SELECT @@global.timestamp", "ERROR 1238: Variable 'timestamp' is a SESSION variable"),
        ])
    }

    private func syntax(_ near: String, line: Int = 1) -> String {
        "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax"
            + " to use near '\(near)' at line \(line)"
    }

    @Test func `a syntax error quotes what it did not understand`() {
        check([
            ("", "ERROR 1065: Query was empty"),
            (" ; -- nothing", "ERROR 1065: Query was empty"),
            ("HELLO", "ERROR 1064: " + syntax("HELLO")),
            ("SELECT", "ERROR 1064: " + syntax("")),
            ("SELECT 1,\n  FROM", "ERROR 1064: " + syntax("FROM", line: 2)),
            ("SELECT 1; SELECT 2", "ERROR 1064: " + syntax("SELECT 2")),
            ("SELECT 'open", "ERROR 1064: " + syntax("'open")),
            ("SELECT foo(1,,2)", "ERROR 1064: " + syntax(",2)")),
            ("SHOW NONSENSE", "ERROR 1064: " + syntax("NONSENSE")),
            ("SELECT 1 /* open", "ERROR 1064: " + syntax("/* open")),
            ("SELECT @@", "ERROR 1064: " + syntax("")),
        ])
    }

    @Test func `statements that a binlog server does not run say so`() {
        let noSupport = "ERROR 1235: This is a Kingbus binlog server: it does not support "
        check([
            ("INSERT INTO t VALUES (1)", noSupport + "INSERT statements"),
            ("create table t (a int)", noSupport + "CREATE statements"),
            ("SHOW CREATE TABLE t", noSupport + "SHOW CREATE TABLE"),
            ("SHOW TABLES FROM mysql", noSupport + "SHOW TABLES FROM"),
            ("SELECT (SELECT 1)", noSupport + "subqueries"),
            ("SELECT CASE WHEN 1 THEN 2 END", noSupport + "CASE"),
            ("SELECT NOW() - INTERVAL 1 DAY", noSupport + "INTERVAL"),
            ("SELECT 1 UNION SELECT 2", noSupport + "SELECT … UNION"),
            ("SELECT * FROM t", "ERROR 1046: No database selected; this is a Kingbus binlog server, which has no tables"),
            (
                "SELECT COUNT(*) > 0 AND MAX(User_name) != '' FROM mysql.slave_master_info",
                "ERROR 1146: Table 'mysql.slave_master_info' doesn't exist; this is a Kingbus binlog server, which has no tables"
            ),
            ("SELECT *", "ERROR 1096: No tables used"),
            (
                "FLUSH TABLES WITH READ LOCK",
                "ERROR 1227: Access denied; this is a Kingbus binlog server: FLUSH is not open to SQL clients, kingbus-ctl administers the cluster"
            ),
        ])
    }

    @Test func `transactions, USE, DO and LIMIT are accepted`() {
        check([
            ("BEGIN", "OK"), ("START TRANSACTION WITH CONSISTENT SNAPSHOT", "OK"), ("COMMIT", "OK"), ("ROLLBACK;", "OK"),
            ("UNLOCK TABLES", "OK"), ("DO 1", "OK"), ("USE `any`", "OK"), ("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "OK"),
            ("SELECT 1 FROM DUAL WHERE 1 = 1 LIMIT 0, 1", "#1 | 1"),
            ("SELECT 1 LIMIT 0", "#1"), ("SELECT 1 WHERE 0", "#1"), ("SELECT 1 LIMIT 1 OFFSET 1", "#1"),
        ])
    }

    @Test func `SHOW filters by LIKE and by WHERE on any column`() {
        check([
            ("SHOW VARIABLES LIKE 'server\\_id'", "Variable_name, Value | server_id, 101"),
            ("SHOW VARIABLES WHERE `Variable_name` LIKE 'gtid_m%' AND Value <> 'OFF'", "Variable_name, Value | gtid_mode, ON"),
            (
                "SHOW VARIABLES WHERE variable_name = 'hostname' OR Variable_Name = 'PORT'",
                "Variable_name, Value | hostname, node1 | port, 3307"
            ),
            ("SHOW BINARY LOGS WHERE 1 = 0", "Log_name, #File_size, Encrypted"),
            ("SHOW VARIABLES WHERE nonsense = 1", "ERROR 1054: Unknown column 'nonsense' in 'where clause'"),
            (
                "SHOW COLLATION LIKE 'utf8mb4%'",
                "Collation, Charset, #Id, Default, Compiled, #Sortlen | utf8mb4_0900_ai_ci, utf8mb4, 255, Yes, Yes, 1"
            ),
        ])
    }

    @Test func `every system variable can be selected and shown on every version`() {
        for version in ["5.7.44", "8.0.36", "8.4.2", "9.7.4", "10.11.6-MariaDB"] {
            var client = SQLFixture(version: version)
            guard case .resultSet(let shown) = client.answer("SHOW VARIABLES".utf8) else {
                Issue.record("no result set")
                return
            }
            #expect(shown.rows.count > 80)
            for row in shown.rows {
                let name = row[0].text ?? ""
                #expect(!client.ask("SELECT @@\(name)").hasPrefix("ERROR"), "\(name) on \(version)")
            }
        }
    }

    @Test(arguments: [
        ("9.7.4", 90704), ("5.7.44-log", 50744), ("8.0.36-0ubuntu0.22.04.1", 80036), ("5.5.5-10.11.6-MariaDB", 101106), ("x", 0),
        ("8.4", 80400), ("", 0), ("99999999999999999999.1", 0),
    ])
    func `a version text has a number`(text: String, number: Int) {
        let version = AdvertisedVersion(text)
        #expect(version.number == number || text.hasPrefix("9999"))
        #expect(version.description == text)
    }
}
