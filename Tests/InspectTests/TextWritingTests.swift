import Common
import Testing

@testable import binlog_inspect

@Suite struct TextWritingTests {
    private func text(_ body: (inout ByteSink) -> Void) -> String {
        var sink = ByteSink()
        body(&sink)
        return sink.string
    }

    private func excerpt(_ bytes: [UInt8], _ limit: Int = 80) -> String { text { $0.append(excerpt: bytes.span.bytes, limit: limit) } }

    @Test(
        "times are those of the Gregorian calendar in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"), (4_107_542_400, "2100-03-01T00:00:00Z"), (4_294_967_295, "2106-02-07T06:28:15Z"),
        ])
    func times(seconds: UInt64, expected: String) {
        #expect(text { $0.append(time: seconds) } == expected)
        #expect(text { $0.append(microsecondTime: seconds * 1_000_000 + 42) } == expected.dropLast() + ".000042Z")
    }

    @Test("numbers are padded, and the largest is written whole")
    func numbers() {
        #expect(text { $0.append(decimal: 42, width: 5) } == "   42")
        #expect(text { $0.append(zeroPadded: 7, width: 2) } == "07")
        #expect(text { $0.append(decimal: UInt64.max) } == "18446744073709551615")
        #expect(text { $0.append(signed: Int64.min) } == "-9223372036854775808")
    }

    @Test("a statement is shown on one line, cut by characters, with nothing that a terminal obeys")
    func excerpts() {
        #expect(excerpt(Array("  SELECT\n\t 1 ".utf8)) == "SELECT 1")
        #expect(excerpt(Array("añb€c😀d".utf8), 4) == "añb€…")
        #expect(excerpt(Array("añb€".utf8), 4) == "añb€")
        #expect(excerpt([0x61, 0x1b, 0x5b, 0x62, 0x7f, 0xc2, 0x9b]) == "a?[b???")
        #expect(excerpt([0xff, 0x61, 0xe2, 0x82, 0x62, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x98]) == "?a??b??????")
    }
}
