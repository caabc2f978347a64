/// A transaction of one or several statements, on a table without a key, whose rows fill many entries of the log.
struct BigTransaction {
    private static let rowBytes = 60_000

    let number: Int
    let isXA: Bool
    var statements = 4
    let bytes: Int

    var sql: String {
        let rows = bytes / Self.rowBytes / statements
        let inserts = (0..<statements).map { statement in
            """
            INSERT INTO kills.big (batch, part, filler)
            WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < \(rows))
            SELECT \(number), \(statement), REPEAT(CHAR(97 + i % 26), \(Self.rowBytes)) FROM n;
            """
        }.joined(separator: "\n")
        return "SET SESSION cte_max_recursion_depth = \(rows); "
            + (isXA
                ? "XA START 'big\(number)'; \(inserts) XA END 'big\(number)'; XA PREPARE 'big\(number)'; XA COMMIT 'big\(number)';"
                : "START TRANSACTION; \(inserts) COMMIT;")
    }
}

/// A client of the primary that commits numbered rows of mixed sizes without pause, until it is told to stop.
struct KillTraffic {
    let primary: MySQLServer
    private let writing: Task<Void, any Error>

    /// `keyless` and `big` have no key: a row that came twice would be there twice.
    static func start(on primary: MySQLServer, seed: UInt64) async throws -> KillTraffic {
        try await primary.execute(
            """
            CREATE DATABASE kills;
            CREATE TABLE kills.numbered (id INT PRIMARY KEY AUTO_INCREMENT, note LONGBLOB);
            CREATE TABLE kills.keyless (number INT, note VARCHAR(100));
            CREATE TABLE kills.big (batch INT, part INT, filler LONGBLOB);
            CREATE TABLE kills.control (stops BOOL);
            INSERT INTO kills.control VALUES (FALSE);
            DELIMITER //
            CREATE PROCEDURE kills.write_rows(seed INT)
            BEGIN
                DECLARE i INT DEFAULT 0;
                WHILE NOT (SELECT stops FROM kills.control) DO
                    SET i = i + 1;
                    START TRANSACTION;
                    INSERT INTO kills.numbered (note) VALUES (REPEAT(CHAR(97 + i % 26), POW(10, RAND(seed + i) * 5)));
                    IF i % 3 = 0 THEN INSERT INTO kills.keyless VALUES (i, REPEAT('k', i % 100)), (-i, NULL); END IF;
                    IF i % 5 = 0 THEN UPDATE kills.keyless SET note = 'updated' WHERE number = i - 2; END IF;
                    IF i % 7 = 0 THEN DELETE FROM kills.numbered WHERE id = i - 5; END IF;
                    IF i % 11 = 0 THEN ROLLBACK; ELSE COMMIT; END IF;
                    IF i % 50 = 0 THEN CREATE TABLE kills.passing (id INT); DROP TABLE kills.passing; END IF;
                    DO SLEEP(0.002);
                END WHILE;
            END//
            DELIMITER ;
            """)
        let writing = Task { try await primary.execute("CALL kills.write_rows(\(seed % 1000))", within: .seconds(7200)) }
        return KillTraffic(primary: primary, writing: writing)
    }

    /// Ends the client, after a last commit.
    func stop() async throws {
        try await primary.execute("UPDATE kills.control SET stops = TRUE")
        try await writing.value
    }
}
