import BinlogFiles
import Common
import Foundation
import Testing

@testable import binlog_inspect

/// Inputs that no server of today writes, or hardly ever.
@Suite struct HostileInputTests {
    @Test("a transaction that is printed in several stretches is introduced once, whatever its table's names take", arguments: [1, 4])
    func longTransaction(threadCount: Int) throws {
        // The TABLE_MAP has more than 64 KiB.
        let columns = (0..<1200).map { "column_\($0)_" + String(repeating: "x", count: 50) }
        var file = ScriptedFile()
        file.group(5)
        file.table(columns: columns)
        for _ in 0..<10 { file.insert([[UInt8](repeating: 1, count: 1 << 20)], columnCount: columns.count, endsStatement: false) }
        file.commit()
        let folder = try TemporaryFolder()
        let shown = try Inspected([try folder.write(file.bytes)], InspectOptions(threadCount: threadCount))
        #expect(shown.error == nil)
        #expect(shown.rows.count == 10)
        #expect(shown.comments.filter { $0.hasPrefix("# transaction") } == ["# transaction 0-1-5"])
    }

    @Test("what is kept of an open transaction does not grow with its statements")
    func contextSize() throws {
        var file = ScriptedFile()
        file.query("BEGIN")
        let text = "INSERT INTO t VALUES ('" + String(repeating: "x", count: 1000) + "')"
        for _ in 0..<2000 { file.query(text) }
        for id in 0..<8000 as Range<UInt64> { file.table(id, columns: (0..<100).map { "a_column_\($0)" }) }
        var context = TransactionContext(keepsVariables: true)
        var sizes: Set<Int> = []
        for event in try file.events() {
            let header = try EventHeader(decoding: event.span.bytes)
            try context.take(header, event.span.bytes, isOpen: true)
            // BEGIN, which tells the thread.
            if header.type == .query { sizes.insert(kept(context)) }
        }
        #expect(sizes.count == 1 && sizes.allSatisfy { 1..<200 ~= $0 })
        #expect(kept(context) <= TransactionContext.maxBytes)
    }

    private func kept(_ context: borrowing TransactionContext) -> Int {
        var sink = ByteSink()
        context.append(to: &sink)
        return sink.count
    }

    @Test("names with line ends and control characters keep to their line, and their terminal is left alone")
    func names() throws {
        var file = ScriptedFile(serverVersion: "9.7.4\u{1b}[31m")
        file.query("BEGIN")
        file.table(name: "t\u{1b}[31m\nx\u{9b}", columns: ["a\nb\u{7f}"])
        file.insert([[1]])
        file.commit()
        let folder = try TemporaryFolder()
        let path = try folder.write(file.bytes)
        let shown = try Inspected([path])
        #expect(shown.error == nil)
        #expect(shown.events.count == 5 && shown.rows == ["+ a?b?=0x01"])
        #expect(shown.events.filter { $0.hasSuffix("  d.t?[31m?x?") }.count == 2)
        #expect(shown.events[0].contains(" server_version=9.7.4?[31m "))
        let history = try Inspected([path], InspectOptions(print: PrintOptions(format: .history)))
        #expect(history.lines.contains { $0.contains("  insert d.t?[31m?x?  ") } && history.lines.contains { $0.hasPrefix("    a?b? ") })
        let summary = try Inspected([path], InspectOptions(print: PrintOptions(format: .summary)))
        #expect(summary.lines.contains { $0.hasSuffix("  d.t?[31m?x?") })
        let json = try Inspected([path], InspectOptions(print: PrintOptions(format: .json)))
        #expect(json.lines.contains { $0.contains(#""table":"t\u001b[31m\nx"#) && $0.contains(#""after":{"a\nb"#) })
    }

    @Test("a summary tells what stands before the damage, and nothing of what stands behind it", arguments: [1, 4])
    func summary(threadCount: Int) throws {
        var file = ScriptedFile()
        for number in 1...40 as ClosedRange<UInt64> {
            file.group(number)
            file.table()
            // Several stretches.
            file.insert([[UInt8](repeating: 0, count: 200_000), [1]])
            file.commit()
        }
        var bytes = file.bytes
        // In transaction 30, the second row's length goes past its event.
        let events = try file.events()
        let index = try #require(events.indices.filter { events[$0][4] == EventType.writeRows.rawValue }.dropFirst(29).first)
        let offset = BinlogMagic.byteCount + events[..<index].reduce(0) { $0 + $1.count }
        // The highest byte of the value's length, behind the head, the bitmaps, the first row and three lower ones.
        bytes[offset + EventHeader.byteCount + 10 + 2 + (1 + 4 + 200_000) + 1 + 3] = 0x7f
        let folder = try TemporaryFolder()
        let shown = try Inspected(
            [try folder.write(bytes)], InspectOptions(print: PrintOptions(format: .summary), threadCount: threadCount))
        #expect(shown.error?.code == .damaged && shown.error?.offset == UInt64(offset))
        #expect(shown.lines.first == "transactions    29")
        #expect(shown.lines.contains { $0.split(separator: " ") == ["58", "58", "0", "0", "\(29 * events[index].count)", "d.t"] })
        #expect(shown.lines.contains("last GTIDs      0-1-29"))
    }

    @Test("nothing is read far ahead of a reader who does not read")
    func slowReader() throws {
        var ends: [Int32] = [0, 0]
        // Not for the processes that other tests start: they would hold it open, and no end be read.
        try #require(pipe(&ends) == 0 && ends.allSatisfy { fcntl($0, F_SETFD, FD_CLOEXEC) == 0 })
        let (input, output) = (ends[0], ends[1])
        defer { close(input) }
        let submitted = Counter()
        let thread = Thread {
            let pipeline = Pipeline(threadCount: 2, output: Output(descriptor: output)) { Printer(PrintOptions()) }
            for _ in 0..<Self.stretches {
                let work = pipeline.make(in: InspectedFile(path: "f"), isContinued: false)
                work.addComment(String(repeating: "#", count: Self.stretchBytes))
                pipeline.submit(work)
                submitted.add()
            }
            #expect(pipeline.finish().failure == nil)
            close(output)
        }
        thread.start()
        // It comes to rest once there is no more room.
        var last = -1
        let deadline = ContinuousClock.now + .seconds(60)
        while last != submitted.value, last < Self.stretches, ContinuousClock.now < deadline {
            last = submitted.value
            Thread.sleep(forTimeInterval: 1)
        }
        #expect(submitted.value < Self.stretches / 4)
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var total = 0
        while true {
            let count = read(input, &bytes, bytes.count)
            guard count > 0 else { break }
            total += count
        }
        #expect(total == Self.stretches * Self.stretchBytes)
    }

    private static let stretches = 200
    private static let stretchBytes = 1 << 20

    /// Counts on one thread for another.
    private final class Counter: @unchecked Sendable {
        private let monitor = Monitor()
        private var count = 0
        var value: Int { monitor.locked { count } }
        func add() { monitor.locked { count += 1 } }
    }

    @Test("tables that are mapped under ever new numbers are forgotten")
    func manyTables() throws {
        var printer = Printer(PrintOptions())
        let pipeline = Pipeline(threadCount: 0, output: Output()) { Printer(PrintOptions()) }
        let first = try ScriptedFile().events()[0]
        let description = try FormatDescriptionEvent(decoding: first.span.bytes)
        let work = pipeline.make(in: InspectedFile(path: "f", description: description), isContinued: false)
        var file = ScriptedFile()
        let start = file.bytes.count
        for id in 0..<10_000 as Range<UInt64> { file.table(id) }
        work.bytes.append(file.bytes.span.bytes.extracting(start..<file.bytes.count))
        work.addEvent(0..<work.bytes.count, offset: 4, isUncommitted: false)
        try printer.print(work, in: pipeline)
        #expect(printer.tables.count <= RowDecoder.maxTables)
    }
}
