@testable import Common
import Foundation

/// What the tables of a recorded binlog hold when all its row events have been applied, value by value as a server's client prints them.
struct RecordedTables {
    struct Cell {
        var text: String
        var sql: String
        var json: String
        /// Of a JSON column.
        var document: [UInt8]?
    }

    /// Table name → first column → values.
    var tables: [String: [String: [Cell]]] = [:]
    var definitions: [String: TableMapEvent] = [:]
    var partialValues = 0

    init(_ name: String, adjust: (inout TableMapEvent) -> Void = { _ in }) throws {
        let file = try BinlogFile(name)
        var decoder = RowDecoder(format: file.description)
        var writer = ValueWriter()
        for (_, bytes) in file.events {
            let header = try EventHeader(decoding: bytes.span.bytes)
            if header.type == .tableMap {
                let table = try decoder.addTable(bytes.span.bytes, adjust: adjust)
                definitions[table.table] = table
            }
            guard RowsEvent.action(of: header.type) != nil, let plan = try decoder.plan(for: bytes.span.bytes) else { continue }
            let table = plan.plan.table.table
            var rows = try decoder.rows(of: bytes.span.bytes, plan: plan)
            while try rows.next() {
                var row: [Cell] = []
                if rows.beforeCount > 0 {
                    let key = Self.cell(rows.before(0), &writer).text
                    row = tables[table]?[key] ?? []
                    tables[table]?[key] = nil
                }
                if rows.afterCount == 0 { continue }
                for index in 0..<rows.afterCount {
                    let value = rows.after(index)
                    let column = value.columnIndex
                    while row.count <= column { row.append(Cell(text: "", sql: "", json: "")) }
                    if value.isPartial { partialValues += 1 }
                    if value.isPartial, value.base == nil, let old = row[column].document {
                        let new = try Self.applied(value.raw, to: old)
                        row[column] = Cell(text: try Self.text(of: new), sql: "", json: "", document: new)
                    } else {
                        row[column] = Self.cell(value, &writer)
                        if case .json = value.kind, !value.isNull { row[column].document = try value.fullJSON() }
                    }
                }
                tables[table, default: [:]][row[0].text] = row
            }
        }
    }

    private static func cell(_ value: borrowing RowValue, _ writer: inout ValueWriter) -> Cell {
        var sink = ByteSink(capacity: 64)
        writer.write(value, as: .text, into: &sink)
        var text = sink.string
        switch value.kind {
        case .json: text = batch(text)
        case .binary, .fixedBinary, .geometry, .vector: text = text == "''" ? "0x" : text
        case .bit: text = text.replacing("'", with: "")
        case .compressed where value.charset == .binary: text = text == "''" ? "0x" : text
        default: if text.hasPrefix("'") { text = batch(unquoted(text)) }
        }
        sink.removeAll()
        writer.write(value, as: .sql, into: &sink)
        let sql = sink.string
        sink.removeAll()
        writer.write(value, as: .json, into: &sink)
        return Cell(text: text, sql: sql, json: sink.string)
    }

    private static func applied(_ diffs: UnsafeRawBufferPointer, to document: [UInt8]) throws -> [UInt8] {
        try document.span.bytes.withUnsafeBytes { bytes throws(CodecError) in try JSONDiff.apply(diffs, to: bytes) }
    }

    private static func text(of document: [UInt8]) throws -> String {
        var sink = ByteSink()
        try document.span.bytes.withUnsafeBytes { bytes throws(CodecError) in try JSONBWriter.write(text: bytes, into: &sink) }
        return batch(sink.string)
    }

    /// Text as the client prints it in batch mode.
    private static func batch(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n").replacing("\t", with: "\\t").replacing("\0", with: "\\0")
    }

    /// What stands between the quotes of the text form, its escapes undone.
    static func unquoted(_ text: String) -> String {
        var result = ""
        var rest = text.dropFirst().dropLast().unicodeScalars.makeIterator()
        while let scalar = rest.next() {
            guard scalar == "\\", let escape = rest.next() else {
                result.unicodeScalars.append(scalar)
                continue
            }
            switch escape {
            case "n": result += "\n"
            case "r": result += "\r"
            case "t": result += "\t"
            case "0": result += "\0"
            case "x":
                let digits = [rest.next(), rest.next()].compactMap { $0 }
                result.unicodeScalars.append(Unicode.Scalar(UInt8(String(String.UnicodeScalarView(digits)), radix: 16) ?? 0))
            default: result.unicodeScalars.append(escape)
            }
        }
        return result
    }

    /// The recorded output of SELECT: table → first column → values.
    static func expected(_ name: String) throws -> [String: [String: [String]]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Corpus")
        let text = String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
        var tables: [String: [String: [String]]] = [:]
        // A carriage return in a value and the line's end behind it are one Character.
        for line in text.unicodeScalars.split(separator: "\n") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) }
            tables[fields[0], default: [:]][fields[1]] = Array(fields[1...])
        }
        return tables
    }
}
