import CZlib
import Foundation

/// Whether binlog-inspect's JSON and a stock tool tell the same value. Each rule is a known difference of rendering:
///
/// - an integer: a stock tool does not know whether it is unsigned, and prints both readings of one whose highest bit is set;
/// - FLOAT and DOUBLE: 6 and 20 digits there, here as many as name the value;
/// - BIT and SET: their bits there, a SET's bytes the lowest first; here a number, and a SET's labels where the binlog has them;
/// - ENUM: a number there, here the label where the binlog has it;
/// - YEAR 0: 1900 there;
/// - DATE: colons there;
/// - TIMESTAMP: seconds since 1970 there, here the time in UTC;
/// - text: bytes of the column's charset there, each tool with its own escapes; here UTF-8, and binary in base64;
/// - VECTOR: its elements there, with 6 digits; here its bytes;
/// - BINARY: without the zeros at its end there;
/// - a COMPRESSED column: the compressed bytes there;
/// - what MariaDB's tool says of columns behind one whose type it cannot describe is of another column: an ENUM's label is not compared;
/// - a JSON document that is a string: without its quotes there;
/// - a partial update of JSON: functions there, here the document that they make, or the changes where the before image is missing.
struct ValueComparison {
    let isMariaDB: Bool

    /// - Parameter before: the column's value in the before image, if it is there.
    func isSame(_ stock: StockDecoding.Value, _ column: StockColumn?, _ value: OrderedJSON, before: OrderedJSON?) throws -> Bool {
        let text = String(decoding: stock.bytes.prefix(400), as: UTF8.self).trimmingCharacters(in: .whitespaces)
        if text == "NULL", stock.bytes.count == 4 { return value == .null }
        let type = String(stock.type.prefix { $0 != "(" && $0 != " " })
        switch type {
        case "TINYINT", "SHORTINT", "MEDIUMINT", "INT", "LONGINT": return isSame(integer: text, column, value)
        case "FLOAT":
            guard case .number(let digits) = value, let number = Float(digits) else { return false }
            return String(format: "%g", Double(number)) == text
        case "DOUBLE":
            guard case .number(let digits) = value, let number = Double(digits) else { return false }
            return String(format: "%.20g", number) == text
        case "DECIMAL": return value.string == text
        case "BIT": return value.number == UInt64(text.dropFirst(2).dropLast(), radix: 2)
        case "YEAR": return value.number == (text == "1900" ? 0 : UInt64(text))
        case "DATE": return value.string == unquoted(text).replacing(":", with: "-")
        case "TIME", "DATETIME": return value.string == unquoted(text)
        case "TIMESTAMP": return value.string.map(Self.seconds) == text
        case "ENUM": return isSame(label: Int(text) ?? -1, column, value)
        case "SET": return isSame(set: text, column, value)
        case "VECTOR": return isSame(vector: text, value)
        case "JSON": return try isSame(json: stock.bytes, value, before: before)
        case "STRING", "VARSTRING", "TINYBLOB/TINYTEXT", "BLOB/TEXT", "MEDIUMBLOB/MEDIUMTEXT", "LONGBLOB/LONGTEXT", "GEOMETRY":
            return isSame(quoted: stock.bytes, stock.type, column, value)
        default: throw CommandFailed(description: "no rule for the type \(stock.type)")
        }
    }

    private func unquoted(_ text: String) -> String { String(text.dropFirst().dropLast()) }

    private func isSame(integer text: String, _ column: StockColumn?, _ value: OrderedJSON) -> Bool {
        guard case .number(let digits) = value else { return false }
        let readings = text.split { " ()".contains($0) }.map(String.init)
        guard readings.count == 2 else { return digits == text }
        // MariaDB's tool gives the signs of columns to others.
        guard let column, !isMariaDB else { return readings.contains(digits) }
        return digits == readings[column.isUnsigned ? 1 : 0]
    }

    /// `1795264496.789` of `2026-11-21 12:34:56.789`.
    private static func seconds(_ time: String) -> String {
        let parts = time.split(separator: ".", maxSplits: 1)
        guard parts[0] != "0000-00-00 00:00:00" else { return parts.count > 1 ? "0.\(parts[1])" : "0" }
        let whole = try? Date("\(parts[0].replacing(" ", with: "T"))Z", strategy: .iso8601)
        guard let whole else { return "no time" }
        return "\(Int(whole.timeIntervalSince1970))" + (parts.count > 1 ? ".\(parts[1])" : "")
    }

    private func isSame(label number: Int, _ column: StockColumn?, _ value: OrderedJSON) -> Bool {
        if let column, !column.isCertain, value.string != nil { return number > 0 }
        guard let labels = column?.labels, number > 0 else {
            return value == (number == 0 ? .string("") : .number("\(number)")) || value == .number("\(number)")
        }
        guard labels.indices.contains(number - 1), let text = value.string else { return value == .number("\(number)") }
        return StockText.encode(text, in: column?.charset ?? "utf8mb4") == labels[number - 1]
    }

    private func isSame(set text: String, _ column: StockColumn?, _ value: OrderedJSON) -> Bool {
        let digits = Array(text.dropFirst(2).dropLast())
        var bits: UInt64 = 0
        for (place, start) in stride(from: 0, to: digits.count, by: 8).enumerated() {
            bits |= (UInt64(String(digits[start..<min(start + 8, digits.count)]), radix: 2) ?? 0) << (8 * UInt64(place))
        }
        guard let labels = column?.labels, column?.isCertain ?? true else { return value.number == bits }
        let chosen = labels.indices.filter { bits >> UInt64($0) & 1 == 1 }.map { labels[$0] }
        return value.string.flatMap { StockText.encode($0, in: column?.charset ?? "utf8mb4") }
            == Array(chosen.joined(separator: [UInt8(ascii: ",")]))
    }

    private func isSame(vector text: String, _ value: OrderedJSON) -> Bool {
        guard let base64 = value["base64"]?.string, let data = Data(base64Encoded: base64), data.count % 4 == 0 else { return false }
        let elements = stride(from: 0, to: data.count, by: 4).map { start in
            Float(bitPattern: data[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }
        return "[\(elements.map { String(format: "%.5e", Double($0)) }.joined(separator: ","))]" == text
    }

    private func isSame(quoted bytes: ArraySlice<UInt8>, _ type: String, _ column: StockColumn?, _ value: OrderedJSON) -> Bool {
        guard bytes.count >= 2, bytes.first == UInt8(ascii: "'") else { return false }
        let inner = bytes.dropFirst().dropLast()
        if type.contains("COMPRESSED") {
            guard let expanded = Self.expanded(StockText.unescapedFromMariaDB(inner)) else { return false }
            return candidates(value, column).contains(expanded)
        }
        if case .object = value, let base64 = value["base64"]?.string, let data = Data(base64Encoded: base64) {
            let stored = isMariaDB ? StockText.unescapedFromMariaDB(inner) : StockText.unescaped(inner)
            // Of BINARY: which value has how many zeros at its end, the type tells.
            let length = type.hasPrefix("STRING(") ? Int(type.dropFirst(7).dropLast()) ?? 0 : 0
            return stored == [UInt8](data)
                || data.count <= length && stored == [UInt8](data.prefix(stored.count))
                    && data.dropFirst(stored.count).allSatisfy { $0 == 0 }
        }
        return candidates(value, column).contains { candidate in
            isMariaDB ? StockText.escapedByMariaDB(candidate).elementsEqual(inner) : candidate == StockText.unescaped(inner)
        }
    }

    /// The bytes that a value may have: of text in its column's charset; where no metadata tells that, of UTF-8, else of latin1.
    private func candidates(_ value: OrderedJSON, _ column: StockColumn?) -> [[UInt8]] {
        if let base64 = value["base64"]?.string, let data = Data(base64Encoded: base64) { return [[UInt8](data)] }
        guard let text = value.string else { return [] }
        let charset = column.flatMap { $0.isCertain ? $0.charset : nil }
        let charsets = charset.map { [$0] } ?? ["utf8mb4", "latin1"]
        let encoded = charsets.compactMap { StockText.encode(text, in: $0) }
        // A backslash is two characters of sjis, and either is one here.
        guard charset == "sjis" else { return encoded }
        let parts = text.components(separatedBy: "\\").map { StockText.encode($0, in: "sjis") ?? [] }
        return encoded + [Array(parts.joined(separator: [0x81, 0x5f]))]
    }

    /// MariaDB's frame around zlib's: how long the length is, the length, the highest byte first.
    private static func expanded(_ bytes: [UInt8]) -> [UInt8]? {
        guard let head = bytes.first else { return [] }
        if head == 0 { return Array(bytes.dropFirst()) }
        let lengthCount = Int(head & 7)
        let count = bytes.dropFirst().prefix(lengthCount).reduce(0) { $0 << 8 | Int($1) }
        var result = [UInt8](repeating: 0, count: count)
        var stream = z_stream()
        // Negative: without zlib's own frame.
        guard inflateInit2_(&stream, head & 8 == 0 ? 15 : -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var input = Array(bytes.dropFirst(1 + lengthCount))
        let status = input.withUnsafeMutableBufferPointer { input in
            result.withUnsafeMutableBufferPointer { result in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = result.baseAddress
                stream.avail_out = UInt32(result.count)
                return inflate(&stream, Z_FINISH)
            }
        }
        return status == Z_STREAM_END && stream.avail_out == 0 ? result : nil
    }

    private func isSame(json bytes: ArraySlice<UInt8>, _ value: OrderedJSON, before: OrderedJSON?) throws -> Bool {
        if bytes.first == UInt8(ascii: "'") {
            if let text = value.string { return StockText.unescaped(bytes.dropFirst().dropLast()) == Array(text.utf8) }
            return try OrderedJSON(parsing: StockText.unescaped(bytes.dropFirst().dropLast())).isSame(as: value)
        }
        let change = try JSONChange(parsing: bytes)
        if let before { return try change.applied(to: before).isSame(as: value) }
        return try change.isListed(in: value)
    }
}
