import Testing

/// Large rows and large transactions, and sizes mixed by clients that commit at the same time.
struct TrafficBulk {
    /// Bytes of the one large transaction, in rows of 8 KiB.
    static let largeTransactionBytes = 200 << 20

    private static let rowBytes = 8192

    /// The payload of a MySQL packet that is followed by another: 16 MiB - 1.
    private static let fullPacketBytes = (1 << 24) - 1

    private let primary: MySQLServer

    init(_ primary: MySQLServer) {
        self.primary = primary
    }

    func send() async throws {
        try await primary.execute(
            """
            CREATE DATABASE bulk;
            CREATE TABLE bulk.mixed (client INT, number INT, body LONGBLOB, PRIMARY KEY (client, number));
            CREATE TABLE bulk.large (id INT PRIMARY KEY, body LONGBLOB);
            CREATE TABLE bulk.many (id INT PRIMARY KEY, body VARBINARY(\(Self.rowBytes)));
            """)
        try await mixed()
        try await packetLimits()
        try await primary.execute(
            """
            INSERT INTO bulk.large VALUES (20, REPEAT('twenty-megabytes', 20 * 65536));
            BEGIN;
            INSERT INTO bulk.large VALUES (40, REPEAT('forty megabytes!', 40 * 65536));
            INSERT INTO bulk.mixed VALUES (0, 0, 'behind the large row');
            COMMIT;
            """)
        try await largeTransaction()
    }

    private func mixed() async throws {
        let sizes = [0, 100, 200, 8000, 60, 70_000, 300, 300_000, 90, 1 << 20, 50, 5000, 262_144, 3 << 20, 10]
        try await withThrowingTaskGroup { group in
            for client in 1...3 {
                let script = sizes.indices.map { number in
                    let size = sizes[(number * client) % sizes.count]
                    let insert = "INSERT INTO bulk.mixed VALUES (\(client), \(number), REPEAT('m', \(size)));"
                    guard number.isMultiple(of: 4) else { return insert }
                    let update = "UPDATE bulk.mixed SET body = CONCAT(body, 'u') WHERE client = \(client) AND number < 3;"
                    return "BEGIN; \(insert) \(update) COMMIT;"
                }
                group.addTask { try await primary.execute(script.joined(separator: "\n")) }
            }
            try await group.waitForAll()
        }
    }

    /// Rows whose events just fit a packet, fill it, and need another.
    private func packetLimits() async throws {
        let probe = 1 << 20
        try await primary.execute("INSERT INTO bulk.large VALUES (1, REPEAT('p', \(probe)))")
        let file = try #require(try await primary.query("SHOW BINARY LOG STATUS").first?.first)
        let events = try await primary.query("SHOW BINLOG EVENTS IN '\(file)'")
        let row = try #require(events.last { $0[2] == "Write_rows" })
        let overhead = try #require(Int(row[4])) - (try #require(Int(row[1]))) - probe
        // A packet holds one more byte than its event.
        for (id, bytes) in zip(2..., (Self.fullPacketBytes - 2)...Self.fullPacketBytes) {
            try await primary.execute("INSERT INTO bulk.large VALUES (\(id), REPEAT('p', \(bytes - overhead)))")
        }
    }

    private func largeTransaction() async throws {
        let rows = Self.largeTransactionBytes / Self.rowBytes
        try await primary.execute(
            """
            SET SESSION cte_max_recursion_depth = \(rows);
            INSERT INTO bulk.many WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < \(rows))
                SELECT n, REPEAT(UNHEX(SHA2(n, 256)), \(Self.rowBytes / 32)) FROM s;
            """)
    }
}
