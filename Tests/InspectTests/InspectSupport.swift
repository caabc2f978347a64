import BinlogFiles
import Common
import Foundation
import Testing

@testable import binlog_inspect

/// What an inspection printed, and how it ended.
struct Inspected {
    var lines: [String]
    var error: ToolError?

    /// Lines about events, without the comments, those about rows, and those about what is in compressed events.
    var events: [String] {
        lines.filter { !$0.hasPrefix("#") && !$0.hasPrefix(Self.rowIndent) && $0.split(separator: " ").first != "-" }
    }
    /// Lines about the images of rows, `+` or `-` first.
    var rows: [String] { lines.filter { $0.hasPrefix(Self.rowIndent) }.map { String($0.dropFirst(Self.rowIndent.count)) } }
    var comments: [String] { lines.filter { $0.hasPrefix("#") } }

    private static let rowIndent = String(repeating: " ", count: 14)

    init(_ inputs: [String], _ options: InspectOptions = InspectOptions()) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("out")
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let handle = try #require(FileHandle(forWritingAtPath: path))
        var inspection = Inspection(options, output: Output(descriptor: handle.fileDescriptor))
        do throws(ToolError) { try inspection.run(inputs) } catch { self.error = error }
        try handle.close()
        // Statements stand in SQL as they were, in whatever charset; all else is UTF-8.
        let text =
            options.print.format == .sql
            ? String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self) : try String(contentsOfFile: path, encoding: .utf8)
        lines = text.split(separator: "\n").map(String.init)
    }
}

extension Corpus {
    /// Each file with its number of events.
    static let files: [(name: String, eventCount: Int)] = [
        ("connector-5.7.21-crc32.000001", 303), ("connector-nochecksum.000001", 191), ("kingbus-5.7.23-gtid.000011", 115),
        ("kingbus-5.7.23-gtid.000012", 113), ("kingbus-5.7.23-gtid.000013", 112), ("kingbus-5.7.23-relay.000284", 118),
        ("kingbus-5.7.23-relay.000286", 116), ("mysql-9.7.4-shapes.000001", 156), ("mysql-9.7.4-shapes.000002", 11),
        ("sakila-5.5.27-head.000001", 43), ("mysql-9.7.4-statements.000001", 90), ("mariadb-10.11.19-shapes.000001", 149),
        ("mariadb-10.11.19-compressed.000002", 36), ("mariadb-10.11.19-nochecksum.000004", 10), ("mariadb-10.11.19-decrypted.000001", 7),
    ]
}
