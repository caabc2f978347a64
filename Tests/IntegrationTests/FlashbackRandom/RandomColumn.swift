/// A column of a random table, and values for it.
struct RandomColumn {
    /// What the type keeps, as far as values and comparisons go.
    enum Family {
        /// - Parameter bits: of the type, 8 to 64.
        case integer(bits: Int, isUnsigned: Bool)
        case decimal(digits: Int, scale: Int, isUnsigned: Bool)
        case float, double
        case bit(Int)
        case year, date
        /// - Parameter String: `TIME`, `DATETIME` or `TIMESTAMP`.
        case temporal(String, fraction: Int)
        /// - Parameter characters: the most that it takes.
        case text(characters: Int)
        case bytes(count: Int)
        case enumeration(count: Int), set(count: Int)
        case json
        case geometry(String)
        case vector(Int)
        case address(String)
    }

    var name: String
    var family: Family
    /// The type as `CREATE TABLE` has it, with its charset.
    var type: String
    var isNullable = true
    /// `DEFAULT …`, `ON UPDATE …`, `INVISIBLE` and the like.
    var attributes = ""
    /// What a generated column is made of.
    var generation: String?

    var definition: String {
        let made = generation.map { " AS \($0)" } ?? (isNullable ? " NULL" : " NOT NULL")
        return "\(name.quotedName) \(type)\(made)\(attributes)"
    }

    /// Makes it one that cannot be NULL, nor, as it may have no default, invisible.
    mutating func makeMandatory() {
        isNullable = false
        attributes.replace(" INVISIBLE", with: "")
    }

    /// How a key names the column; nil where none can.
    var keyPart: String? {
        switch family {
        case .json, .geometry, .vector, .float: nil
        case .text where type.contains("COMPRESSED"), .bytes where type.contains("COMPRESSED"): nil
        case .text, .bytes: "\(name.quotedName)\(type.contains("TEXT") || type.contains("BLOB") ? "(3)" : "")"
        default: name.quotedName
        }
    }

    /// An expression that shows all of a value.
    var shown: String {
        let name = name.quotedName
        switch family {
        case .integer, .decimal, .double, .year, .date, .temporal, .address: return name
        case .float: return "\(name)+0e0"
        case .bit, .enumeration, .set: return "\(name)+0"
        case .json: return "HEX(CONCAT(\(name)))"
        case .text, .bytes, .geometry, .vector: return "HEX(\(name))"
        }
    }

    // MARK: - Values

    /// A value as SQL has it.
    func value(_ random: inout SeededRandom) -> String {
        if isNullable, random.chance(20) { return "NULL" }
        switch family {
        case .integer(let bits, let isUnsigned): return Self.integer(bits, isUnsigned, &random)
        case .decimal(let digits, let scale, let isUnsigned): return Self.decimal(digits, scale, isUnsigned, &random)
        case .float: return random.pick(["0", "-0.0", "1.1", "3.4028234e38", "-1.17549435e-38", "16777216", "0.1", "-2.5"])
        case .double: return random.pick(["0", "-0.0", "0.1", "1e-300", "1.7976931348623157e308", "9007199254740993", "-2.2"])
        case .bit(let bits): return "b'\((0..<bits).map { _ in random.chance(50) ? "1" : "0" }.joined())'"
        case .year: return random.pick(["0", "1901", "2155", "2026"])
        case .date: return random.pick(["'0000-00-00'", "'2004-02-30'", "'1000-01-01'", "'9999-12-31'", "'2026-11-21'", "'2024-00-10'"])
        case .temporal(let kind, _): return Self.temporal(kind, &random)
        case .text(let characters): return Self.text(characters, &random)
        case .bytes(let count): return Self.bytes(count, &random)
        case .enumeration(let count): return random.chance(90) ? "\(Int.random(in: 1...count, using: &random))" : "''"
        case .set(let count): return "\(UInt64.random(in: 0...(.max >> UInt64(64 - count)), using: &random))"
        case .json: return Self.json(&random)
        case .geometry(let kind): return Self.geometry(kind, &random)
        case .vector(let count):
            let numbers = (0..<count).map { _ in random.pick(["0", "1.5", "-2.25", "3e10", "0.1"]) }
            return "STRING_TO_VECTOR('[\(numbers.joined(separator: ","))]')"
        case .address("UUID"): return "'\(random.pick(["00000000", "123e4567", "ffffffff"]))-e89b-12d3-a456-426655440000'"
        case .address("INET4"): return random.pick(["'0.0.0.0'", "'1.2.3.4'", "'255.255.255.255'"])
        case .address: return random.pick(["'::'", "'::1'", "'2001:db8::ff00:42:8329'", "'::192.0.2.128'"])
        }
    }

    private static func integer(_ bits: Int, _ isUnsigned: Bool, _ random: inout SeededRandom) -> String {
        if random.chance(60) { return "\(Int.random(in: 0...20, using: &random))" }
        let top = UInt64.max >> UInt64(64 - bits)
        if isUnsigned { return "\(random.pick([top, top - 1, 0, UInt64.random(in: 0...top, using: &random)]))" }
        let greatest = Int64(top >> 1)
        return "\(random.pick([greatest, -greatest - 1, -1, Int64.random(in: -greatest...greatest, using: &random)]))"
    }

    private static func decimal(_ digits: Int, _ scale: Int, _ isUnsigned: Bool, _ random: inout SeededRandom) -> String {
        func some(_ count: Int) -> String { (0..<count).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined() }
        let sign = isUnsigned || random.chance(50) ? "" : "-"
        let whole = some(Int.random(in: 0...digits - scale, using: &random))
        return "\(sign)0\(whole)" + (scale > 0 ? ".\(some(scale))" : "")
    }

    private static func temporal(_ kind: String, _ random: inout SeededRandom) -> String {
        let times =
            switch kind {
            case "TIME": ["-838:59:59", "838:59:59", "00:00:00", "-00:00:00", "12:34:56"]
            case "TIMESTAMP": ["0000-00-00 00:00:00", "1970-01-02 00:00:01", "2038-01-18 03:14:07", "2026-03-29 02:30:00"]
            default: ["0000-00-00 00:00:00", "1000-01-01 00:00:00", "9999-12-31 00:59:59", "2004-02-30 12:00:00", "2026-11-21 12:34:56"]
            }
        return "'\(random.pick(times))\(random.pick(["", "", ".000001", ".5", ".999999", ".123456"]))'"
    }

    private static let pieces = ["a", "A", "é", "漢", "😀", "'", "\\", "\"", "\n", "\0", " ", ";", "%", "ß", "zz", "\u{1a}", "`", "0", "Я"]

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func text(_ characters: Int, _ random: inout SeededRandom) -> String {
        let count = Int.random(in: 0...min(characters, 8), using: &random)
        let text = (0..<count).map { _ in random.pick(pieces) }.joined().prefix(characters)
        let literal = "_utf8mb4 x'\(hexadecimal(text.utf8))'"
        return random.chance(5) && count > 0 ? "LEFT(REPEAT(\(literal), 300), \(characters))" : literal
    }

    private static func bytes(_ count: Int, _ random: inout SeededRandom) -> String {
        let length = Int.random(in: 0...min(count, 10), using: &random)
        let literal = "x'\(hexadecimal((0..<length).map { _ in random.pick([0, 0x20, 0x27, 0x5c, 0x80, 0xff, 0x41]) }))'"
        return random.chance(5) && length > 0 ? "LEFT(REPEAT(\(literal), 300), \(count))" : literal
    }

    private static func json(_ random: inout SeededRandom) -> String {
        random.pick([
            "'null'", "'[]'", "'{}'", "'\"it''s é\"'", "'1.0'", "'-9223372036854775808'", "'18446744073709551615'", "'1e100'",
            #"'{"a": [1, 2.5, null, true, {"b": "漢😀"}], "k": {"l": [1, 2, 3, 4, 5, 6, 7]}, "m": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}'"#,
            #"'{"a": {"b": [1, 2, 3]}, "c": "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy", "k": 0}'"#,
            "JSON_OBJECT('k', 5, 'r', REPEAT('é', 200))", "JSON_ARRAY(1, 'two', 3.25, NULL, JSON_OBJECT('a', 1))",
        ])
    }

    private static func geometry(_ kind: String, _ random: inout SeededRandom) -> String {
        let shapes = [
            "POINT": "POINT(\(Int.random(in: -9...9, using: &random)) 2.5)", "LINESTRING": "LINESTRING(0 0,1 1,2 0)",
            "POLYGON": "POLYGON((0 0,4 0,4 4,0 4,0 0))", "MULTIPOINT": "MULTIPOINT(1 1,2 2)",
            "GEOMETRYCOLLECTION": "GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))",
        ]
        let shape = shapes[kind] ?? random.pick(shapes.values.sorted())
        return "ST_GeomFromText('\(shape)')"
    }
}

extension SeededRandom {
    /// True so many times in a hundred.
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }
}
