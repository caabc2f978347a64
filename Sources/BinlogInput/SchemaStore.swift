import Common
import Glibc
import MySQLClient

/// The tables that `--schema` names: they tell what a binlog does not, as columns' names and types, triggers and foreign keys.
///
/// Several threads ask it; of each table that it cannot complete it tells once.
package final class SchemaStore: @unchecked Sendable {  // What it has told is touched inside the monitor only; `tell` writes whole lines.
    /// A dump with data in it is not a schema.
    private static let maxFileBytes = 256 << 20

    private struct Name: Hashable {
        var database: String
        var table: String

        var shown: String { "`\(database)`.`\(table)`" }
    }

    /// A file, or a server's URL without a password.
    package let source: String
    /// Whether a server was asked, and not a file.
    package let isLive: Bool
    private let tables: [Name: TableSchema]
    private let database: DatabaseSchema
    private let tell: (String) -> Void
    private let monitor = Monitor()
    private var told: Set<Name> = []

    /// - Parameters:
    ///   - source: a file with CREATE TABLE statements, or a server's URL.
    ///   - tool: Who asks, as the server shows it.
    package convenience init(
        _ source: String, passwordFile: String?, tool: String, tell: @escaping (String) -> Void
    ) throws(ToolError) {
        if MySQLURL.isURL(source) {
            do throws(ClientError) {
                let url: MySQLURL
                do { url = try MySQLURL(parsing: source) } catch { throw ClientError(.unsupported, at: "--schema", error.reason) }
                let credentials = try Credentials(for: url, passwordFile: passwordFile)
                if let warning = credentials.warning { tell("warning: \(warning)") }
                var options = MySQLConnection.Options()
                options.programName = tool
                options.maxResultBytes = Self.maxFileBytes
                let connection = try MySQLConnection(to: credentials.url, password: credentials.password, options: options)
                self.init(try connection.databaseSchema(), of: url.withoutPassword, isLive: true, tell: tell)
            } catch { throw ToolError(error) }
        } else {
            let text = try Self.read(source)
            do {
                // Which tables were left out of it, a file does not say.
                let schema = DatabaseSchema(tables: try TableSchema.tables(parsing: text), knowsForeignKeys: false)
                self.init(schema, of: source, isLive: false, tell: tell)
            } catch {
                throw ToolError(.failure, file: source, offset: UInt64(error.offset), "this is no dump of tables: \(error.reason)")
            }
        }
    }

    package init(_ database: DatabaseSchema, of source: String, isLive: Bool, tell: @escaping (String) -> Void) {
        self.source = source
        self.isLive = isLive
        self.database = database
        self.tell = tell
        // A dump may make a table twice; the last one is what it leaves.
        tables = Dictionary(database.tables.map { (Name(database: $0.database, table: $0.name), $0) }) { $1 }
        if tables.isEmpty { tell("\(source): no tables are in this schema") }
    }

    private static func read(_ path: String) throws(ToolError) -> [UInt8] {
        var input = try ByteInput(path: path)
        var bytes = ByteSink(capacity: 1 << 20)
        _ = try input.move(maxFileBytes + 1, into: &bytes)
        guard bytes.count <= maxFileBytes else {
            throw ToolError(
                .failure, file: path, "a schema of more than \(maxFileBytes >> 20) MiB is not read",
                hint: "dump it with mysqldump --no-data")
        }
        return bytes.bytes.array
    }

    /// What the schema has of a table that a binlog maps.
    package enum Match {
        case missing
        /// Another table than was mapped, and why.
        case different(String)
        case same(TableSchema)
    }

    private static let periodColumns = ["row_start", "row_end"].map { name in
        var column = ColumnSchema(name: name, type: "timestamp")
        column.numbers = [6]
        column.isGenerated = true
        column.isVisible = false
        return column
    }

    /// Fills in what the event does not say, where the schema is of the same table.
    package func match(_ map: inout TableMapEvent) -> Match {
        // A table without a database stands in the text of SHOW CREATE TABLE.
        let found = tables[Name(database: map.database, table: map.table)] ?? tables[Name(database: "", table: map.table)]
        guard var found else { return .missing }
        // The columns that tell when a row began and ended are in the binlog, and in no description where nobody named them.
        if found.isVersioned, map.columns.count > found.columns.count { found.columns += Self.periodColumns }
        let names = map.columns.map(\.name)
        var completed = map
        do { try found.apply(to: &completed) } catch { return .different("\(error)") }
        if !names.contains(nil), !found.hasColumns(named: names) { return .different("its columns have other names") }
        map = completed
        return .same(found)
    }

    /// Fills in what the event does not say, and tells where the schema does not say it either.
    package func complete(_ map: inout TableMapEvent) {
        let isNamed = !map.columns.contains { $0.name == nil }
        let name = Name(database: map.database, table: map.table)
        switch match(&map) {
        case .missing where !isNamed: tellOnce(name, "has no table \(name.shown)")
        case .different(let why) where !isNamed: tellOnce(name, "is not of \(name.shown) as it was then: \(why)")
        default: break
        }
    }

    /// Whether no table is missing that has a foreign key.
    package var knowsForeignKeys: Bool { database.knowsForeignKeys }

    /// Whether the foreign keys of each table that it has are known: a definition in a file holds them, and a server may not show them to
    /// a user who does not see all tables.
    package var knowsOwnForeignKeys: Bool { !isLive || database.knowsForeignKeys }

    /// The foreign keys of others, and of its own, whose parent a table is, with the children's names.
    package func foreignKeys(toDatabase database: String, table: String) -> [(child: String, key: ForeignKey)] {
        self.database.tables.flatMap { child in
            child.foreignKeys.filter { key in
                key.parentTable == table && (key.parentDatabase == database || key.parentDatabase.isEmpty)
            }.map { (Name(database: child.database, table: child.name).shown, $0) }
        }
    }

    private func tellOnce(_ name: Name, _ what: @autoclosure () -> String) {
        guard monitor.locked({ told.insert(name).inserted }) else { return }
        tell("the schema \(source) \(what()); its columns keep their numbers")
    }
}
