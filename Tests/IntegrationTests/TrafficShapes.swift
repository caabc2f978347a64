/// Transactions of every shape in which a primary with GTIDs writes them, each small.
struct TrafficShapes {
    /// The databases that the traffic fills.
    static let databases = ["shop", "shapes", "bulk"]

    private let primary: MySQLServer

    init(_ primary: MySQLServer) {
        self.primary = primary
    }

    /// Makes the tables and sends every shape.
    func send() async throws {
        try await primary.execute(Self.schema)
        try await sendAgain(1)
    }

    /// Sends every shape once more, into the tables that are there.
    ///
    /// - Parameter number: is in every key, so that rounds do not meet; 1 is the first round's.
    func sendAgain(_ number: Int = 2) async throws {
        let base = number * 1000
        let file = try primary.folder.write((1...200).map { "\(base + $0),line \($0)\n" }.joined(), to: "lines-\(number).csv")
        for shape in [
            Self.plain(base), Self.statements(base), Self.savepoints(base), Self.nonTransactional(base), Self.definitions(number),
        ] {
            try await primary.execute(shape)
        }
        // A later start of a transaction differs from an earlier one by its second.
        try await primary.execute("DO SLEEP(1.1); FLUSH BINARY LOGS")
        try await distributed(base)
        for shape in [Self.compressed(base), Self.tagged(base), Self.emptyWithForeignSource(number), Self.loaded(base, file)] {
            try await primary.execute(shape)
        }
        try await primary.execute("DO SLEEP(1.1); FLUSH BINARY LOGS")
    }

    private static let schema = """
        CREATE DATABASE shop;
        CREATE DATABASE shapes CHARACTER SET latin1;
        CREATE TABLE shop.orders (id INT PRIMARY KEY, note TEXT, amount DECIMAL(10, 2), at TIMESTAMP(6) NULL);
        CREATE TABLE shop.keyless (a INT, b VARCHAR(40));
        CREATE TABLE shapes.counted (id INT PRIMARY KEY AUTO_INCREMENT, by_hand INT, x DOUBLE, note VARCHAR(100) CHARACTER SET utf8mb4);
        CREATE TABLE shapes.isam (id INT PRIMARY KEY, note VARCHAR(40)) ENGINE = MyISAM;
        CREATE TABLE shapes.loaded (id INT PRIMARY KEY, line VARCHAR(40));
        CREATE TABLE shapes.packed (id INT PRIMARY KEY, body TEXT);
        CREATE TABLE shapes.documents (id INT PRIMARY KEY, body JSON, shape GEOMETRY, flags BIT(9), kind ENUM('a', 'b'), data BLOB);
        CREATE TABLE shapes.distributed (id INT PRIMARY KEY, note VARCHAR(40));
        """

    /// Autocommit, several statements, rows of all three kinds, a rollback that leaves no trace.
    private static func plain(_ base: Int) -> String {
        """
        INSERT INTO shop.orders VALUES (\(base), 'tab\\t, line\\n, back\\\\slash, Grüße', 1.50, NOW(6)), (\(base + 1), NULL, -2, NULL);
        UPDATE shop.orders SET amount = amount + 1 WHERE id = \(base);
        DELETE FROM shop.orders WHERE id = \(base + 1);
        BEGIN;
        INSERT INTO shop.orders SELECT \(base) + 10 + n, REPEAT('x', n * 10), n, NOW(6)
            FROM (WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 50) SELECT n FROM s) AS t;
        INSERT INTO shop.keyless VALUES (1, 'same'), (1, 'same'), (2, NULL);
        UPDATE shop.orders SET note = CONCAT(note, '!') WHERE id BETWEEN \(base + 20) AND \(base + 30);
        COMMIT;
        BEGIN; DELETE FROM shop.keyless WHERE a = 1 LIMIT 1; ROLLBACK;
        START TRANSACTION; DELETE FROM shop.keyless WHERE a = 1 LIMIT 1; COMMIT;
        INSERT INTO shapes.documents VALUES (\(base), '{"a": [1, 2.5, null, "x"]}', ST_GeomFromText('POINT(1 2)'), b'101010101', 'b', 0x00ff00);
        SET SESSION binlog_row_value_options = PARTIAL_JSON;
        UPDATE shapes.documents SET body = JSON_SET(body, '$.a[0]', 7) WHERE id = \(base);
        SET SESSION binlog_rows_query_log_events = ON, binlog_row_image = MINIMAL;
        UPDATE shop.orders SET amount = 9 WHERE id = \(base + 12);
        """
    }

    /// INTVAR, RAND and USER_VAR events, a temporary table, and statements whose text looks like the end of a transaction.
    private static func statements(_ base: Int) -> String {
        """
        SET SESSION binlog_format = STATEMENT;
        SET @name = 'from a variable', @number = \(base);
        INSERT INTO shapes.counted (by_hand, x, note) VALUES (@number, RAND(), @name);
        INSERT INTO shapes.counted (by_hand, x, note) VALUES (LAST_INSERT_ID(), RAND(), CONCAT(@name, ' Grüße'));
        BEGIN;
        INSERT INTO shapes.counted (by_hand, x, note) VALUES (\(base + 1), RAND(), 'in a transaction');
        UPDATE shapes.counted SET note = CONCAT('changed ', @name) WHERE by_hand = \(base + 1);
        COMMIT;
        /* COMMIT */ INSERT INTO shapes.counted (by_hand, note) VALUES (\(base + 2), 'COMMIT'), (\(base + 3), 'ROLLBACK');
        BEGIN;
        INSERT INTO shapes.counted (by_hand, note) VALUES (\(base + 4), 'commit; begin');
        /* ROLLBACK */ UPDATE shapes.counted SET note = 'XA COMMIT' WHERE by_hand = \(base + 4);
        COMMIT;
        USE shapes;
        CREATE TEMPORARY TABLE passing (id INT PRIMARY KEY, note VARCHAR(20));
        INSERT INTO passing VALUES (1, 'a'), (2, 'b');
        INSERT INTO counted (by_hand, note) SELECT id + \(base), note FROM passing;
        DROP TEMPORARY TABLE passing;
        SET SESSION binlog_format = MIXED;
        INSERT INTO counted (by_hand, note) VALUES (\(base + 5), UUID());
        INSERT INTO counted (by_hand, note) VALUES (\(base + 6), 'as a statement');
        BEGIN;
        INSERT INTO counted (by_hand, note) VALUES (\(base + 7), 'as a statement');
        INSERT INTO counted (by_hand, note) VALUES (\(base + 8), UUID());
        COMMIT;
        """
    }

    private static func savepoints(_ base: Int) -> String {
        ["ROW", "STATEMENT"].enumerated().map { offset, format in
            let key = base + 100 + offset * 10
            return """
                SET SESSION binlog_format = \(format);
                BEGIN;
                INSERT INTO shop.orders (id, note) VALUES (\(key), 'kept');
                SAVEPOINT first;
                INSERT INTO shop.orders (id, note) VALUES (\(key + 1), 'undone');
                SAVEPOINT `second, COMMIT`;
                INSERT INTO shop.orders (id, note) VALUES (\(key + 2), 'undone');
                ROLLBACK TO SAVEPOINT `second, COMMIT`;
                ROLLBACK WORK TO first;
                INSERT INTO shop.orders (id, note) VALUES (\(key + 3), 'kept');
                RELEASE SAVEPOINT first;
                COMMIT;
                """
        }.joined(separator: "\n")
    }

    /// A statement on MyISAM that fails half-way leaves its first row, which is logged.
    private static func nonTransactional(_ base: Int) -> String {
        """
        INSERT INTO shapes.isam VALUES (\(base), 'row');
        SET SESSION binlog_format = STATEMENT;
        INSERT INTO shapes.isam VALUES (\(base + 1), 'statement');
        BEGIN; INSERT INTO shop.orders (id, note) VALUES (\(base + 200), 'transactional'); COMMIT;
        UPDATE shapes.isam SET note = 'changed' WHERE id = \(base);
        SET SESSION binlog_format = ROW;
        INSERT INTO shapes.isam SELECT id + 100, note FROM shapes.isam WHERE id >= \(base);
        DELETE FROM shapes.isam WHERE id = \(base + 100);
        INSERT IGNORE INTO shapes.isam VALUES (\(base + 2), 'new'), (\(base), 'there'), (\(base + 3), 'new');
        """
    }

    private static func definitions(_ number: Int) -> String {
        """
        CREATE TABLE shop.copy_\(number) SELECT * FROM shop.orders;
        CREATE TABLE shop.empty_\(number) LIKE shop.orders;
        ALTER TABLE shop.copy_\(number) ADD COLUMN extra INT DEFAULT 7, ADD INDEX (note(10));
        RENAME TABLE shop.copy_\(number) TO shop.renamed_\(number);
        CREATE TABLE shop.gone_\(number) (id INT PRIMARY KEY); INSERT INTO shop.gone_\(number) VALUES (1); TRUNCATE shop.gone_\(number);
        DROP TABLE shop.gone_\(number), shop.empty_\(number);
        DROP TABLE IF EXISTS shop.never;
        CREATE VIEW shop.seen_\(number) AS SELECT id FROM shop.orders;
        CREATE TABLE shop.noticed_\(number) (id INT);
        CREATE TRIGGER shop.notice_\(number) AFTER INSERT ON shop.keyless FOR EACH ROW INSERT INTO shop.noticed_\(number) VALUES (NEW.a);
        INSERT INTO shop.keyless VALUES (\(number), 'noticed');
        DROP TRIGGER shop.notice_\(number);
        CREATE FUNCTION shop.twice_\(number) (n INT) RETURNS INT DETERMINISTIC RETURN n * 2;
        CREATE USER reader_\(number) IDENTIFIED BY 'secret';
        GRANT SELECT ON shop.* TO reader_\(number);
        ANALYZE TABLE shop.orders;
        BEGIN; INSERT INTO shop.keyless VALUES (3, 'committed by the definition behind it');
        CREATE TABLE shop.behind_\(number) (id INT);
        """
    }

    /// XA, each transaction finished by another session than the one that began it, with others between.
    private func distributed(_ base: Int) async throws {
        func begin(_ id: Int, _ xid: String) -> String {
            "XA START \(xid); INSERT INTO shapes.distributed VALUES (\(id), 'prepared'); XA END \(xid); XA PREPARE \(xid);"
        }
        let hex = "X'00ff27', 'branch', 7"
        try await primary.execute(begin(base + 1, "'kept-\(base)'"))
        try await primary.execute(begin(base + 2, "'dropped-\(base)'"))
        try await primary.execute(begin(base + 3, hex))
        try await primary.execute(
            """
            INSERT INTO shapes.distributed VALUES (\(base + 4), 'between');
            XA START 'one-\(base)'; INSERT INTO shapes.distributed VALUES (\(base + 5), 'one phase');
            UPDATE shop.orders SET amount = 3 WHERE id = \(base); XA END 'one-\(base)'; XA COMMIT 'one-\(base)' ONE PHASE;
            """)
        try await primary.execute("XA COMMIT 'kept-\(base)'; INSERT INTO shapes.distributed VALUES (\(base + 6), 'between')")
        try await primary.execute("XA ROLLBACK 'dropped-\(base)'; XA COMMIT \(hex)")
    }

    private static func compressed(_ base: Int) -> String {
        """
        SET SESSION binlog_transaction_compression = ON;
        INSERT INTO shapes.packed VALUES (\(base), REPEAT('compressible ', 3000));
        BEGIN;
        INSERT INTO shapes.packed VALUES (\(base + 1), REPEAT('a', 60000));
        UPDATE shapes.packed SET body = REPEAT('b', 50000) WHERE id = \(base);
        DELETE FROM shapes.packed WHERE id = \(base + 1);
        INSERT INTO shapes.packed VALUES (\(base + 2), 'short');
        COMMIT;
        SET SESSION binlog_transaction_compression = OFF;
        INSERT INTO shapes.packed VALUES (\(base + 3), 'not compressed');
        """
    }

    private static func tagged(_ base: Int) -> String {
        """
        SET gtid_next = 'AUTOMATIC:batch_job'; INSERT INTO shop.orders (id, note) VALUES (\(base + 300), 'tagged');
        SET gtid_next = 'AUTOMATIC:_x9'; BEGIN; INSERT INTO shop.orders (id, note) VALUES (\(base + 301), 'tagged'); COMMIT;
        SET gtid_next = 'AUTOMATIC:batch_job'; SET SESSION binlog_transaction_compression = ON;
        INSERT INTO shapes.packed VALUES (\(base + 4), REPEAT('tagged and compressed ', 1000));
        SET gtid_next = AUTOMATIC; INSERT INTO shop.orders (id, note) VALUES (\(base + 302), 'untagged');
        """
    }

    /// Transactions that another server is said to have made, with a gap, one of them empty.
    private static func emptyWithForeignSource(_ number: Int) -> String {
        let source = "9c3b9f6e-0000-4000-8000-\(String(1_000_000_000_000 + number).dropFirst())"
        return """
            SET gtid_next = '\(source):7'; INSERT INTO shop.keyless VALUES (\(number), 'from elsewhere');
            SET gtid_next = '\(source):9'; BEGIN; COMMIT;
            SET gtid_next = AUTOMATIC;
            """
    }

    /// LOAD DATA in both formats: as rows, and as BEGIN_LOAD_QUERY and EXECUTE_LOAD_QUERY events.
    private static func loaded(_ base: Int, _ file: String) -> String {
        """
        LOAD DATA INFILE '\(file)' INTO TABLE shapes.loaded FIELDS TERMINATED BY ',';
        SET SESSION binlog_format = STATEMENT;
        LOAD DATA INFILE '\(file)' INTO TABLE shapes.loaded FIELDS TERMINATED BY ',' (@id, line) SET id = @id + 500;
        BEGIN;
        LOAD DATA INFILE '\(file)' REPLACE INTO TABLE shapes.loaded FIELDS TERMINATED BY ',';
        DELETE FROM shapes.loaded WHERE id = \(base + 1);
        COMMIT;
        """
    }
}
