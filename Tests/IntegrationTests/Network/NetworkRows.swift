/// A client of the primary that commits small rows all the while. Nothing else that these tests do there is in the binlog, so that the
/// row with the id 7 is the primary's seventh transaction.
struct NetworkRows {
    let primary: MySQLServer

    /// Makes the tables, and an account for the nodes.
    static func prepare(on primary: MySQLServer) async throws {
        let account = MySQLServer.Account()
        try await primary.execute(
            """
            SET sql_log_bin = 0;
            CREATE USER \(account.name)@'%' IDENTIFIED BY '\(account.password)';
            GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO \(account.name)@'%';
            CREATE DATABASE network;
            CREATE TABLE network.numbered (id BIGINT PRIMARY KEY AUTO_INCREMENT, written BIGINT, filler LONGBLOB, KEY (written));
            CREATE TABLE network.control (stops BOOL);
            INSERT INTO network.control VALUES (FALSE);
            DELIMITER //
            CREATE PROCEDURE network.write_rows(bytes INT, pause DOUBLE)
            BEGIN
                WHILE NOT (SELECT stops FROM network.control) DO
                    INSERT INTO network.numbered (written, filler)
                    VALUES (CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS UNSIGNED), REPEAT('f', bytes));
                    DO SLEEP(pause);
                END WHILE;
            END//
            CREATE PROCEDURE network.write_bulk(count INT, bytes INT)
            BEGIN
                WHILE count > 0 DO
                    INSERT INTO network.numbered (filler) VALUES (REPEAT('b', bytes));
                    SET count = count - 1;
                END WHILE;
            END//
            DELIMITER ;
            """)
    }

    /// Lets rows be written while something is done, and a last one behind that.
    ///
    /// - Parameters:
    ///   - bytes: of each row.
    ///   - pause: between two rows, in seconds.
    static func during(
        on primary: MySQLServer, bytes: Int = 10, pause: Double = 0.005, _ body: (NetworkRows) async throws -> Void
    ) async throws {
        try await primary.execute("SET sql_log_bin = 0; UPDATE network.control SET stops = FALSE")
        async let writing: Void = primary.execute("CALL network.write_rows(\(bytes), \(pause))", within: .seconds(7200))
        do {
            try await body(NetworkRows(primary: primary))
        } catch {
            try? await stop(on: primary)
            throw error
        }
        try await stop(on: primary)
        try await writing
    }

    private static func stop(on primary: MySQLServer) async throws {
        try await primary.execute("SET sql_log_bin = 0; UPDATE network.control SET stops = TRUE")
    }

    /// How many transactions there are.
    static func committed(on primary: MySQLServer) async throws -> UInt64 {
        try await primary.query("SELECT COUNT(*) FROM network.numbered").first?.first.flatMap { UInt64($0) } ?? 0
    }

    /// When a row was written.
    func time(of transaction: UInt64) async throws -> WallTime {
        let written = try await primary.query("SELECT written FROM network.numbered WHERE id = \(transaction)")
        guard let time = written.first?.first.flatMap({ Int64($0) }) else { throw CommandFailed(description: "no row \(transaction)") }
        return WallTime(microseconds: time)
    }

    /// The first row that was written behind a time, as the number of its transaction; waits for one.
    func first(since time: WallTime) async throws -> UInt64 {
        var found: UInt64?
        try await eventually("the primary to write on") {
            let id = try await primary.query("SELECT MIN(id) FROM network.numbered WHERE written > \(time.microseconds)")
            found = id.first?.first.flatMap { UInt64($0) }
            return found != nil
        }
        guard let found else { throw CommandFailed(description: "the primary has written nothing") }
        return found
    }
}
