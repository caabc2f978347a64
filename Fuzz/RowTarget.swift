@testable import Common

/// A TABLE_MAP and a row event on its table: every value of every row, written in every way.
///
/// Input: how the events are laid out, in one byte, then the two bodies (`halves`). The headers are made here, and the row event is told
/// the table's id, so that what changes is what stands behind them.
enum RowTarget: Target {
    private static let rowTypes: [EventType] = [
        .writeRows, .updateRows, .deleteRows, .partialUpdateRows, .writeRowsV1, .updateRowsV1, .deleteRowsV1, .writeRowsV0, .updateRowsV0,
        .deleteRowsV0,
    ]
    /// Of the layout's byte: which of ``rowTypes``.
    private static let typeMask: UInt8 = 0x0f
    /// Of the layout's byte: digits of the fraction of MariaDB's own temporal types, which a schema would tell; 7 for none.
    private static let fractionShift: UInt8 = 4

    private static let format = FormatDescriptionEvent(
        serverVersion: "9.7.4", postHeaderLengths: FormatDescriptionEvent.currentPostHeaderLengths, checksum: ChecksumAlgorithm.none)
    private static let tableIDByteCount = 6
    /// No value has more bytes of text for each of its own: a compressed one makes 1032 of one, and each of these up to six.
    private static let maxGrowth = 8192

    static func run(_ input: UnsafeRawBufferPointer) -> Depth {
        guard let layout = input.first else { return .refused }
        let (map, rows) = input.dropping(1).halves
        let type = rowTypes[Int(layout & typeMask) % rowTypes.count]
        let mapEvent = event(.tableMap, [UInt8](map))
        var body = [UInt8](rows)
        for index in 0..<min(tableIDByteCount, body.count, map.count) { body[index] = map[index] }
        let rowsEvent = event(type, body)
        var decoder = RowDecoder(format: format)
        var depth = Depth.refused
        do throws(CodecError) {
            try decoder.addTable(mapEvent.span.bytes) { table in
                let digits = Int(layout >> fractionShift)
                for index in table.columns.indices where digits < 7 { table.columns[index].fractionDigits = digits }
            }
            guard let plan = try decoder.plan(for: rowsEvent.span.bytes) else { return .refused }
            var reader = try decoder.rows(of: rowsEvent.span.bytes, plan: plan)
            depth = .pastHeader
            var writer = ValueWriter()
            var sink = ByteSink()
            var ranges = try decoder.rows(of: rowsEvent.span.bytes, plan: plan)
            while true {
                let found = try? reader.next()
                precondition((try? ranges.nextRanges()) == found, "the ways to walk rows disagree")
                guard found == true else { break }
                precondition(ranges.beforeRange == reader.beforeRange && ranges.afterRange == reader.afterRange)
                for index in 0..<reader.beforeCount { write(reader.before(index), &writer, &sink) }
                for index in 0..<reader.afterCount { write(reader.after(index), &writer, &sink) }
                depth = .answered
            }
        } catch {}
        return depth
    }

    private static func write(_ value: borrowing RowValue, _ writer: inout ValueWriter, _ sink: inout ByteSink) {
        sink.removeAll()
        writer.write(value, as: .text, into: &sink)
        writer.write(value, as: .sql, into: &sink)
        writer.write(value, as: .json, into: &sink)
        _ = value.integer
        precondition(sink.count <= maxGrowth * (value.bytes.byteCount + 16), "\(sink.count) bytes of \(value.bytes.byteCount)")
    }

    private static func event(_ type: EventType, _ body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        EventHeader(type: type, serverID: 1, eventLength: UInt32(EventHeader.byteCount + body.count)).encode(into: &bytes)
        return bytes + body
    }

    static func seeds() throws -> [[UInt8]] {
        var seeds: [[UInt8]] = []
        var compressed = CompressedEventReader()
        for (_, events) in try Recorded.files() {
            var table: [UInt8] = []
            var perType: [UInt8: Int] = [:]
            for event in events where event.count <= Recorded.maxEventBytes {
                if event[4] == EventType.tableMap.rawValue { table = Array(event[EventHeader.byteCount...]) }
                var rows = event
                if CompressedEventReader.ordinaryType(of: EventType(rawValue: event[4])) != nil {
                    rows.store(littleEndian: UInt32(rows.count), at: EventHeader.eventLengthOffset)
                    try compressed.decompress(rows.span.bytes, checksum: .none)
                    rows = compressed.event.array
                }
                guard let index = rowTypes.firstIndex(of: EventType(rawValue: rows[4])) else { continue }
                perType[rows[4], default: 0] += 1
                guard perType[rows[4], default: 0] <= 60 else { continue }
                let body = joined(table, Array(rows[EventHeader.byteCount...]))
                for digits in [7, perType[rows[4], default: 0] % 7] {
                    seeds.append([UInt8(index) | UInt8(digits) << fractionShift] + body)
                }
            }
        }
        return seeds
    }
}
