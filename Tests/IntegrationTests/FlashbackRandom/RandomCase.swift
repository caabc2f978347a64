/// A database with random tables, and random changes to it: the same for the same seed.
struct RandomCase {
    let seed: UInt64
    let kind: ScriptedServer.Kind
    let hazards: Set<RandomHazard>
    private let schema: RandomSchema
    private let fill: [String]
    private let workload: RandomWorkload
    private let settings: [String]
    private let hasInvisibleKeys: Bool

    var database: String { "fb-\(seed)" }

    /// - Parameter data: a file with an integer on each line.
    init(seed: UInt64, on kind: ScriptedServer.Kind, data: String) {
        var random = SeededRandom(state: seed)
        self.seed = seed
        self.kind = kind
        schema = RandomSchema(on: kind, &random)
        fill = RandomWorkload.fill(schema, &random)
        workload = RandomWorkload(schema, on: kind, data: data, &random)
        hasInvisibleKeys = kind == .mysql && schema.canHaveInvisibleKeys && random.chance(15)
        let hasNames = random.chance(75)
        settings = Self.globalSettings(hasNames: hasNames, kind, &random)
        hazards = schema.hazards.union(workload.hazards).union(hasNames ? [] : [.names])
    }

    private static func globalSettings(hasNames: Bool, _ kind: ScriptedServer.Kind, _ random: inout SeededRandom) -> [String] {
        let short = kind == .mariadb ? random.pick(["NO_LOG", "MINIMAL"]) : "MINIMAL"
        var settings = [
            "binlog_row_metadata=\(hasNames ? "FULL" : short)", "binlog_checksum=\(random.chance(90) ? "CRC32" : "NONE")",
        ]
        if kind == .mariadb {
            settings.append("log_bin_compress=\(random.chance(30) ? "ON" : "OFF")")
            settings.append("log_bin_compress_min_len=\(random.pick([10, 100]))")
        }
        return settings.map { "SET GLOBAL \($0);" }
    }

    /// What stands before each of the parts of what the client prints.
    enum Part: String, CaseIterable {
        case tables = "== tables", before = "== before", file = "== file", after = "== after", end = "== end"
    }

    private static func mark(_ part: Part) -> String { "SELECT '\(part.rawValue)';" }

    /// Makes the database, changes it, and shows it before and after; a new binlog file holds the changes alone.
    var script: String {
        let status = kind == .mysql ? "SHOW BINARY LOG STATUS;" : "SHOW MASTER STATUS;"
        let automatic = kind == .mysql ? ["SET gtid_next=AUTOMATIC;"] : []
        var lines = creation + [Self.mark(.tables), "SHOW TABLES;", Self.mark(.before), dump] + settings
        lines += ["FLUSH BINARY LOGS;", Self.mark(.file), status] + workload.statements + automatic
        lines += ["FLUSH BINARY LOGS;", Self.mark(.after), dump, Self.mark(.end)]
        return lines.joined(separator: "\n")
    }

    private var creation: [String] {
        let name = database.quotedName
        var lines = [
            "SET NAMES utf8mb4;", "SET sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone='+00:00';",
            "CREATE DATABASE \(name);", "USE \(name);", RandomSchema.logDefinition,
        ]
        if hasInvisibleKeys { lines.append("SET sql_generate_invisible_primary_key=ON;") }
        return lines + schema.tables.map(\.definition) + schema.triggers + fill
    }

    /// How many tables there are, if the server took the definitions of all.
    var tableCount: Int { schema.tables.count + 1 }

    /// Shows all that is in the database, whatever the session was set to.
    var dump: String {
        let head = ["\\C utf8mb4", "SET NAMES utf8mb4;", "SET sql_mode='', time_zone='+00:00';", "USE \(database.quotedName);"]
        let sums = "CHECKSUM TABLE \((schema.summed(on: kind) + [RandomSchema.log]).map(\.quotedName).joined(separator: ", "));"
        let log = "SELECT CONCAT_WS(',', 'lg', id, HEX(m)) FROM \(RandomSchema.log);"
        return (head + [sums] + schema.tables.map(\.dump) + [log]).joined(separator: "\n")
    }

    var drop: String { "DROP DATABASE IF EXISTS \(database.quotedName);" }
}
