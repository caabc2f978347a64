@testable import Common

/// Binary JSON: as text, as SQL, taken apart and put together again, and with changes made to it.
///
/// Input: what to do, in one byte, then the changes and the document (`halves`).
enum JSONTarget: Target {
    /// Of the first byte: whether the document is told its own length.
    private static let fixesLength: UInt8 = 1
    /// As text needs for a character that is escaped, with what SQL puts around every value.
    private static let maxGrowth = 400

    static func run(_ input: UnsafeRawBufferPointer) -> Depth {
        guard let mode = input.first else { return .refused }
        let (changes, rest) = input.dropping(1).halves
        var document = [UInt8](rest)
        if mode & fixesLength != 0 { fixLength(of: &document) }
        return document.span.bytes.withUnsafeBytes { document in
            var depth = isPastHeader(document) ? Depth.pastHeader : .refused
            var sink = ByteSink()
            var scratch = ByteSink()
            do throws(CodecError) {
                try JSONBWriter.write(text: document, into: &sink)
                try JSONBWriter.write(sql: document, scratch: &scratch, into: &sink)
                depth = .answered
                let copy = try JSONNode(document: document).document
                var again = ByteSink()
                try copy.span.bytes.withUnsafeBytes { bytes throws(CodecError) in try JSONBWriter.write(text: bytes, into: &again) }
            } catch {}
            precondition(sink.count <= maxGrowth * (document.count + 16), "\(sink.count) bytes of \(document.count)")
            do throws(CodecError) {
                let changed = try JSONDiff.apply(changes, to: document)
                sink.removeAll()
                try changed.span.bytes.withUnsafeBytes { bytes throws(CodecError) in try JSONBWriter.write(text: bytes, into: &sink) }
                depth = .answered
            } catch {}
            return depth
        }
    }

    private static func isPastHeader(_ document: UnsafeRawBufferPointer) -> Bool {
        let value = JSONB.Value(document: document)
        if value.isContainer { return (try? JSONB.Container(value)) != nil }
        return value.type >= JSONB.literal && value.type <= JSONB.string || value.type == JSONB.opaque
    }

    /// Writes the number of bytes behind the root's type to where a container has it.
    private static func fixLength(of document: inout [UInt8]) {
        guard let type = document.first, type <= JSONB.largeArray else { return }
        let count = document.count - 1
        if type & 1 == 1, document.count >= 9 { document.store(littleEndian: UInt32(count), at: 5) }
        if type & 1 == 0, document.count >= 5 { document.store(littleEndian: UInt16(clamping: count), at: 3) }
    }

    static func seeds() throws -> [[UInt8]] {
        var seeds: [[UInt8]] = []
        for (format, events) in try Recorded.files() {
            var format = format
            format.checksum = ChecksumAlgorithm.none
            var decoder = RowDecoder(format: format)
            for event in events {
                var event = event
                event.store(littleEndian: UInt32(event.count), at: EventHeader.eventLengthOffset)
                if event[4] == EventType.tableMap.rawValue { _ = try? decoder.addTable(event.span.bytes) }
                guard RowsEvent.action(of: EventType(rawValue: event[4])) != nil, let plan = try? decoder.plan(for: event.span.bytes)
                else { continue }
                var rows = try decoder.rows(of: event.span.bytes, plan: plan)
                // Some tables cannot be cut without a schema.
                while (try? rows.next()) == true {
                    for index in 0..<rows.afterCount { take(rows.after(index), &seeds) }
                }
            }
        }
        return seeds
    }

    private static func take(_ value: borrowing RowValue, _ seeds: inout [[UInt8]]) {
        guard case .json = value.kind, !value.isNull, value.raw.count <= Recorded.maxEventBytes else { return }
        let bytes = [UInt8](value.raw)
        if let base = value.base { seeds.append([0] + joined(bytes, [UInt8](base))) }
        if !value.isPartial { seeds.append([0] + joined([], bytes)) }
    }
}
