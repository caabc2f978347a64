import BinlogInput
import Common
import MySQLClient

/// The server that changes are undone on, or that they are compared with.
final class Target {
    let connection: MySQLConnection
    /// For a person: without a password.
    let name: String
    /// What the server takes of one statement.
    private(set) var maxStatementBytes = 0

    /// An answer may wait for locks, and a COMMIT or ROLLBACK for many rows.
    private static let answerTimeoutMilliseconds: UInt64 = 24 * 60 * 60 * 1000
    /// The most that MySQL and MariaDB let it be set to.
    private static let maxWaitSeconds = 31_536_000
    /// What a server with very many tables tells of them.
    private static let maxResultBytes = 256 << 20
    /// The command's byte, and what the packet needs.
    private static let statementOverheadBytes = 64

    /// Connects, and sets the session to what the statements need.
    init(_ text: String, passwordFile: String?, tell: (String) -> Void) throws(ToolError) {
        do throws(ClientError) {
            let url: MySQLURL
            do { url = try MySQLURL(parsing: text) } catch { throw ClientError(.unsupported, at: "the target", error.reason) }
            let credentials = try Credentials(for: url, passwordFile: passwordFile)
            if let warning = credentials.warning { tell(warning) }
            var options = MySQLConnection.Options()
            options.programName = "flashback"
            options.countsFoundRows = true
            options.maxResultBytes = Self.maxResultBytes
            options.answerTimeoutMilliseconds = Self.answerTimeoutMilliseconds
            connection = try MySQLConnection(to: credentials.url, password: credentials.password, options: options)
            name = credentials.url.withoutPassword
        } catch { throw ToolError(error) }
        try setSession()
        // Where a statement ends a transaction by failing, what is on its way behind it must not be committed one by one.
        try query("SET @@SESSION.autocommit=0")
        // Reading large inputs takes longer than many servers wait.
        try query("SET @@SESSION.wait_timeout=\(Self.maxWaitSeconds)")
        let limit = try query("SELECT @@SESSION.max_allowed_packet").text(row: 0, column: 0).flatMap { Int($0) } ?? 0
        maxStatementBytes = limit - Self.statementOverheadBytes
    }

    private func setSession() throws(ToolError) {
        for statement in SQLScript.session { try query(statement) }
    }

    /// What the server's tables are like now.
    func schema(tell: @escaping (String) -> Void) throws(ToolError) -> SchemaStore {
        let schema: DatabaseSchema
        do { schema = try connection.databaseSchema() } catch { throw Self.error(error) }
        // It has set the names' charset in its own way, and what it has read is not to be read again as it was then.
        try setSession()
        try query("COMMIT")
        return SchemaStore(schema, of: name, isLive: true, tell: tell)
    }

    /// Runs one statement.
    @discardableResult
    func query(_ sql: String) throws(ToolError) -> ResultSet {
        do { return try connection.query(sql) } catch { throw Self.error(error) }
    }

    /// Runs statements; see ``MySQLConnection/run(_:_:)``.
    func run(_ batch: borrowing StatementBatch, _ take: (Int, MySQLConnection.Answer) -> Void) throws(ToolError) {
        do { try connection.run(batch, take) } catch { throw Self.error(error) }
    }

    /// Asks for the error of a statement that the server refused.
    func error(_ packet: ErrorPacket) -> ToolError {
        Self.error(
            ClientError(
                .server(packet.code), at: connection.endpoint, "the server refuses: \(packet.message) (error \(packet.code.rawValue))"))
    }

    func statementIsTooLong(_ byteCount: Int) -> ToolError {
        ToolError(
            .failure, file: connection.endpoint, "a statement of \(byteCount) bytes is more than the server takes",
            hint: "raise max_allowed_packet there, and run the same command again")
    }

    private static func error(_ error: ClientError) -> ToolError {
        var told = ToolError(error)
        if told.code == .notPermitted {
            told.hint =
                "--verify needs SELECT on the tables; --apply INSERT, UPDATE, DELETE and TRIGGER too, and CREATE, SELECT, INSERT and "
                + "UPDATE on \(RunProgress.database).*"
        }
        return told
    }

    /// Text between quotes, as the session's sql_mode reads it.
    static func quoted(_ text: String) -> String { "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "''"))'" }
}
