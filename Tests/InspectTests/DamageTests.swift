import BinlogFiles
import Common
import Foundation
import Testing

@testable import binlog_inspect

/// Real files that were cut or in which a byte was changed: whatever is done with them, the tool prints what stands before the damage, says
/// where it is and why, and ends.
@Suite struct DamageTests {
    private static let names = Corpus.files.map(\.name) + ["rows-mysql-9.7.4-full.000001", "rows-mariadb-10.11.000001"]
    /// SQL is a script with an end of its own, which ``SQLFormatTests`` are about.
    private static let formats = PrintOptions.Format.allCases.filter { $0 != .sql }
    /// Bytes between two damages; under --long, more of them are tried.
    private static let stride = ProcessInfo.processInfo.environment["KINGBUS_LONG"] == "1" ? 97 : 997

    /// A file of the corpus, where its events end, and what is printed of its whole events up to a place.
    private struct Original {
        let name: String
        let format: PrintOptions.Format
        let bytes: [UInt8]
        let ends: [Int]
        let folder: TemporaryFolder
        private var printed: [Int: [String]] = [:]

        init(_ name: String, _ format: PrintOptions.Format) throws {
            self.name = name
            self.format = format
            let bytes = try Corpus.bytes(name)
            var ends = [BinlogMagic.byteCount]
            var cursor = EventCursor(bytes.span.bytes.extracting(BinlogMagic.byteCount..<bytes.count))
            while try cursor.next() != nil { ends.append(BinlogMagic.byteCount + cursor.start + cursor.event.byteCount) }
            self.bytes = bytes
            self.ends = ends
            folder = try TemporaryFolder()
        }

        /// By one thread and by four in turns.
        func shown(_ bytes: [UInt8], round: Int) throws -> Inspected {
            let options = InspectOptions(print: PrintOptions(format: format), threadCount: round % 2 == 0 ? 1 : 4)
            return try Inspected([try folder.write(bytes, name)], options)
        }

        /// What is printed of the events that end at `position` or before.
        mutating func printed(before position: Int) throws -> (end: Int, lines: [String]) {
            let end = ends.last { $0 <= position } ?? 0
            if printed[end] == nil { printed[end] = try shown(Array(bytes[..<end]), round: 0).printed }
            return (end, printed[end] ?? [])
        }
    }

    @Test("a file that was cut, at every so many bytes, shows what is whole of it", arguments: names, formats)
    func cut(name: String, format: PrintOptions.Format) throws {
        var original = try Original(name, format)
        for (round, length) in Swift.stride(from: 0, to: original.bytes.count, by: Self.stride).enumerated() {
            let shown = try original.shown(Array(original.bytes[..<length]), round: round)
            let whole = try original.printed(before: length)
            if whole.end == length, length > BinlogMagic.byteCount {
                #expect(shown.error == nil, "cut at \(length)")
            } else {
                let error = try #require(shown.error, "cut at \(length)")
                #expect(error.code == .damaged && error.offset == UInt64(whole.end) && !error.reason.isEmpty, "cut at \(length): \(error)")
            }
            #expect(shown.printed == whole.lines, "cut at \(length)")
        }
    }

    @Test("a file with a changed byte, at every so many, shows what stands before it", arguments: names, formats)
    func changed(name: String, format: PrintOptions.Format) throws {
        var original = try Original(name, format)
        for (round, position) in Swift.stride(from: 0, to: original.bytes.count, by: Self.stride).enumerated() {
            var bytes = original.bytes
            bytes[position] ^= [0xff, 0x01, 0x80, 0x10][round / 2 % 4]
            let shown = try original.shown(bytes, round: round)
            let before = try original.printed(before: position)
            if let error = shown.error {
                // What a wrong byte means may show later than where it stands, and never before.
                #expect(error.code == .damaged || error.code == .failure)
                #expect(try #require(error.offset, "byte \(position): \(error)") >= UInt64(before.end), "byte \(position): \(error)")
                #expect(!error.reason.isEmpty)
            }
            if format == .summary {
                #expect(shown.lines.contains { $0.hasPrefix("transactions") }, "byte \(position)")
            } else {
                #expect(shown.printed.starts(with: before.lines), "byte \(position)")
            }
            if format == .json { for line in shown.lines { #expect(isJSON(line), "byte \(position): \(line)") } }
        }
    }

    private func isJSON(_ line: String) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(line.utf8))) is [String: Any]
    }
}

extension Inspected {
    /// All lines but those on how the file goes on and ends.
    fileprivate var printed: [String] {
        lines.prefix { $0 != "notes" }.filter {
            !$0.hasPrefix("# note") && !$0.hasPrefix("unfinished ") && !$0.contains(#","type":"note","kind":"#)
        }
    }
}
