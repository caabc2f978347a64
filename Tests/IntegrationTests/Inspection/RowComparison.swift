import Foundation
import Testing

/// Compares the rows that `--format text` and `--format json` print of a binlog of inserts with what the server reads back.
struct RowComparison {
    private let server: ScriptedServer
    private let database: String

    init(_ server: ScriptedServer, database: String) {
        self.server = server
        self.database = database
    }

    private struct Column {
        var name: String
        var type: String
        /// Of a BIT.
        var bits: Int

        private static let texts: Set = ["char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"]
        private static let binaries: Set = [
            "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "geometry", "point", "linestring", "polygon",
            "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection", "vector",
        ]
        /// Of MariaDB: a TABLE_MAP shows them as BINARY(16) and BINARY(4).
        private static let addresses = ["uuid": 16, "inet6": 16, "inet4": 4]
        private static let times: Set = ["date", "time", "datetime", "timestamp"]

        var isText: Bool { Self.texts.contains(type) }
        var isBinary: Bool { Self.binaries.contains(type) || Self.addresses[type] != nil }
        var isTime: Bool { Self.times.contains(type) }
        var isInexact: Bool { type == "float" || type == "double" }

        /// What reads the value: hexadecimal digits of bytes, or of text in utf8mb4.
        var expression: String {
            let value = name.quotedName
            let text =
                switch type {
                case "uuid", "inet6", "inet4": "CAST(\(value) AS BINARY(\(Self.addresses[type] ?? 0)))"
                case "bit": "\(value)+0"
                // With all its digits, not the six that a FLOAT is shown with.
                case "float": "\(value)+0e0"
                default: value
                }
            return isBinary ? "IFNULL(HEX(\(text)),'NULL')" : "IFNULL(HEX(CONVERT(\(text) USING utf8mb4)),'NULL')"
        }
    }

    /// Expects the same rows of every table that has an `id` which names them.
    func check(_ binlog: String) async throws {
        let rows = try await json(binlog)
        let lines = Set(try await text(binlog))
        let columns = try await columns()
        #expect(columns.count >= 5)
        for (table, columns) in columns {
            let list = columns.map(\.expression).joined(separator: ",")
            let expected = try await server.query("SELECT \(list) FROM \(database.quotedName).\(table.quotedName)")
            var printed: [String: [String: Any]] = [:]
            for row in rows[table] ?? [] { printed["\(row["id"] ?? "")"] = row }
            #expect(printed.count == expected.count, "\(table)")
            for row in expected {
                let values = row.map { $0 == "NULL" ? nil : Self.bytes($0) }
                let id = values[0].map { String(decoding: $0, as: UTF8.self) } ?? ""
                let object = try #require(printed[id], "\(table) \(id)")
                for (column, value) in zip(columns, values) {
                    #expect(Self.isSame(object[column.name], value, column), "\(table).\(column.name) of row \(id) as JSON")
                }
                // Shortest digits are not what a server shows; the values were compared above.
                guard !columns.contains(where: \.isInexact) else { continue }
                let line = zip(columns, values).map { "\($0.name)=\(Self.text($1, $0))" }.joined(separator: ", ")
                #expect(lines.contains(line), "\(table), row \(id) as text: \(line.prefix(2000))")
            }
        }
    }

    private func columns() async throws -> [String: [Column]] {
        var tables: [String: [Column]] = [:]
        let query = """
            SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, IFNULL(NUMERIC_PRECISION, 0) FROM information_schema.COLUMNS
            WHERE TABLE_SCHEMA='\(database)' AND TABLE_NAME NOT LIKE '%nokey' AND TABLE_NAME NOT LIKE '%ird%'
            ORDER BY TABLE_NAME, ORDINAL_POSITION
            """
        for row in try await server.query(query) {
            tables[row[0], default: []].append(Column(name: row[1], type: row[2], bits: Int(row[3]) ?? 0))
        }
        return tables
    }

    // MARK: - What is printed

    private func inspect(_ arguments: [String]) async throws -> String {
        try await Command.succeed(try Repository.program("binlog-inspect"), arguments).text
    }

    private func json(_ binlog: String) async throws -> [String: [[String: Any]]] {
        var rows: [String: [[String: Any]]] = [:]
        for line in try await inspect(["--format", "json", "--type", "insert", "--database", database, binlog]).split(separator: "\n") {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            guard let table = object["table"] as? String, let after = object["after"] as? [String: Any] else { continue }
            rows[table, default: []].append(after)
        }
        return rows
    }

    private func text(_ binlog: String) async throws -> [String] {
        try await inspect(["--type", "insert", "--database", database, binlog]).split(separator: "\n").compactMap { line in
            let line = line.drop { $0 == " " }
            return line.hasPrefix("+ ") ? String(line.dropFirst(2)) : nil
        }
    }

    // MARK: - What is expected

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = Array(hexadecimal.utf8).map { $0 <= UInt8(ascii: "9") ? $0 - UInt8(ascii: "0") : $0 - UInt8(ascii: "A") + 10 }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private static func isSame(_ printed: Any?, _ value: [UInt8]?, _ column: Column) -> Bool {
        guard let value else { return printed is NSNull }
        guard !column.isBinary else { return (printed as? [String: Any])?["base64"] as? String == Data(value).base64EncodedString() }
        let text = String(decoding: value, as: UTF8.self)
        if column.type == "json" {
            guard let expected = try? JSONSerialization.jsonObject(with: Data(value), options: .fragmentsAllowed) else { return false }
            return (printed as? NSObject)?.isEqual(expected) ?? false
        }
        guard let number = printed as? NSNumber else { return printed as? String == text }
        switch column.type {
        case "float": return Double(text).map(Float.init) == number.floatValue
        case "double": return Double(text) == number.doubleValue
        case "year": return Int(text) == number.intValue
        default: return number.stringValue == text
        }
    }

    private static func text(_ value: [UInt8]?, _ column: Column) -> String {
        guard let value else { return "NULL" }
        if column.isBinary {
            return value.isEmpty ? "''" : "0x" + value.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        let text = String(decoding: value, as: UTF8.self)
        if column.type == "bit", let number = UInt64(text) {
            let digits = String(number, radix: 2)
            return "b'" + String(repeating: "0", count: column.bits - digits.count) + digits + "'"
        }
        return column.isText || column.isTime ? "'\(quoted(text))'" : text
    }

    private static func quoted(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "'", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\0": result += "\\0"
            case _ where scalar.value < 0x20: result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
