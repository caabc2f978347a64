@testable import Common
import Testing

@Suite struct ValueWriterTests {
    private typealias Column = RowScript.Column

    /// "short" bytes as a VARCHAR of at most 255 bytes has them.
    private func varchar(_ bytes: [UInt8], collation: UInt64?) -> Column {
        Column(type: .varchar, metadata: [200, 0], value: [UInt8(bytes.count)] + bytes, collation: collation)
    }

    @Test("an integer is unsigned only where the table says so")
    func integers() throws {
        #expect(try RowScript.write(Column(type: .tiny, value: [0xff])) == ["-1", "-1", "-1"])
        #expect(try RowScript.write(Column(type: .tiny, value: [0xff], isUnsigned: true)) == ["255", "255", "255"])
        #expect(try RowScript.write(Column(type: .short, value: [0x00, 0x80])) == ["-32768", "-32768", "-32768"])
        #expect(try RowScript.write(Column(type: .int24, value: [0xff, 0xff, 0x7f])) == ["8388607", "8388607", "8388607"])
        #expect(try RowScript.write(Column(type: .int24, value: [0, 0, 0x80]))[0] == "-8388608")
        #expect(try RowScript.write(Column(type: .long, value: [0xff, 0xff, 0xff, 0xff], isUnsigned: true))[0] == "4294967295")
        let high = [UInt8](repeating: 0xff, count: 8)
        #expect(try RowScript.write(Column(type: .longLong, value: high, isUnsigned: true))[2] == "18446744073709551615")
        #expect(
            try RowScript.write([Column(type: .longLong, value: high)], as: .json, writer: ValueWriter(writesInt64AsString: true)) == [
                "\"-1\""
            ])
    }

    @Test("floating-point numbers keep every bit, and SQL has no DECIMAL in their place")
    func floatingPoint() throws {
        func double(_ value: Double) throws -> [String] {
            var bytes: [UInt8] = []
            bytes.append(littleEndian: value.bitPattern)
            return try RowScript.write(Column(type: .double, metadata: [8], value: bytes))
        }
        func single(_ value: Float) throws -> [String] {
            var bytes: [UInt8] = []
            bytes.append(littleEndian: value.bitPattern)
            return try RowScript.write(Column(type: .float, metadata: [4], value: bytes))
        }
        #expect(try double(0.1) == ["0.1", "1e-1", "0.1"])
        #expect(try double(-0.0) == ["-0", "-0e0", "-0"])
        #expect(try double(1e100) == ["1e100", "1e100", "1e100"])
        #expect(try double(.leastNonzeroMagnitude)[0] == "5e-324")
        #expect(try double(123_456_789_012_345_680)[0] == "1.2345678901234568e17")
        #expect(try double(1e14)[0] == "100000000000000")
        #expect(try double(1_234_567_890_123_456.8)[0] == "1234567890123456.8")
        #expect(try double(1e-15)[0] == "0.000000000000001")
        #expect(try double(1e-16)[0] == "1e-16")
        #expect(try double(.nan) == ["nan", "NULL", "null"])
        #expect(try single(0.1) == ["0.1", "1.0000000149011612e-1", "0.1"])
        #expect(try single(16_777_216) == ["16777216", "1.6777216e7", "16777216"])
    }

    @Test("DECIMAL is exact, its zeros in front left out")
    func decimals() throws {
        // decimal.cc's own example: 1234567890.1234 as DECIMAL(14,4).
        let value: [UInt8] = [0x81, 0x0d, 0xfb, 0x38, 0xd2, 0x04, 0xd2]
        #expect(
            try RowScript.write(Column(type: .newDecimal, metadata: [14, 4], value: value)) == [
                "1234567890.1234", "1234567890.1234", "\"1234567890.1234\"",
            ])
        let negative: [UInt8] = [0x7e, 0xf2, 0x04, 0xc7, 0x2d, 0xfb, 0x2d]
        #expect(try RowScript.write(Column(type: .newDecimal, metadata: [14, 4], value: negative))[0] == "-1234567890.1234")
        #expect(try RowScript.write(Column(type: .newDecimal, metadata: [2, 2], value: [0x85]))[0] == "0.05")
        #expect(try RowScript.write(Column(type: .newDecimal, metadata: [1, 0], value: [0x80]))[0] == "0")
    }

    @Test("BIT has its width, and is a number in JSON")
    func bits() throws {
        #expect(try RowScript.write(Column(type: .bit, metadata: [1, 1], value: [1, 5])) == ["b'100000101'", "b'100000101'", "261"])
        #expect(try RowScript.write(Column(type: .bit, metadata: [0, 1], value: [0x81]))[0] == "b'10000001'")
    }

    @Test("the temporal formats before 5.6, with zero dates")
    func oldTemporals() throws {
        #expect(try RowScript.write(Column(type: .year, value: [0])) == ["0000", "0000", "0"])
        #expect(try RowScript.write(Column(type: .year, value: [126])) == ["2026", "2026", "2026"])
        // 2026-11-21: 2026 × 512 + 11 × 32 + 21
        #expect(try RowScript.write(Column(type: .date, value: [0x75, 0xd5, 0x0f])) == ["'2026-11-21'", "'2026-11-21'", "\"2026-11-21\""])
        #expect(try RowScript.write(Column(type: .date, value: [0, 0, 0]))[0] == "'0000-00-00'")
        #expect(try RowScript.write(Column(type: .time, value: [0x40, 0xe2, 0x01]))[0] == "'12:34:56'")
        #expect(try RowScript.write(Column(type: .time, value: [0xc0, 0x1d, 0xfe]))[0] == "'-12:34:56'")
        let dateTime: [UInt8] = [0x80, 0x64, 0xed, 0x68, 0x6d, 0x12, 0, 0]
        #expect(try RowScript.write(Column(type: .dateTime, value: dateTime))[0] == "'2026-11-21 12:34:56'")
        #expect(try RowScript.write(Column(type: .timestamp, value: [0xff, 0xff, 0xff, 0x7f]))[0] == "'2038-01-19 03:14:07'")
        #expect(try RowScript.write(Column(type: .timestamp, value: [0, 0, 0, 0]))[0] == "'0000-00-00 00:00:00'")
        #expect(try RowScript.write(Column(type: .timestamp, value: [0x80, 0xe6, 0xba, 0x38]))[0] == "'2000-02-28 21:20:00'")
    }

    @Test("a negative TIME borrows from its fraction")
    func times() throws {
        #expect(try RowScript.write(Column(type: .time2, metadata: [2], value: [0x7f, 0xff, 0xff, 0xff]))[0] == "'-00:00:00.01'")
        #expect(try RowScript.write(Column(type: .time2, metadata: [0], value: [0x7f, 0xff, 0xff]))[0] == "'-00:00:01'")
        #expect(
            try RowScript.write(Column(type: .time2, metadata: [6], value: [0x80, 0, 0, 0, 0, 1]))[2] == "\"00:00:00.000001\"")
    }

    @Test("text in SQL is in quotes only where it means the same to every session")
    func sqlText() throws {
        #expect(try RowScript.write(varchar(Array("it's".utf8), collation: 45)) == [#"'it\'s'"#, "'it''s'", "\"it's\""])
        #expect(
            try RowScript.write(varchar(Array(#"a\b"c"#.utf8), collation: 33)) == [
                #"'a\\b"c'"#, "_utf8mb4 x'615c622263'", #""a\\b\"c""#,
            ])
        #expect(try RowScript.write(varchar([0xe4, 0x80], collation: 8)) == ["'ä€'", "_latin1 x'e480'", "\"ä€\""])
        #expect(try RowScript.write(varchar([0x41, 0x42], collation: 35)) == ["'䅂'", "_ucs2 x'4142'", "\"䅂\""])
        #expect(try RowScript.write(varchar(Array("a\nb\u{1}".utf8), collation: nil))[0] == "0x610a6201")
        #expect(try RowScript.write(varchar([0x4e, 0x2d], collation: nil)) == ["'N-'", "x'4e2d'", "\"N-\""])
        #expect(
            try RowScript.write(varchar(Array("a\nb\u{1}".utf8), collation: 45)) == [
                #"'a\nb\x01'"#, "_utf8mb4 x'610a6201'", #""a\nb\u0001""#,
            ])
        #expect(try RowScript.write(varchar([], collation: 45)) == ["''", "''", "\"\""])
    }

    @Test("bytes that are no text are shown as bytes, and stay a string in JSON where the column is one")
    func invalidText() throws {
        #expect(try RowScript.write(varchar([0x61, 0xff], collation: 45)) == ["0x61ff", "_utf8mb4 x'61ff'", "\"a\u{fffd}\""])
        #expect(try RowScript.write(varchar([0x61, 0xff], collation: nil)) == ["0x61ff", "x'61ff'", "{\"base64\":\"Yf8=\"}"])
        #expect(try RowScript.write(varchar([0xd8, 0x00, 0x00], collation: 54))[2] == "\"\u{fffd}\u{fffd}\"")
        #expect(try RowScript.write(varchar([0x00, 0x11, 0x00, 0x00], collation: 60))[0] == "0x00110000")
    }

    @Test(
        "charsets by iconv",
        arguments: [
            (28, [0x9d, 0x68, 0xd7, 0xd6], "漢字"), (13, [0x93, 0xfa, 0x96, 0x7b], "日本"), (19, [0xc7, 0xd1, 0xb1, 0xb9], "한국"),
            (7, [0xf0, 0xd2, 0xc9], "При"), (248, [0x94, 0x39, 0xda, 0x33], "💩"), (51, [0xcf, 0xf0], "Пр"), (2, [0xbf, 0xf3, 0xb3], "żół"),
            (95, [0x93, 0xfa], "日"), (12, [0xc6, 0xfc], "日"), (1, [0xba, 0x7e], "漢"), (24, [0xba, 0xba], "汉"),
        ])
    func charsets(collation: Int, bytes: [UInt8], text: String) throws {
        #expect(try RowScript.write(varchar(bytes, collation: UInt64(collation)))[0] == "'\(text)'")
    }

    @Test(
        "what iconv reads otherwise than servers do is read as servers do",
        arguments: [
            (13, [0x81, 0x5f], "\\"), (13, [0x93, 0xfa, 0x5c, 0x7e, 0x83, 0x5c], "日\\~ソ"), (12, [0xc6, 0xfc, 0xa1, 0xc0], "日\\"),
            (12, [0x8f, 0xb0, 0xa1, 0x5c], "丂\\"), (10, [0x24, 0x40, 0x5e, 0x60, 0x7e, 0x41], "$ÉÜéüA"), (36, [0xfc, 0xfd], "ⁿ²"),
            (25, [0xa1, 0xa2, 0xe1], "ʽʼα"), (16, [0xaf], "‾"), (22, [0x95], "•"), (39, [0xc6], "∆"), (92, [0x80, 0xfd], "€№"),
            (32, [0xa2, 0xff], "§'"),
        ])
    func readAsServers(collation: Int, bytes: [UInt8], text: String) throws {
        #expect(try RowScript.write(varchar(bytes, collation: UInt64(collation)))[2] == "\"\(text.replacing("\\", with: "\\\\"))\"")
    }

    @Test("iconv has every charset but the one it never had")
    func converters() {
        for charset in Charset.allCases where charset != .keybcs2 && charset != .unknown && charset != .binary {
            var sink = ByteSink()
            let bytes: [UInt8] =
                [.utf32].contains(charset)
                ? [0, 0, 0, 0x41] : charset == .utf16le ? [0x41, 0] : [.ucs2, .utf16].contains(charset) ? [0, 0x41] : [0x41]
            #expect(bytes.withUnsafeBytes { TextConverter(charset).convert($0, into: &sink) }, "\(charset)")
            #expect(sink.string == "A", "\(charset)")
        }
    }

    @Test("binary columns are hexadecimal, BINARY with the zeros that the row leaves out")
    func binary() throws {
        let column = Column(type: .string, metadata: [0xfe, 4], value: [2, 0xca, 0xfe], collation: 63)
        #expect(try RowScript.write(column) == ["0xcafe0000", "x'cafe0000'", "{\"base64\":\"yv4AAA==\"}"])
        let blob = Column(type: .blob, metadata: [2], value: [1, 0, 0x00], collation: 63)
        #expect(try RowScript.write(blob) == ["0x00", "x'00'", "{\"base64\":\"AA==\"}"])
        let vector = Column(type: .vector, metadata: [4], value: [4, 0, 0, 0, 0, 0, 0x80, 0x3f])
        #expect(try RowScript.write(vector) == ["0x0000803f", "x'0000803f'", "{\"base64\":\"AACAPw==\"}"])
    }

    @Test("a CHAR over 255 bytes keeps bits of its length in its type")
    func longChar() throws {
        let text = [UInt8](repeating: 0x61, count: 300)
        let column = Column(type: .string, metadata: [0xce, 0xfc], value: [0x2c, 0x01] + text, collation: 45)
        #expect(try RowScript.write(column)[0] == "'" + String(repeating: "a", count: 300) + "'")
    }

    @Test("ENUM and SET by name for readers, by number for SQL")
    func labels() throws {
        let labels = ["a", "it's"].map { Array($0.utf8) }
        func enumeration(_ number: UInt8) throws -> [String] {
            try RowScript.write(Column(type: .string, metadata: [0xf7, 1], value: [number], collation: 45, labels: labels))
        }
        #expect(try enumeration(2) == [#"'it\'s'"#, "2", "\"it's\""])
        #expect(try enumeration(0) == ["''", "0", "\"\""])
        #expect(try enumeration(9) == ["9", "9", "9"])
        func set(_ bits: UInt8) throws -> [String] {
            try RowScript.write(Column(type: .string, metadata: [0xf8, 1], value: [bits], collation: 45, labels: labels))
        }
        #expect(try set(3) == [#"'a,it\'s'"#, "3", "\"a,it's\""])
        #expect(try set(0) == ["''", "0", "\"\""])
        #expect(try set(4) == ["4", "4", "4"])
    }

    @Test("NULL is NULL")
    func null() throws {
        #expect(try RowScript.write(Column(type: .long)) == ["NULL", "NULL", "null"])
    }

    @Test("the DECIMAL of MySQL 4 is named as unsupported")
    func oldDecimal() {
        #expect(throws: CodecError.self) { try RowScript.write(Column(type: .decimal, value: [0])) }
    }

    @Test("an escape at any place of a word is found")
    func escapes() throws {
        for length in 1...40 {
            for place in 0..<length {
                var bytes = [UInt8](repeating: 0x78, count: length)
                bytes[place] = 0x0a
                let text = String(repeating: "x", count: place) + "\\n" + String(repeating: "x", count: length - place - 1)
                #expect(try RowScript.write(varchar(bytes, collation: 45))[2] == "\"\(text)\"")
            }
        }
    }
}
