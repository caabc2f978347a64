@testable import Common
import Testing

/// Bytes that no server wrote: every row decoder and writer answers with a value or an error.
@Suite struct HostileRowsTests {
    private static let files = ["rows-mysql-9.7.4-full.000001", "rows-mariadb-10.11.000002", "connector-nochecksum.000001"]

    private func run(
        _ table: [UInt8], _ rows: [UInt8], _ format: FormatDescriptionEvent, _ writer: inout ValueWriter, _ sink: inout ByteSink
    ) {
        var decoder = RowDecoder(format: format)
        do throws(CodecError) {
            try decoder.addTable(table.span.bytes)
            guard let plan = try decoder.plan(for: rows.span.bytes) else { return }
            var reader = try decoder.rows(of: rows.span.bytes, plan: plan)
            var ranges = try decoder.rows(of: rows.span.bytes, plan: plan)
            while true {
                let found = try? reader.next()
                #expect((try? ranges.nextRanges()) == found)
                guard found == true else { break }
                #expect(ranges.beforeRange == reader.beforeRange && ranges.afterRange == reader.afterRange)
                for index in 0..<reader.beforeCount { write(reader.before(index), &writer, &sink) }
                for index in 0..<reader.afterCount { write(reader.after(index), &writer, &sink) }
            }
        } catch {}
    }

    private func write(_ value: borrowing RowValue, _ writer: inout ValueWriter, _ sink: inout ByteSink) {
        sink.removeAll()
        writer.write(value, as: .text, into: &sink)
        writer.write(value, as: .sql, into: &sink)
        writer.write(value, as: .json, into: &sink)
        _ = value.integer
        if sink.count >= 1 << 22 { Issue.record("\(sink.count) bytes of one value") }
    }

    @Test("mutated tables and rows trap nothing", arguments: 0..<10)
    func mutations(seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(seed))
        var writer = ValueWriter()
        var sink = ByteSink()
        let file = try BinlogFile(Self.files[seed % 3])
        var format = file.description
        format.checksum = ChecksumAlgorithm.none
        // Without their checksums, so that an event may have any length.
        let events = file.events.map { Array($0.bytes.dropLast(file.checksum.byteCount)) }.filter { $0.count < 4000 }
        var pairs: [(table: [UInt8], rows: [UInt8])] = []
        for index in events.indices.dropFirst() where RowsEvent.action(of: EventType(rawValue: events[index][4])) != nil {
            if let table = events[..<index].last(where: { $0[4] == EventType.tableMap.rawValue }) { pairs.append((table, events[index])) }
        }
        for _ in 0..<1_000 {
            let pair = pairs.randomElement(using: &generator)!
            var (table, rows) = pair
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                if Int.random(in: 0..<4, using: &generator) == 0 { mutate(&table, &generator) } else { mutate(&rows, &generator) }
            }
            table.store(littleEndian: UInt32(table.count), at: EventHeader.eventLengthOffset)
            rows.store(littleEndian: UInt32(rows.count), at: EventHeader.eventLengthOffset)
            run(table, rows, format, &writer, &sink)
        }
    }

    /// Changes bytes behind the header.
    private func mutate(_ bytes: inout [UInt8], _ generator: inout SplitMix64) {
        let body = EventHeader.byteCount..<bytes.count
        guard let index = body.randomElement(using: &generator) else { return }
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: bytes.removeLast(Int.random(in: 0...min(8, bytes.count - EventHeader.byteCount), using: &generator))
        case 1: bytes += generator.bytes(Int.random(in: 0...9, using: &generator))
        case 2: bytes[index] = [0, 1, 0x7f, 0x80, 0xfc, 0xfe, 0xff].randomElement(using: &generator)!
        case 3: bytes[index] = UInt8(truncatingIfNeeded: generator.next())
        default: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        }
    }

    @Test("mutated JSON traps nothing and stays small", arguments: 0..<4)
    func json(seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(seed) &+ 100)
        let documents = try RecordedTables("rows-mysql-9.7.4-full.000001").tables.values.flatMap(\.values).joined().compactMap(\.document)
        var sink = ByteSink()
        var scratch = ByteSink()
        for _ in 0..<5_000 {
            var bytes = documents.randomElement(using: &generator)!
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
                bytes[bytes.indices.randomElement(using: &generator)!] = UInt8(truncatingIfNeeded: generator.next())
            }
            sink.removeAll()
            let count = bytes.count
            try? bytes.span.bytes.withUnsafeBytes { bytes throws(CodecError) in
                try JSONBWriter.write(text: bytes, into: &sink)
                try JSONBWriter.write(sql: bytes, scratch: &scratch, into: &sink)
                _ = try JSONNode(document: bytes).document
            }
            if sink.count >= 400 * (count + 16) { Issue.record("\(sink.count) bytes of \(count)") }
        }
    }
}

extension HostileRowsTests {
    @Test("arrays of arrays of arrays, as no index has them, are refused and not followed")
    func nestedArrays() {
        let count = 1 << 20
        var body: [UInt8] = [7, 0, 0, 0, 0, 0, 0, 0, 1, 100, 0, 1, 116, 0, 1, ColumnType.typedArray.rawValue]
        body.append(lengthEncoded: [UInt8](repeating: ColumnType.typedArray.rawValue, count: count))
        let event = EventScript.raw(.tableMap, body: body, checksum: .none)
        #expect(throws: CodecError.self) { try TableMapEvent(decoding: event.span.bytes, checksum: .none) }
    }

    @Test("many changes that each move a long array are given up, and a thousand are made", arguments: [1_000, 100_000])
    func manyChanges(count: Int) {
        // An insertion of a null before the first element, of an array that is empty at first.
        let change: [UInt8] = [1, 4] + Array("$[0]".utf8) + [2, JSONB.literal, JSONB.null]
        let changes = [UInt8](repeatElement(change, count: count).joined())
        let document: [UInt8] = [JSONB.smallArray, 0, 0, 4, 0]
        let result = try? changes.span.bytes.withUnsafeBytes { changes throws(CodecError) in
            try document.span.bytes.withUnsafeBytes { document throws(CodecError) in try JSONDiff.apply(changes, to: document) }
        }
        #expect((result != nil) == (count < 10_000))
    }
}
