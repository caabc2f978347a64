import Common
import Testing

@Suite struct RowDecoderTests {
    /// The example of ``RowDecoder``, word for word.
    private func printRows(of bytes: RawSpan, format: FormatDescriptionEvent, into output: inout ByteSink) throws(CodecError) {
        var decoder = RowDecoder(format: format)
        var writer = ValueWriter()
        var cursor = EventCursor(bytes)
        while let header = try cursor.next() {
            if header.type == .tableMap { try decoder.addTable(cursor.event) }
            guard RowsEvent.action(of: header.type) != nil else { continue }
            guard let plan = try decoder.plan(for: cursor.event) else { continue }
            var rows = try decoder.rows(of: cursor.event, plan: plan)
            while try rows.next() {
                for index in 0..<rows.afterCount {
                    writer.write(rows.after(index), as: .text, into: &output)
                    output.append(" ")
                }
            }
        }
    }

    private let columns = [
        RowScript.Column(type: .long, value: [1, 0, 0, 0]),
        RowScript.Column(type: .varchar, metadata: [20, 0], value: [2, 0x61, 0x62], collation: 45),
    ]

    @Test("the documented example prints rows")
    func example() throws {
        let bytes = RowScript.tableMap(columns) + RowScript.insert(columns) + RowScript.insert(columns)
        var output = ByteSink()
        try printRows(of: bytes.span.bytes, format: RowScript.format, into: &output)
        #expect(output.string == "1 'ab' 1 'ab' ")
    }

    @Test("rows of a table that nothing has named are an error")
    func unknownTable() throws {
        var decoder = RowDecoder(format: RowScript.format)
        let event = RowScript.insert(columns)
        #expect(throws: CodecError.self) { try decoder.plan(for: event.span.bytes) }
        try decoder.addTable(RowScript.tableMap(columns).span.bytes)
        #expect(try decoder.plan(for: event.span.bytes) != nil)
        decoder.forgetTables()
        #expect(throws: CodecError.self) { try decoder.plan(for: event.span.bytes) }
    }

    @Test("a table that is mapped again in the same bytes is not read again, in others it is")
    func mappedAgain() throws {
        var decoder = RowDecoder(format: RowScript.format)
        var reads = 0
        for table in [columns, columns, columns + columns, columns] {
            try decoder.addTable(RowScript.tableMap(table).span.bytes) { _ in reads += 1 }
        }
        #expect(reads == 3)
        #expect(try decoder.plan(for: RowScript.insert(columns).span.bytes) != nil)
    }

    @Test("an event that only ends a statement has no rows")
    func dummy() throws {
        var bytes: [UInt8] = []
        StatementEndEvent.encode(in: EventEnvelope(serverID: 1, checksum: .crc32), into: &bytes)
        var decoder = RowDecoder(format: RowScript.format)
        #expect(try decoder.plan(for: bytes.span.bytes) == nil)
    }

    @Test("rows of another width than their table's are an error")
    func width() throws {
        var decoder = RowDecoder(format: RowScript.format)
        try decoder.addTable(RowScript.tableMap(columns + columns).span.bytes)
        #expect(throws: CodecError.self) { try decoder.plan(for: RowScript.insert(columns).span.bytes) }
    }

    @Test("a row cut off anywhere is an error")
    func truncation() throws {
        var decoder = RowDecoder(format: RowScript.format)
        let table = RowScript.tableMap(columns)
        var whole = Array(table.dropLast(4))
        whole.store(littleEndian: UInt32(whole.count), at: 9)
        try decoder.addTable(whole.span.bytes, checksum: ChecksumAlgorithm.none)
        let event = Array(RowScript.insert(columns).dropLast(4))
        for count in EventHeader.byteCount..<event.count {
            var bytes = Array(event.prefix(count))
            bytes.store(littleEndian: UInt32(count), at: 9)
            #expect(throws: CodecError.self) {
                guard let plan = try decoder.plan(for: bytes.span.bytes, checksum: ChecksumAlgorithm.none) else { return }
                var rows = try RowReader(bytes.span.bytes, event: plan.event, plan: plan.plan)
                // An event may end ahead of its first row.
                if try !rows.next() { throw CodecError(.truncated, at: count, "no row") }
            }
        }
    }

    @Test("an INSERT without columns is one row of nothing")
    func noColumns() throws {
        var decoder = RowDecoder(format: RowScript.format)
        try decoder.addTable(RowScript.tableMap(columns).span.bytes)
        let event = EventScript.raw(.writeRows, body: [7, 0, 0, 0, 0, 0, 1, 0, 2, 0, 2, 0])
        let plan = try #require(try decoder.plan(for: event.span.bytes))
        var rows = try decoder.rows(of: event.span.bytes, plan: plan)
        #expect(try rows.next())
        #expect(rows.afterCount == 0)
        #expect(try !rows.next())
    }

    @Test("NDB's and a partition's extra data are read, one of no known kind ends them")
    func extraData() throws {
        let extra: [UInt8] = [0, 4, 0, 0xaa, 0xbb, 1, 5, 0]
        let body: [UInt8] = [7, 0, 0, 0, 0, 0, 1, 0, UInt8(extra.count + 2), 0] + extra + [1, 1, 0, 1]
        let event = try RowsEvent(decoding: EventScript.raw(.deleteRows, body: body).span.bytes, checksum: .crc32)
        #expect(event.ndbInfo == [4, 0, 0xaa, 0xbb])
        #expect(event.partition == 5)
        #expect(event.flags == .statementEnd)
        #expect(event.rows.count == 2)
        let unknown: [UInt8] = [7, 0, 0, 0, 0, 0, 1, 0, 4, 0, 9, 9, 1, 1, 0, 1]
        #expect(try RowsEvent(decoding: EventScript.raw(.deleteRows, body: unknown).span.bytes, checksum: .crc32).rows.count == 2)
    }

    @Test("MariaDB counts GEOMETRY among the columns with a collation, and MySQL does not")
    func collationsOfGeometry() throws {
        // CREATE TABLE t.g (a VARCHAR(10) CHARSET latin1, g GEOMETRY, b VARCHAR(10) CHARSET utf8mb4), as each server maps it.
        let head: [UInt8] = [7, 0, 0, 0, 0, 0, 1, 0, 1, 0x74, 0, 1, 0x67, 0, 3, 0x0f, 0xff, 0x0f, 5, 10, 0, 4, 40, 0, 7]
        let mariaDB = EventScript.raw(.tableMap, body: head + [3, 3, 8, 63, 45, 7, 1, 0])
        let mysql = EventScript.raw(.tableMap, body: head + [3, 2, 8, 45, 7, 1, 0])
        let tables = [
            try TableMapEvent(decoding: mariaDB.span.bytes, checksum: .crc32, isMariaDB: true),
            try TableMapEvent(decoding: mysql.span.bytes, checksum: .crc32),
        ]
        for table in tables {
            #expect(table.columns[0].charset == .latin1)
            #expect(table.columns[2].charset == .utf8mb4)
        }
    }
}
