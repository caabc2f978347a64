/// What a value is, without what shows where it begins and ends.
public enum PlainContent: Hashable, Sendable {
    /// Characters in UTF-8.
    case text
    /// The bytes of a value that is binary, or whose charset is not known, or that is no text in its charset.
    case bytes
    /// Digits, with a sign and a point where the number has them.
    case number
}

extension ValueWriter {
    /// Appends a value that is not NULL without quotes and escapes: text in UTF-8, numbers in digits, binary values as their bytes.
    ///
    /// Temporals and JSON are the text that ``ValueFormat/text`` shows of them. ENUM and SET are their labels, numbers without these.
    public mutating func write(plain value: borrowing RowValue, into sink: inout ByteSink) -> PlainContent {
        let column = value.column
        let raw = value.raw
        switch column.pointee.kind {
        case .integer, .float, .double, .decimal:
            write(value, as: .text, into: &sink)
            return .number
        case .bit, .year:
            sink.append(decimal: value.integer ?? 0)
            return .number
        case .date, .time, .dateTime, .timestamp, .oldTime, .oldDateTime, .oldTimestamp, .mariaTime, .mariaDateTime, .mariaTimestamp:
            Self.write(temporal: raw, column.pointee.kind, &sink)
            return .text
        case .text: return write(plainText: raw, column.pointee.charset, &sink)
        case .binary, .geometry, .vector:
            sink.append(raw)
            return .bytes
        case .fixedBinary(_, let length):
            sink.append(raw)
            for _ in 0..<max(0, Int(length) - raw.count) { sink.append(0 as UInt8) }
            return .bytes
        case .address(_, let kind):
            guard raw.count <= kind.byteCount else {
                sink.append(raw)
                return .bytes
            }
            Self.append(address: raw, kind, &sink)
            return .text
        case .compressed(_, let isText):
            let charset = isText ? column.pointee.charset : .binary
            return Self.expand(compressed: raw) { write(plainText: $0 ?? raw, $0 == nil ? .binary : charset, &sink) }
        case .enumeration: return Self.write(plainLabel: littleEndian(raw), column.pointee.labels, &sink)
        case .set:
            let bits = littleEndian(raw)
            guard let labels = column.pointee.labels, labels.pointee.holds(set: bits) else {
                sink.append(decimal: bits)
                return .number
            }
            Self.append(set: bits, labels, &sink) { $0.append($1) }
            return .text
        case .json, .null:
            write(value, as: .text, into: &sink)
            return .text
        }
    }

    private mutating func write(plainText bytes: UnsafeRawBufferPointer, _ charset: Charset, _ sink: inout ByteSink) -> PlainContent {
        guard charset != .unknown, charset != .binary else {
            sink.append(bytes)
            return .bytes
        }
        let start = sink.count
        if converter(of: charset).convert(bytes, into: &sink) { return .text }
        sink.truncate(to: start)
        sink.append(bytes)
        return .bytes
    }

    private static func write(
        plainLabel number: UInt64, _ labels: UnsafePointer<LabelTable.Header>?, _ sink: inout ByteSink
    ) -> PlainContent {
        // 0 is the error value, which is shown as ''.
        if number == 0 { return .text }
        guard let label = labels?.pointee.label(number) else {
            sink.append(decimal: number)
            return .number
        }
        sink.append(label)
        return .text
    }
}
