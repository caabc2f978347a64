@testable import Common
import Testing

/// Rows of real servers, compared with what their own SELECT printed.
@Suite struct RecordedRowsTests {
    private func compare(
        _ recorded: RecordedTables, _ expected: [String: [String: [String]]], tables: [String], except: Set<String> = []
    ) {
        for table in tables {
            let rows = recorded.tables[table] ?? [:]
            let expectedRows = expected[table] ?? [:]
            #expect(Set(rows.keys) == Set(expectedRows.keys), "\(table)")
            for (key, row) in rows {
                for (index, cell) in row.enumerated() {
                    let name = "\(recorded.definitions[table]?.columns[index].name ?? "@\(index + 1)")"
                    if except.contains(name) { continue }
                    let expectedRow = expectedRows[key] ?? []
                    let value = index < expectedRow.count ? expectedRow[index] : "no such value"
                    if recorded.definitions[table]?.columns[index].type == .float, value != "NULL" {
                        // The server shows six digits of a FLOAT, or all those of a DOUBLE of the same value.
                        #expect(Float(cell.text) == Float(value), "\(table) \(key) \(name)")
                    } else {
                        #expect(cell.text == value, "\(table) \(key) \(name)")
                    }
                }
            }
        }
    }

    @Test("every MySQL type with full metadata reads as the server's SELECT")
    func mysqlFull() throws {
        let recorded = try RecordedTables("rows-mysql-9.7.4-full.000001")
        let expected = try RecordedTables.expected("rows-mysql-9.7.4.expected")
        compare(recorded, expected, tables: ["numbers", "times", "strings", "special", "partial"])
        #expect(recorded.partialValues > 8)
    }

    @Test("with minimal metadata, labels and names from a schema make it the same")
    func mysqlMinimal() throws {
        let full = try RecordedTables("rows-mysql-9.7.4-full.000001").definitions
        let recorded = try RecordedTables("rows-mysql-9.7.4-minimal.000001") { table in
            for index in table.columns.indices {
                table.columns[index].name = full[table.table]?.columns[index].name
                table.columns[index].labels = full[table.table]?.columns[index].labels ?? []
                if table.columns[index].collation == nil { table.columns[index].collation = full[table.table]?.columns[index].collation }
            }
        }
        let expected = try RecordedTables.expected("rows-mysql-9.7.4.expected")
        compare(recorded, expected, tables: ["numbers", "times", "strings", "special", "partial"])
    }

    @Test("every MariaDB type reads as the server's SELECT, the old temporal formats with digits from a schema")
    func mariaDB() throws {
        let expected = try RecordedTables.expected("rows-mariadb-10.11.expected")
        compare(try RecordedTables("rows-mariadb-10.11.000001"), expected, tables: ["numbers", "times", "strings"])
        let recorded = try RecordedTables("rows-mariadb-10.11.000002") { table in
            for index in table.columns.indices where [.time, .dateTime, .timestamp].contains(table.columns[index].type) {
                table.columns[index].fractionDigits = table.columns[index].name?.last.flatMap { Int(String($0)) } ?? 0
            }
            guard table.table == "special" else { return }
            for (index, kind) in [TableMapEvent.AddressKind.uuid, .inet4, .inet6].enumerated() { table.columns[1 + index].address = kind }
        }
        compare(recorded, expected, tables: ["hires"])
        // One row changed later in an event that is compressed as a whole.
        let special = recorded.tables["special"] ?? [:]
        #expect(special["11"]?.map(\.text)[1...3] == ["123e4567-e89b-12d3-a456-426614174000", "192.168.0.1", "2001:db8::ff00:42:8329"])
        #expect(special["11"]?[1].json == "\"123e4567-e89b-12d3-a456-426614174000\"")
        #expect(special["11"]?[5].text == String(repeating: "abc", count: 120))
        #expect(special["11"]?[6].text == "0x" + String(repeating: "78797a", count: 100))
        #expect(special["11"]?[7].text == String(repeating: "é", count: 200))
        for key in ["13", "14"] { #expect(special[key]?.map(\.text) == expected["special"]?[key]) }
    }

    @Test("the metadata of a TABLE_MAP are read whole")
    func metadata() throws {
        let tables = try RecordedTables("rows-mysql-9.7.4-full.000001").definitions
        let special = try #require(tables["special"])
        #expect(special.columns.map(\.name) == ["id", "j", "g", "p", "v", "inv"])
        #expect(special.columns.map(\.isVisible) == [true, true, true, true, true, false])
        #expect(special.columns[2...3].map(\.geometryType) == [0, 1])
        #expect(special.columns[4].dimensions == 3)
        #expect(special.primaryKey == [.init(column: 0, prefixLength: 0)])
        let prefixed = try #require(tables["pkprefix"])
        #expect(prefixed.primaryKey.map(\.column) == [0, 1, 2])
        #expect(prefixed.primaryKey.map(\.prefixLength) == [5, 3, 0])
        let strings = try #require(tables["strings"])
        #expect(strings.columns.suffix(4).map { $0.labels.count } == [4, 2, 3, 11])
        #expect(strings.columns.suffix(4).map(\.charset) == [.utf8mb4, .latin1, .utf8mb4, .utf8mb4])
        #expect(strings.columns[2].metadata == 1020)
    }

    @Test("an update that moves a row names both partitions")
    func partitions() throws {
        let file = try BinlogFile("rows-mysql-9.7.4-full.000001")
        var found: [[UInt16?]] = []
        for (_, bytes) in file.events where RowsEvent.action(of: EventType(rawValue: bytes[4])) != nil {
            let event = try RowsEvent(decoding: bytes.span.bytes, checksum: file.checksum)
            if event.partition != nil { found.append([event.partition, event.sourcePartition]) }
        }
        #expect(found.contains([1, 0]) || found.contains([0, 1]))
        #expect(found.contains([1, nil]))
    }

    @Test(
        "rows of MySQL 5.5 and 5.7 can be cut to the last byte",
        arguments: [
            "sakila-5.5.27-head.000001", "connector-5.7.21-crc32.000001", "connector-nochecksum.000001", "kingbus-5.7.23-gtid.000012",
        ])
    func oldServers(name: String) throws {
        let recorded = try RecordedTables(name)
        let cells = recorded.tables.values.flatMap(\.values).joined()
        #expect(name.hasPrefix("kingbus") || !cells.isEmpty)
        #expect(cells.allSatisfy { $0.document == nil || !$0.text.hasPrefix("0x") })
        if name.hasPrefix("sakila") {
            #expect(recorded.tables["actor"]?["1"]?.map(\.text).prefix(3) == ["1", "PENELOPE", "GUINESS"])
            #expect(recorded.tables["actor"]?["1"]?[3].text.hasPrefix("2006-02-") == true)
        }
    }
}
