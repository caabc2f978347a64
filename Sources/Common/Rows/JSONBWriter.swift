/// Writes binary JSON as text, as MySQL itself prints it, or as an SQL expression that makes the same binary JSON again.
struct JSONBWriter {
    /// Bytes of the document that have not been visited.
    private var budget: Int

    private init(_ document: UnsafeRawBufferPointer) { budget = document.count + 16 }

    /// Appends the text: `{"a": [1, 2.0]}`, well-formed UTF-8.
    ///
    /// - Throws: `invalid` where the bytes are no JSON; part of the text may stand in the sink then.
    static func write(text document: UnsafeRawBufferPointer, into sink: inout ByteSink) throws(CodecError) {
        var writer = JSONBWriter(document)
        try writer.write(JSONB.Value(document: document), asSQL: false, &sink)
    }

    /// Appends an expression of type JSON: a cast of the text where reading that gives the same types, else JSON_OBJECT and JSON_ARRAY
    /// around literals. An opaque value becomes a binary string.
    ///
    /// - Parameter scratch: Used for the text.
    static func write(
        sql document: UnsafeRawBufferPointer, scratch: inout ByteSink, into sink: inout ByteSink
    ) throws(CodecError) {
        let value = JSONB.Value(document: document)
        var writer = JSONBWriter(document)
        if try writer.survivesText(value) {
            scratch.removeAll()
            try write(text: document, into: &scratch)
            sink.append("CAST(")
            scratch.bytes.withUnsafeBytes { sink.append(sqlText: $0) }
            return sink.append(" AS JSON)")
        }
        writer = JSONBWriter(document)
        if value.isContainer { return try writer.write(value, asSQL: true, &sink) }
        sink.append("JSON_EXTRACT(JSON_ARRAY(")
        try writer.write(value, asSQL: true, &sink)
        sink.append("),'$[0]')")
    }

    /// Types of opaque values that ``write(sql:scratch:into:)`` makes again. A binary literal is a VARCHAR of MySQL's in JSON.
    private static let exactTypes: [ColumnType] = [.newDecimal, .date, .time, .dateTime, .varchar]

    /// Whether the expression makes the same binary JSON again.
    static func isExactInSQL(_ document: UnsafeRawBufferPointer) throws(CodecError) -> Bool {
        var writer = JSONBWriter(document)
        return try writer.isExact(JSONB.Value(document: document))
    }

    private mutating func isExact(_ value: JSONB.Value) throws(CodecError) -> Bool {
        guard value.isContainer else {
            guard value.type == JSONB.opaque else { return true }
            guard let type = value.bytes.first else { throw JSONB.damaged }
            return Self.exactTypes.contains(ColumnType(rawValue: type))
        }
        let container = try JSONB.Container(value)
        for index in 0..<container.count {
            try spend(container.entrySize)
            if try !isExact(container.value(index)) { return false }
        }
        return true
    }

    private mutating func spend(_ count: Int) throws(CodecError) {
        budget -= count
        if budget < 0 { throw CodecError(.invalid, at: 0, "values of binary JSON overlap") }
    }

    /// Whether reading the text of the value makes the same value.
    private mutating func survivesText(_ value: JSONB.Value) throws(CodecError) -> Bool {
        if value.isContainer {
            let container = try JSONB.Container(value)
            for index in 0..<container.count {
                try spend(container.entrySize)
                if try !survivesText(container.value(index)) { return false }
            }
            return true
        }
        switch value.type {
        // A small unsigned number would come back signed.
        case JSONB.uint16, JSONB.uint32, JSONB.opaque: return false
        case JSONB.uint64: return value.bytes.count >= 8 && littleEndian(UnsafeRawBufferPointer(rebasing: value.bytes[..<8])) >> 63 == 1
        default: return true
        }
    }

    private mutating func write(_ value: JSONB.Value, asSQL: Bool, _ sink: inout ByteSink) throws(CodecError) {
        if value.isContainer { return try write(JSONB.Container(value), asSQL: asSQL, &sink) }
        if let length = value.fixedLength {
            guard value.bytes.count >= length else { throw JSONB.damaged }
            return try write(fixed: value.type, UnsafeRawBufferPointer(rebasing: value.bytes[..<length]), asSQL: asSQL, &sink)
        }
        switch value.type {
        case JSONB.string:
            let text = try JSONB.variableLength(value.bytes)
            try spend(text.count)
            write(string: text, asSQL: asSQL, &sink)
        case JSONB.opaque:
            guard let type = value.bytes.first else { throw JSONB.damaged }
            let data = try JSONB.variableLength(UnsafeRawBufferPointer(rebasing: value.bytes.dropFirst()))
            try spend(data.count)
            try write(opaque: type, data, asSQL: asSQL, &sink)
        default: throw CodecError(.invalid, at: 0, "binary JSON of type \(value.type)")
        }
    }

    private mutating func write(_ container: JSONB.Container, asSQL: Bool, _ sink: inout ByteSink) throws(CodecError) {
        if asSQL {
            sink.append(container.isObject ? "JSON_OBJECT(" : "JSON_ARRAY(")
        } else {
            sink.append(container.isObject ? UInt8(ascii: "{") : UInt8(ascii: "["))
        }
        for index in 0..<container.count {
            try spend(container.entrySize)
            if index > 0 { sink.append(", ") }
            if container.isObject {
                let key = try container.key(index)
                try spend(key.count)
                write(string: key, asSQL: asSQL, &sink)
                sink.append(asSQL ? ", " : ": ")
            }
            try write(container.value(index), asSQL: asSQL, &sink)
        }
        if asSQL {
            sink.append(UInt8(ascii: ")"))
        } else {
            sink.append(container.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        }
    }

    private func write(fixed type: UInt8, _ bytes: UnsafeRawBufferPointer, asSQL: Bool, _ sink: inout ByteSink) throws(CodecError) {
        let value = littleEndian(bytes)
        let unused = UInt64(64 - 8 * bytes.count)
        switch type {
        case JSONB.literal:
            switch bytes[0] {
            case JSONB.null: sink.append(asSQL ? "NULL" : "null")
            case JSONB.true: sink.append("true")
            case JSONB.false: sink.append("false")
            default: throw CodecError(.invalid, at: 0, "JSON literal \(bytes[0])")
            }
        case JSONB.int16, JSONB.int32, JSONB.int64:
            if asSQL { sink.append("CAST(") }
            sink.append(decimal: Int64(bitPattern: value << unused) >> Int64(unused))
            if asSQL { sink.append(" AS SIGNED)") }
        case JSONB.uint16, JSONB.uint32, JSONB.uint64:
            if asSQL { sink.append("CAST(") }
            sink.append(decimal: value)
            if asSQL { sink.append(" AS UNSIGNED)") }
        default:
            let number = Double(bitPattern: value)
            if number.isFinite { sink.append(number, style: asSQL ? .literal : .json) } else { sink.append(asSQL ? "NULL" : "null") }
        }
    }

    private func write(string bytes: UnsafeRawBufferPointer, asSQL: Bool, _ sink: inout ByteSink) {
        if asSQL { return sink.append(sqlText: bytes) }
        sink.append(UInt8(ascii: "\""))
        if isASCII(bytes) {
            sink.append(escaping: bytes, quoting: .json)
        } else {
            var start = 0
            var offset = 0
            // Runs of well-formed UTF-8, with a replacement character for each byte that is in none.
            while offset < bytes.count {
                let length = utf8SequenceLength(bytes, at: offset)
                if length == 0 {
                    sink.append(escaping: UnsafeRawBufferPointer(rebasing: bytes[start..<offset]), quoting: .json)
                    sink.append(scalar: 0xfffd)
                    start = offset + 1
                }
                offset += max(1, length)
            }
            sink.append(escaping: UnsafeRawBufferPointer(rebasing: bytes[start...]), quoting: .json)
        }
        sink.append(UInt8(ascii: "\""))
    }

    /// Writes a value of a type that JSON itself does not have (`Json_opaque`, `Json_decimal`, `Json_datetime`).
    private func write(opaque type: UInt8, _ data: UnsafeRawBufferPointer, asSQL: Bool, _ sink: inout ByteSink) throws(CodecError) {
        switch ColumnType(rawValue: type) {
        case .newDecimal:
            guard data.count > 2, data[0] <= 65, data[0] > 0, data[1] <= data[0] else { throw JSONB.damaged }
            let format = DecimalFormat(precision: data[0], scale: data[1])
            guard data.count == 2 + format.byteCount else { throw JSONB.damaged }
            if asSQL { sink.append("CAST(") }
            format.write(UnsafeRawBufferPointer(rebasing: data[2...]), into: &sink)
            if asSQL {
                sink.append(" AS DECIMAL(")
                sink.append(decimal: UInt64(data[0]))
                sink.append(UInt8(ascii: ","))
                sink.append(decimal: UInt64(data[1]))
                sink.append("))")
            }
        case .date, .newDate, .time, .dateTime, .timestamp:
            guard data.count == 8 else { throw JSONB.damaged }
            if asSQL { sink.append("CAST(") }
            sink.append(asSQL ? UInt8(ascii: "'") : UInt8(ascii: "\""))
            let packed = Int64(bitPattern: littleEndian(data))
            switch ColumnType(rawValue: type) {
            case .time: sink.append(packedTime: packed)
            case .date, .newDate: sink.append(packedDate: packed)
            default:
                sink.append(packedDate: packed)
                sink.append(UInt8(ascii: " "))
                sink.append(packedTime: packed & (1 << 41 - 1))
            }
            sink.append(asSQL ? UInt8(ascii: "'") : UInt8(ascii: "\""))
            if asSQL { sink.append(type == 10 || type == 14 ? " AS DATE)" : type == 11 ? " AS TIME(6))" : " AS DATETIME(6))") }
        default:
            if asSQL {
                sink.append("x'")
                sink.append(hex: data)
                return sink.append(UInt8(ascii: "'"))
            }
            sink.append("\"base64:type")
            sink.append(decimal: UInt64(type))
            sink.append(UInt8(ascii: ":"))
            // A server breaks the digits into lines, and a line's end is escaped in JSON.
            sink.append(base64: data, lineBreak: "\\n")
            sink.append(UInt8(ascii: "\""))
        }
    }
}

extension ByteSink {
    /// Appends a string literal: in quotes if it is plain ASCII, else in hexadecimal digits behind its charset.
    mutating func append(sqlText bytes: UnsafeRawBufferPointer) {
        append("_utf8mb4")
        if isPlain(bytes) { return append(bytes, quoting: .sql) }
        append(" x'")
        append(hex: bytes)
        append(UInt8(ascii: "'"))
    }

    /// Appends the date of a packed time (`TIME_to_longlong_datetime_packed`): year × 13 + month and day above 41 bits.
    fileprivate mutating func append(packedDate packed: Int64) {
        let date = packed.magnitude >> 41
        let month = date >> 5
        append(year: month / 13, month: month % 13, day: date & 31)
    }

    /// Appends the time: hour, minute and second above 24 bits of microseconds.
    fileprivate mutating func append(packedTime packed: Int64) {
        if packed < 0 { append(UInt8(ascii: "-")) }
        let time = packed.magnitude >> 24
        append(hour: time >> 12 & 1023, minute: time >> 6 & 63, second: time & 63)
        append(UInt8(ascii: "."))
        append(decimal: packed.magnitude & 0xff_ffff, width: 6)
    }
}
