import Glibc

/// What a value is written as.
public enum ValueFormat: Hashable, Sendable {
    /// For reading, as mysqlbinlog -vv shows it but plainer: `42`, `'it\'s'`, `'2026-11-21 12:34:56'`, `0xff00`, `b'101'`, `NULL`, and JSON
    /// without quotes around it. A point in time is shown in UTC.
    case text
    /// An SQL literal or expression of exactly this value under any sql_mode and any character set, if the session's time_zone is UTC.
    ///
    /// What it cannot know without metadata or a schema: the sign of an integer (before MySQL 8.0 large unsigned ones look negative) and
    /// the charset of text, which then stands in hexadecimal digits. What SQL cannot say: the type of an opaque value inside JSON. Strict
    /// mode and NO_ZERO_DATE refuse values that a column may hold all the same. A VECTOR can be set to the literal, not compared with it.
    case sql
    /// JSON: numbers exact, DECIMAL and temporals as strings, binary as `{"base64":"…"}`, JSON columns nested.
    case json
}

/// Writes values into a ``ByteSink``: bytes to bytes.
///
///     var writer = ValueWriter()
///     var output = ByteSink()
///     writer.write(rows.after(0), as: .sql, into: &output)
///
/// Keep one for each thread and use it for everything: it keeps scratch memory and iconv's descriptors. It writes something for any bytes:
/// where a value is not what its column's type says, its bytes stand in hexadecimal digits (or base64).
public struct ValueWriter: ~Copyable {
    /// Whether JSON shows BIGINT and BIT values as strings, for readers whose numbers are doubles.
    public var writesInt64AsString = false

    private var scratch = ByteSink(capacity: 1024)
    /// Memory of ``scratch`` that is kept for the next value.
    private static let maxKeptBytes = 1 << 20
    private var converters = [TextConverter?](repeating: nil, count: 64)

    public init(writesInt64AsString: Bool = false) { self.writesInt64AsString = writesInt64AsString }

    mutating func converter(of charset: Charset) -> TextConverter {
        if let converter = converters[Int(charset.rawValue)] { return converter }
        let converter = TextConverter(charset)
        converters[Int(charset.rawValue)] = converter
        return converter
    }

    /// Appends the value.
    ///
    /// - Parameter columnName: What a change to JSON without a before image is written as a function of, as it stands in the output; nil
    ///   for `@` and the column's number from 1.
    public mutating func write(_ value: borrowing RowValue, as format: ValueFormat, into sink: inout ByteSink, columnName: String? = nil) {
        if value.isNull { return sink.append(format == .json ? "null" : "NULL") }
        if value.column.pointee.isPlainJSON { return write(json: value, format, &sink, columnName) }
        write(value.raw, of: value.column, as: format, into: &sink)
    }

    /// Appends a value that is neither NULL nor JSON.
    mutating func write(
        _ bytes: UnsafeRawBufferPointer, of column: UnsafePointer<ColumnPlan>, as format: ValueFormat, into sink: inout ByteSink
    ) {
        let kind = column.pointee.kind
        switch kind {
        case .integer(let byteCount, let isUnsigned):
            let isQuoted = format == .json && byteCount == 8 && writesInt64AsString
            if isQuoted { sink.append(UInt8(ascii: "\"")) }
            let number = littleEndian(bytes)
            if isUnsigned {
                sink.append(decimal: number)
            } else {
                let unused = 64 &- 8 &* Int64(byteCount)
                sink.append(decimal: (Int64(bitPattern: number) &<< unused) &>> unused)
            }
            if isQuoted { sink.append(UInt8(ascii: "\"")) }
        case .float: write(Float(bitPattern: UInt32(truncatingIfNeeded: littleEndian(bytes))), format, &sink)
        case .double: write(Double(bitPattern: littleEndian(bytes)), format, &sink)
        case .decimal(let precision, let scale):
            if format == .json { sink.append(UInt8(ascii: "\"")) }
            DecimalFormat(precision: precision, scale: scale).write(bytes, into: &sink)
            if format == .json { sink.append(UInt8(ascii: "\"")) }
        case .bit(let count): write(bits: bigEndian(bytes), count: Int(count), format, &sink)
        case .year:
            let year = UInt64(bytes[0])
            sink.append(decimal: year == 0 ? 0 : 1900 + year, width: year == 0 && format == .json ? 1 : 4)
        case .date, .time, .dateTime, .timestamp, .oldTime, .oldDateTime, .oldTimestamp, .mariaTime, .mariaDateTime, .mariaTimestamp:
            let quote = format == .json ? UInt8(ascii: "\"") : UInt8(ascii: "'")
            sink.append(quote)
            Self.write(temporal: bytes, kind, &sink)
            sink.append(quote)
        case .text: write(text: bytes, column.pointee.charset, format, &sink)
        case .binary, .geometry, .vector: Self.write(binary: bytes, zeros: 0, format, &sink)
        case .fixedBinary(_, let length): Self.write(binary: bytes, zeros: max(0, Int(length) - bytes.count), format, &sink)
        case .address(_, let kind): Self.write(address: bytes, kind, format, &sink)
        case .compressed(_, let isText): write(compressed: bytes, isText ? column.pointee.charset : .binary, format, &sink)
        case .enumeration: write(label: littleEndian(bytes), column.pointee.labels, format, &sink)
        case .set: write(set: littleEndian(bytes), column.pointee.labels, format, &sink)
        case .json, .null: sink.append(format == .json ? "null" : "NULL")
        }
    }

    private func write(_ value: Float, _ format: ValueFormat, _ sink: inout ByteSink) {
        // A single that is written with a double's digits is read back as that single, without a second rounding.
        if format == .sql { return write(Double(value), format, &sink) }
        value.isFinite || format == .text ? sink.append(value) : sink.append("null")
    }

    private func write(_ value: Double, _ format: ValueFormat, _ sink: inout ByteSink) {
        guard value.isFinite || format == .text else { return sink.append(format == .sql ? "NULL" : "null") }
        sink.append(value, style: format == .sql ? .literal : .plain)
    }

    private func write(bits: UInt64, count: Int, _ format: ValueFormat, _ sink: inout ByteSink) {
        if format == .json {
            if writesInt64AsString { sink.append(UInt8(ascii: "\"")) }
            sink.append(decimal: bits)
            if writesInt64AsString { sink.append(UInt8(ascii: "\"")) }
        } else {
            sink.append("b'")
            sink.append(bits: bits, count: count)
            sink.append(UInt8(ascii: "'"))
        }
    }

    static func write(temporal bytes: UnsafeRawBufferPointer, _ kind: ColumnKind, _ sink: inout ByteSink) {
        switch kind {
        case .date: sink.append(date: bytes)
        case .time(let digits): sink.append(time: bytes, digits: digits)
        case .dateTime(let digits): sink.append(dateTime: bytes, digits: digits)
        case .timestamp(let digits): sink.append(timestamp: bytes, digits: digits)
        case .oldTime: sink.append(oldTime: bytes)
        case .oldDateTime: sink.append(oldDateTime: bytes)
        case .oldTimestamp: sink.append(secondsSince1970: littleEndian(bytes))
        case .mariaTime(let digits): sink.append(mariaTime: bytes, digits: digits)
        case .mariaDateTime(let digits): sink.append(mariaDateTime: bytes, digits: digits)
        case .mariaTimestamp(let digits): sink.append(mariaTimestamp: bytes, digits: digits)
        default: break
        }
    }

    private static func write(binary bytes: UnsafeRawBufferPointer, zeros: Int, _ format: ValueFormat, _ sink: inout ByteSink) {
        switch format {
        case .text:
            guard bytes.count + zeros > 0 else { return sink.append("''") }
            sink.append("0x")
            sink.append(hex: bytes)
            for _ in 0..<zeros { sink.append("00") }
        case .sql:
            sink.append("x'")
            sink.append(hex: bytes)
            for _ in 0..<zeros { sink.append("00") }
            sink.append(UInt8(ascii: "'"))
        case .json:
            sink.append("{\"base64\":\"")
            if zeros == 0 {
                sink.append(base64: bytes)
            } else {
                ([UInt8](bytes) + [UInt8](repeating: 0, count: zeros)).withUnsafeBytes { sink.append(base64: $0) }
            }
            sink.append("\"}")
        }
    }

    /// Writes 4 or 16 bytes, without the zeros that the row leaves out at their end, as the server shows them.
    private static func write(
        address bytes: UnsafeRawBufferPointer, _ kind: TableMapEvent.AddressKind, _ format: ValueFormat, _ sink: inout ByteSink
    ) {
        guard bytes.count <= kind.byteCount else { return write(binary: bytes, zeros: 0, format, &sink) }
        let quote = format == .json ? UInt8(ascii: "\"") : UInt8(ascii: "'")
        sink.append(quote)
        append(address: bytes, kind, &sink)
        sink.append(quote)
    }

    static func append(address bytes: UnsafeRawBufferPointer, _ kind: TableMapEvent.AddressKind, _ sink: inout ByteSink) {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { whole in
            whole.initializeMemory(as: UInt8.self, repeating: 0)
            whole.copyMemory(from: bytes)
            if kind == .uuid {
                var start = 0
                for length in [4, 2, 2, 2, 6] {
                    if start > 0 { sink.append(UInt8(ascii: "-")) }
                    sink.append(hex: UnsafeRawBufferPointer(rebasing: whole[start..<start + length]))
                    start += length
                }
            } else {
                let target = sink.reserve(Int(INET6_ADDRSTRLEN)).assumingMemoryBound(to: CChar.self)
                let family = kind == .inet4 ? AF_INET : AF_INET6
                if inet_ntop(family, whole.baseAddress, target, socklen_t(INET6_ADDRSTRLEN)) != nil { sink.advance(strlen(target)) }
            }
        }
    }

    private func write(label number: UInt64, _ labels: UnsafePointer<LabelTable.Header>?, _ format: ValueFormat, _ sink: inout ByteSink) {
        if format == .sql { return sink.append(decimal: number) }
        let quoting: Quoting = format == .text ? .text : .json
        if let label = labels?.pointee.label(number) {
            sink.append(label, quoting: quoting)
        } else if number == 0 {
            sink.append(UnsafeRawBufferPointer(start: nil, count: 0), quoting: quoting)
        } else {
            sink.append(decimal: number)
        }
    }

    private func write(set bits: UInt64, _ labels: UnsafePointer<LabelTable.Header>?, _ format: ValueFormat, _ sink: inout ByteSink) {
        guard format != .sql, let labels, labels.pointee.holds(set: bits) else { return sink.append(decimal: bits) }
        let quoting: Quoting = format == .text ? .text : .json
        sink.append(quoting.quote)
        Self.append(set: bits, labels, &sink) { $0.append(escaping: $1, quoting: quoting) }
        sink.append(quoting.quote)
    }

    /// Appends the labels of the bits with commas between them.
    static func append(
        set bits: UInt64, _ labels: UnsafePointer<LabelTable.Header>, _ sink: inout ByteSink,
        by appendLabel: (inout ByteSink, UnsafeRawBufferPointer) -> Void
    ) {
        var rest = bits
        while rest != 0 {
            if rest != bits { sink.append(UInt8(ascii: ",")) }
            if let label = labels.pointee.label(UInt64(rest.trailingZeroBitCount) + 1) { appendLabel(&sink, label) }
            rest &= rest - 1
        }
    }
}

extension ValueWriter {
    private mutating func write(text bytes: UnsafeRawBufferPointer, _ charset: Charset, _ format: ValueFormat, _ sink: inout ByteSink) {
        if format == .sql {
            // The bytes of a charset that is not known may look like ASCII and be UTF-16.
            guard charset != .unknown else { return Self.write(binary: bytes, zeros: 0, .sql, &sink) }
            if charset.isASCIISuperset, isPlain(bytes) { return sink.append(bytes, quoting: .sql) }
            sink.append(utf8: charset.introducer)
            sink.append(UInt8(ascii: " "))
            return Self.write(binary: bytes, zeros: 0, .sql, &sink)
        }
        if charset.isASCIISuperset, charset != .unknown || !hasControls(bytes),
            sink.append(text: bytes, quoting: format == .json ? .json : .text, isUTF8: charset.isUTF8)
        {
            return
        }
        if charset == .unknown, bytes.contains(where: { $0 < 0x20 && $0 != 9 && $0 != 10 && $0 != 13 }) {
            return Self.write(binary: bytes, zeros: 0, format, &sink)
        }
        scratch.removeAll()
        let isValid = converter(of: charset).convert(bytes, into: &scratch)
        // In JSON a text column stays a string, its charset permitting; where nothing says that it is text, it is not lost.
        if !isValid, format == .text || charset == .unknown { return Self.write(binary: bytes, zeros: 0, format, &sink) }
        scratch.bytes.withUnsafeBytes { sink.append($0, quoting: format == .json ? .json : .text) }
        scratch.removeAll(keeping: Self.maxKeptBytes)
    }

    private mutating func write(compressed bytes: UnsafeRawBufferPointer, _ charset: Charset, _ format: ValueFormat, _ sink: inout ByteSink)
    {
        Self.expand(compressed: bytes) { expanded in
            guard let expanded else { return Self.write(binary: bytes, zeros: 0, format, &sink) }
            write(expanded: expanded, charset, format, &sink)
        }
    }

    /// Gives the value of a COMPRESSED column to `body`; nil for bytes that hold none.
    ///
    /// MariaDB's `Field_longstr::uncompress`: a byte with the method (8 is zlib) above, and below whether zlib's frame is left out (8)
    /// and how many bytes of length follow, the highest first; 0 for bytes that are not compressed.
    static func expand<Result>(compressed bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        guard let header = bytes.first else { return body(bytes) }
        let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
        if header == 0 { return body(rest) }
        let lengthBytes = Int(header & 7)
        let frame = header & 8 == 0 ? 2 : 0
        guard header >> 4 == 8, lengthBytes <= 4, rest.count >= lengthBytes + frame else { return body(nil) }
        let count = Int(bigEndian(UnsafeRawBufferPointer(rebasing: rest[..<lengthBytes])))
        let expanded = try? Inflate.expand(UnsafeRawBufferPointer(rebasing: rest[(lengthBytes + frame)...]), count: count)
        return expanded?.withUnsafeBytes { body($0) } ?? body(nil)
    }

    private mutating func write(expanded bytes: UnsafeRawBufferPointer, _ charset: Charset, _ format: ValueFormat, _ sink: inout ByteSink) {
        if charset == .binary { return Self.write(binary: bytes, zeros: 0, format, &sink) }
        write(text: bytes, charset, format, &sink)
    }

    private mutating func write(json value: borrowing RowValue, _ format: ValueFormat, _ sink: inout ByteSink, _ columnName: String?) {
        let isWritten = sink.hold { sink in
            let start = sink.count
            do throws(CodecError) {
                try write(json: value, checked: format, &sink, columnName)
                return true
            } catch {
                sink.truncate(to: start)
                return false
            }
        }
        if !isWritten { Self.write(binary: value.raw, zeros: 0, format, &sink) }
    }

    private mutating func write(
        json value: borrowing RowValue, checked format: ValueFormat, _ sink: inout ByteSink, _ columnName: String?
    ) throws(CodecError) {
        if value.isPartial, value.base == nil {
            return try write(diffs: JSONDiff.decode(value.raw), value.columnIndex, format, &sink, columnName)
        }
        if value.isPartial {
            let document = try value.fullJSON()
            return try document.span.bytes.withUnsafeBytes { bytes throws(CodecError) in try write(document: bytes, format, &sink) }
        }
        try write(document: value.raw, format, &sink)
    }

    private mutating func write(document: UnsafeRawBufferPointer, _ format: ValueFormat, _ sink: inout ByteSink) throws(CodecError) {
        if format == .sql {
            try JSONBWriter.write(sql: document, scratch: &scratch, into: &sink)
        } else {
            try JSONBWriter.write(text: document, into: &sink)
        }
    }

    /// Writes changes whose before image is not in the event: as nested functions, or in JSON as
    /// `{"changes":[{"op":"replace","path":"$.a","value":1}]}`.
    private mutating func write(
        diffs: [JSONDiff], _ column: Int, _ format: ValueFormat, _ sink: inout ByteSink, _ columnName: String?
    ) throws(CodecError) {
        if format == .json { sink.append("{\"changes\":[") }
        for diff in diffs.reversed() where format != .json {
            switch diff.operation {
            case .replace: sink.append("JSON_REPLACE(")
            case .remove: sink.append("JSON_REMOVE(")
            case .insert:
                if case .element? = diff.legs.legs.last { sink.append("JSON_ARRAY_INSERT(") } else { sink.append("JSON_INSERT(") }
            }
        }
        if format != .json {
            if let columnName {
                sink.append(utf8: columnName)
            } else {
                sink.append(UInt8(ascii: "@"))
                sink.append(decimal: UInt64(column + 1))
            }
        }
        for (index, diff) in diffs.enumerated() {
            var path = diff.path
            if format == .json {
                sink.append(index == 0 ? "{\"op\":\"" : ",{\"op\":\"")
                sink.append(utf8: "\(diff.operation)")
                sink.append("\",\"path\":")
                path.withUTF8 { sink.append(UnsafeRawBufferPointer($0), quoting: .json) }
                if diff.operation != .remove { sink.append(",\"value\":") }
            } else {
                sink.append(", ")
                if format == .sql {
                    path.withUTF8 { sink.append(sqlText: UnsafeRawBufferPointer($0)) }
                } else {
                    path.withUTF8 { sink.append(UnsafeRawBufferPointer($0), quoting: .text) }
                }
                if diff.operation != .remove { sink.append(", ") }
            }
            if diff.operation != .remove {
                try diff.value.span.bytes.withUnsafeBytes { bytes throws(CodecError) in try write(document: bytes, format, &sink) }
            }
            sink.append(format == .json ? UInt8(ascii: "}") : UInt8(ascii: ")"))
        }
        if format == .json { sink.append("]}") }
    }
}
