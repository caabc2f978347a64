import Common

@testable import kingbus_node

/// One connection to a server with known facts, whose answers are written as one line of text each.
struct SQLFixture {
    static let uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562"

    var session = SessionVariables()
    var facts: ServerFacts

    init(version: String = "9.7.4") {
        facts = ServerFacts(
            version: AdvertisedVersion(version), serverID: 101, serverUUID: "0a0a0a0a-0000-4000-8000-000000000001", hostname: "node1",
            port: 3307, connection: ConnectionFacts(id: 7, user: "repl", host: "10.0.0.9"), now: (1_700_000_000, 123_456))
        facts.gtidExecuted = try! GTIDSet(parsing: "\(Self.uuid):1-50")
        facts.gtidPurged = try! GTIDSet(parsing: "\(Self.uuid):1-10")
        facts.binlog.end = BinlogFacts.Position(file: "binlog.000003", offset: 5_000_000_000)
        facts.binlog.files = [
            BinlogFacts.File(name: "binlog.000002", byteCount: 1024), BinlogFacts.File(name: "binlog.000003", byteCount: 5_000_000_000),
        ]
        facts.replicas = [ReplicaFacts(serverID: 2, host: "r2", port: 3306, uuid: "22222222-0000-4000-8000-000000000002")]
        facts.processes = [
            ProcessFacts(
                id: 5, user: "repl", host: "10.0.0.2:4000", command: "Binlog Dump GTID", seconds: 60,
                state: "Source has sent all binlog to replica; waiting for more updates"),
            ProcessFacts(id: 7, user: "repl", host: "10.0.0.9:4001", database: "test", command: "Query", seconds: 0, state: "", info: "x"),
        ]
        facts.semiSync = SemiSyncFacts(isSourceEnabled: true, sourceClients: 1, isReplicaEnabled: true)
        facts.connection.tls = ConnectionFacts.TLS(version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384")
        facts.uptimeSeconds = 99
    }

    mutating func answer(_ statement: some Sequence<UInt8>) -> SQLAnswer {
        let bytes = Array(statement)
        return SQLEvaluator.answer(to: bytes.span.bytes, session: &session, facts: facts)
    }

    /// `OK`, `ERROR number: message`, `KILL id`, or the columns and rows: `a, b | 1, NULL`; integer columns carry a `#`.
    mutating func ask(_ statement: String) -> String {
        switch answer(statement.utf8) {
        case .ok: return "OK"
        case .error(let error): return "ERROR \(error.number): \(error.message)"
        case .kill(let id, let queryOnly): return queryOnly ? "KILL QUERY \(id)" : "KILL \(id)"
        case .resultSet(let set):
            let head = set.columns.map { ($0.kind == .integer ? "#" : "") + $0.name }.joined(separator: ", ")
            return ([head] + set.rows.map { $0.map { $0.text ?? "NULL" }.joined(separator: ", ") }).joined(separator: " | ")
        }
    }

    mutating func asks(_ statements: [String]) -> String {
        var last = ""
        for statement in statements { last = ask(statement) }
        return last
    }
}
