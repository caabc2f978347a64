import Common
import Glibc
import MySQLClient

/// The tables that `--schema` names, by which columns get the names and types that a binlog does not tell.
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

    private let source: String
    private let tables: [Name: TableSchema]
    private let tell: (String) -> Void
    private let monitor = Monitor()
    private var told: Set<Name> = []

    /// - Parameter source: a file with CREATE TABLE statements, or a server's URL.
    package convenience init(_ source: String, passwordFile: String?, tell: @escaping (String) -> Void) throws(ToolError) {
        if MySQLURL.isURL(source) {
            do throws(ClientError) {
                let url: MySQLURL
                do { url = try MySQLURL(parsing: source) } catch { throw ClientError(.unsupported, at: "--schema", error.reason) }
                let credentials = try Credentials(for: url, passwordFile: passwordFile)
                if let warning = credentials.warning { tell("warning: \(warning)") }
                var options = MySQLConnection.Options()
                options.programName = "binlog-inspect"
                options.maxResultBytes = Self.maxFileBytes
                let connection = try MySQLConnection(to: credentials.url, password: credentials.password, options: options)
                self.init(try connection.tableSchemas(), of: url.withoutPassword, tell: tell)
            } catch { throw ToolError(error) }
        } else {
            let text = try Self.read(source)
            do { self.init(try TableSchema.tables(parsing: text), of: source, tell: tell) } catch {
                throw ToolError(.failure, file: source, offset: UInt64(error.offset), "this is no dump of tables: \(error.reason)")
            }
        }
    }

    package init(_ tables: [TableSchema], of source: String, tell: @escaping (String) -> Void) {
        self.source = source
        self.tell = tell
        // A dump may make a table twice; the last one is what it leaves.
        self.tables = Dictionary(tables.map { (Name(database: $0.database, table: $0.name), $0) }) { $1 }
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

    /// Fills in what the event does not say, where the schema is of the same table.
    package func complete(_ map: inout TableMapEvent) {
        let name = Name(database: map.database, table: map.table)
        // A table without a database stands in the text of SHOW CREATE TABLE.
        let table = tables[name] ?? tables[Name(database: "", table: map.table)]
        guard map.columns.contains(where: { $0.name == nil }) else {
            // The binlog tells nearly all: only what it never tells is wanted, of the very same columns.
            let names = map.columns.map(\.name)
            var completed = map
            if let table, (try? table.apply(to: &completed)) != nil, table.hasColumns(named: names) { map = completed }
            return
        }
        guard let table else { return tellOnce(name, "has no table \(name.shown)") }
        do { try table.apply(to: &map) } catch { tellOnce(name, "is not of \(name.shown) as it was then: \(error)") }
    }

    private func tellOnce(_ name: Name, _ what: @autoclosure () -> String) {
        guard monitor.locked({ told.insert(name).inserted }) else { return }
        tell("the schema \(source) \(what()); its columns keep their numbers")
    }
}
