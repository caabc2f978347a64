import Common
import Testing

/// What stands before a statement for it to run as it did: INTVAR, RAND, USER_VAR.
@Suite struct StatementEventTests {
    private static let statements = "mysql-9.7.4-statements.000001"
    private static let shapes = "mariadb-10.11.19-shapes.000001"

    @Test("INTVAR tells which integer and its value")
    func intvar() throws {
        var body: [UInt8] = [2]
        body.append(littleEndian: UInt64(1) << 63)
        let bytes = EventScript.raw(.intvar, body: body)
        let event = try IntvarEvent(decoding: bytes.span.bytes, checksum: .crc32)
        #expect(event.variable == .insertID && event.value == 1 << 63)
        let wrong = EventScript.raw(.intvar, body: [3] + [UInt8](repeating: 0, count: 8))
        #expect(throws: CodecError.self) { try IntvarEvent(decoding: wrong.span.bytes, checksum: .crc32) }
    }

    @Test(
        "INTVAR and RAND of real servers",
        arguments: [
            (statements, ["insert 1", "last 1", "insert 102", "insert 103", "insert 104"]),
            (shapes, ["insert 12", "last 12", "insert 13", "insert 14", "insert 17"]),
        ])
    func real(name: String, expected: [String]) throws {
        let file = try BinlogFile(name)
        var integers: [String] = []
        var seeds = 0
        for (_, bytes) in file.events {
            switch try EventHeader(decoding: bytes.span.bytes).type {
            case .intvar:
                let event = try IntvarEvent(decoding: bytes.span.bytes, checksum: file.checksum)
                integers.append("\(event.variable == .lastInsertID ? "last" : "insert") \(event.value)")
            case .rand:
                let event = try RandEvent(decoding: bytes.span.bytes, checksum: file.checksum)
                // The generator's modulus.
                #expect(event.seed1 < 0x3fff_ffff && event.seed2 < 0x3fff_ffff && event.seed1 != event.seed2)
                seeds += 1
            default: break
            }
        }
        #expect(seeds == 1 && integers == expected)
    }

    /// A variable as text, for comparison.
    private func text(_ bytes: [UInt8], _ checksum: ChecksumAlgorithm = .crc32) throws -> String {
        let event = try UserVariableEvent(decoding: bytes.span.bytes, checksum: checksum)
        let name = event.name.string
        switch event.value {
        case .null: return "\(name)=NULL"
        case .string(let text, let collation): return "\(name)='\(text.string)' \(collation)"
        case .real(let number): return "\(name)=\(number)"
        case .signed(let number): return "\(name)=\(number)"
        case .unsigned(let number): return "\(name)=\(number) unsigned"
        case .decimal(let number):
            var digits: [UInt8] = []
            try number.appendText(to: &digits)
            return "\(name)=\(String(decoding: digits, as: UTF8.self)) DECIMAL(\(number.precision),\(number.scale))"
        }
    }

    @Test(
        "user variables of real servers have the values that were set",
        arguments: [
            (
                statements,
                [
                    "s='text' 255", "i=-5", "u=18446744073709551615 unsigned", "r=1.5", "d=-12345.678 DECIMAL(8,3)", "n=NULL",
                    "b='\u{0}\u{fffd}' 63", "l='caf\u{fffd}' 8", "odd`name='\u{0}x' 54",
                ]
            ),
            (
                shapes,
                [
                    "s='text' 45", "i=-5", "u=18446744073709551615 unsigned", "r=1.5", "d=12345.678 DECIMAL(8,3)", "n=NULL",
                    "b='\u{0}\u{fffd}' 63", "l='caf\u{fffd}' 8", "s='text' 45", "i=-5", "r=1.5",
                ]
            ),
        ])
    func realVariables(name: String, expected: [String]) throws {
        let file = try BinlogFile(name)
        let variables = try file.events.map(\.bytes).filter { try EventHeader(decoding: $0.span.bytes).type == .userVar }
        #expect(try variables.map { try text($0, file.checksum) } == expected)
    }

    /// The body of a USER_VAR event with a value.
    private func variable(_ name: String, type: UInt8, collation: UInt32 = 33, _ value: [UInt8], flags: [UInt8] = [0]) -> [UInt8] {
        var body: [UInt8] = []
        body.append(littleEndian: UInt32(name.utf8.count))
        body += name.utf8
        body += [0, type]
        body.append(littleEndian: collation)
        body.append(littleEndian: UInt32(value.count))
        return EventScript.raw(.userVar, body: body + value + flags)
    }

    @Test(
        "packed decimals are read digit by digit",
        arguments: [
            ("80", 1, 0, "0"), ("7f", 1, 0, "-0"), ("89", 1, 0, "9"), ("76", 1, 0, "-9"),
            // The example in the server's own source.
            ("810dfb38d204d2", 14, 4, "1234567890.1234"), ("7ef204c72dfb2d", 14, 4, "-1234567890.1234"),
            ("8005", 4, 2, "0.05"), ("80" + "05", 3, 2, "0.05"), ("8000000005", 9 + 1, 1, "0.5"),
        ])
    func decimals(hex: String, precision: UInt8, scale: UInt8, expected: String) throws {
        let digits = stride(from: 0, to: hex.count, by: 2).map { index -> UInt8 in
            let start = hex.index(hex.startIndex, offsetBy: index)
            return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)!
        }
        let bytes = variable("d", type: 4, [precision, scale] + digits)
        #expect(try text(bytes) == "d=\(expected) DECIMAL(\(precision),\(scale))")
    }

    @Test("a decimal of 65 digits is read exactly")
    func longestDecimal() throws {
        // 35 digits before the point: eight and three words; 30 behind: three words and three.
        var digits: [UInt8] = []
        for (count, value) in [(4, 12_345_678), (4, 999_999_999), (4, 0), (4, 1), (4, 123_456_789), (4, 987_654_321), (4, 5), (2, 120)] {
            for byte in 0..<count { digits.append(UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - byte)))) }
        }
        digits[0] |= 0x80
        let expected = "12345678999999999000000000000000001.123456789987654321000000005120"
        #expect(try text(variable("d", type: 4, [65, 30] + digits)) == "d=\(expected) DECIMAL(65,30)")
    }

    @Test("a variable that cannot be is an error")
    func impossible() throws {
        let nameless = variable("", type: 0, [65])
        let rowType = variable("x", type: 3, [65])
        let shortNumber = variable("x", type: 2, [1, 2, 3, 4])
        let decimals: [[UInt8]] = [
            [66, 0, 0x80], [0, 0, 0x80], [5, 6, 0x80, 0, 0], [31, 31] + [UInt8](repeating: 0x80, count: 20), [9, 0, 0x80],
        ]
        for bytes in [nameless, rowType, shortNumber] + decimals.map({ variable("x", type: 4, $0, flags: []) }) {
            #expect(throws: CodecError.self) { _ = try text(bytes) }
        }
        // Nine digits hold no more than 999999999.
        #expect(throws: CodecError.self) { _ = try text(variable("x", type: 4, [9, 0, 0xbf, 0xff, 0xff, 0xff])) }
    }

    @Test("a number without flags, from an old server, is signed; what a newer one adds is passed over")
    func flags() throws {
        let ones = [UInt8](repeating: 0xff, count: 8)
        #expect(try text(variable("x", type: 2, ones, flags: [])) == "x=-1")
        #expect(try text(variable("x", type: 2, ones, flags: [1])) == "x=18446744073709551615 unsigned")
        #expect(try text(variable("x", type: 2, ones, flags: [1, 2, 3])) == "x=18446744073709551615 unsigned")
    }

    @Test("of a long text, as much is shown as is there")
    func longText() throws {
        let bytes = variable("x", type: 0, [UInt8](repeating: 0x61, count: 1000))
        let head = try UserVariableEvent(decoding: bytes.span.bytes.extracting(0..<100), checksum: .crc32)
        let isComplete = head.isComplete
        #expect(!isComplete)
        guard case .string(let text, _) = head.value else { return #expect(Bool(false)) }
        #expect(text.byteCount == 100 - 19 - 4 - 1 - 2 - 8)
        #expect(throws: CodecError.self) {
            var lie = bytes
            lie.store(littleEndian: UInt32(1001 + 4), at: 19 + 4 + 1 + 2 + 4)
            _ = try UserVariableEvent(decoding: lie.span.bytes, checksum: .crc32)
        }
    }
}
