@testable import Common

/// A table of one row, put together byte by byte.
struct RowScript {
    /// A column: its type, its part of the metadata block, and the bytes of its value; nil for NULL.
    struct Column {
        var type: ColumnType
        var metadata: [UInt8] = []
        var value: [UInt8]?
        var collation: UInt64?
        var isUnsigned: Bool?
        var labels: [[UInt8]] = []
        var fractionDigits = 0
    }

    static let format = FormatDescriptionEvent(
        serverVersion: "9.7.4", postHeaderLengths: FormatDescriptionEvent.currentPostHeaderLengths, checksum: .crc32)

    static func tableMap(_ columns: [Column], optional: [UInt8] = []) -> [UInt8] {
        var body: [UInt8] = [7, 0, 0, 0, 0, 0, 1, 0, 1] + Array("d".utf8) + [0, 1] + Array("t".utf8) + [0]
        body.append(lengthEncoded: UInt64(columns.count))
        body += columns.map(\.type.rawValue)
        body.append(lengthEncoded: columns.flatMap(\.metadata))
        body += [UInt8](repeating: 0xff, count: (columns.count + 7) / 8)
        return EventScript.raw(.tableMap, body: body + optional)
    }

    static func insert(_ columns: [Column]) -> [UInt8] {
        var body: [UInt8] = [7, 0, 0, 0, 0, 0, 1, 0, 2, 0]
        body.append(lengthEncoded: UInt64(columns.count))
        body += [UInt8](repeating: 0xff, count: (columns.count + 7) / 8)
        var nulls = [UInt8](repeating: 0, count: (columns.count + 7) / 8)
        for (index, column) in columns.enumerated() where column.value == nil { nulls[index / 8] |= 1 << UInt8(index % 8) }
        body += nulls + columns.flatMap { $0.value ?? [] }
        return EventScript.raw(.writeRows, body: body)
    }

    /// What a writer makes of each column's value.
    static func write(
        _ columns: [Column], as format: ValueFormat, writer: consuming ValueWriter = ValueWriter()
    ) throws -> [String] {
        var writer = writer
        var decoder = RowDecoder(format: Self.format)
        try decoder.addTable(tableMap(columns).span.bytes) { table in
            for (index, column) in columns.enumerated() {
                table.columns[index].collation = column.collation
                table.columns[index].isUnsigned = column.isUnsigned
                table.columns[index].labels = column.labels
                table.columns[index].fractionDigits = column.fractionDigits
            }
        }
        let event = insert(columns)
        guard let plan = try decoder.plan(for: event.span.bytes) else { return [] }
        var rows = try decoder.rows(of: event.span.bytes, plan: plan)
        guard try rows.next() else { return [] }
        var texts: [String] = []
        for index in 0..<rows.afterCount {
            var sink = ByteSink()
            writer.write(rows.after(index), as: format, into: &sink)
            texts.append(sink.string)
        }
        guard try !rows.next() else { throw CodecError(.invalid, at: 0, "more than one row") }
        return texts
    }

    /// Text, SQL and JSON of one value.
    static func write(_ column: Column) throws -> [String] {
        try [ValueFormat.text, .sql, .json].map { try write([column], as: $0)[0] }
    }
}
