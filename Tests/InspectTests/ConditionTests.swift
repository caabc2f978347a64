import BinlogFiles
import BinlogInput
import Common
import Testing

@testable import binlog_inspect

/// What `--where` finds, in rows that a real server wrote.
@Suite struct ConditionTests {
    /// The ids of the rows of a table that MySQL 9.7 inserted and that conditions find.
    private func ids(_ table: String, _ conditions: [String], int64AsString: Bool = false) throws -> [Int] {
        var options = PrintOptions(format: .json, writesInt64AsString: int64AsString)
        options.rows = RowFilter(tables: [TablePattern(table)], changes: [.insert])
        options.rows.conditions = try conditions.map { try RowCondition(parsing: $0) }
        let shown = try Inspected([Corpus.path("rows-mysql-9.7.4-full.000001")], InspectOptions(print: options))
        #expect(shown.error == nil)
        return shown.lines.compactMap { $0.firstMatch(of: #/"after":\{"id":"?(\d+)/#).flatMap { Int($0.1) } }
    }

    @Test(
        "a BIT column is a number, however it is written",
        arguments: [
            ("b1=b'1'", [1, 3, 5, 6, 7, 8, 9]), ("b1=1", [1, 3, 5, 6, 7, 8, 9]), ("b1=0x01", [1, 3, 5, 6, 7, 8, 9]), ("b1=B'0'", [2]),
            ("b1 = 0b0", [2]), ("b1=x'00'", [2]), ("b9='341'", [1]), ("b9 > 0x155", [5]), ("b9=b'101010101'", [1]),
            ("b64=18446744073709551615", [1]), ("b64>=0x8000000000000000", [1, 5]), ("b64=0xffffffffffffffffff", []), ("b1=yes", []),
            ("b1!=1", [2]),
        ])
    func bits(condition: String, expected: [Int]) throws { #expect(try ids("r.numbers", [condition]) == expected) }

    @Test(
        "integers are compared to their last digit, however json shows them",
        arguments: [
            ("i64=-9223372036854775808", [1]), ("i64<-9223372036854775807", [1]), ("i64=-9223372036854775809", []),
            ("i64>9223372036854775806", [2]), ("u64=18446744073709551615", [1]), ("u64 > 18446744073709551614", [1]),
            ("u64=18446744073709551614", []), ("u64=9223372036854775808", [5]), ("u64=9223372036854775809", []), ("i8=-128.0", [1]),
            ("i8<-127.999", [1]), ("i8 > 126.5", [2]), ("u8=0xff", [1]), ("u8=2.55e2", [1]), ("u8<>255", [2, 3, 5, 6, 7, 8, 9]),
            ("u8 < x", []), ("y=2155", [1]), ("y<1950", [2, 3]),
        ])
    func integers(condition: String, expected: [Int]) throws {
        #expect(try ids("r.numbers", [condition]) == expected)
        #expect(try ids("r.numbers", [condition], int64AsString: true) == expected)
    }

    @Test(
        "DECIMAL is compared digit by digit, and a FLOAT with the nearest FLOAT",
        arguments: [
            ("n2=-0.01", [2]), ("n2=-.010", [2]), ("n2=-1e-2", [2]), ("n2 < -0.009999999999999999999", [2]),
            ("n3=0.123456789012345678901234567890", [1]), ("n3=0.12345678901234567", []), ("n3>0.123456789012345678901234567889", [1, 5]),
            ("n3<-0.0000000000000000000000000000009", [2]), ("n3<-0.000000000000000000000000000001", []),
            ("n4=100000000000000000000", [5]), ("n4=100000000000000000001", []), ("n4=1e20", [5]), ("n2<0", [2]), ("n2=0.000", [3]),
            ("n2 = 12345678.9", [1]), ("n2=a", []), ("f=0.1", [3]), ("d=0.1", [3]), ("d=-1e100", [9]), ("f>1e38", [1]), ("d<-1e99", [9]),
            ("f=123456.7", [9]),
        ])
    func decimals(condition: String, expected: [Int]) throws { #expect(try ids("r.numbers", [condition]) == expected) }

    @Test(
        "dates and times are compared as such, in the form that servers print",
        arguments: [
            ("t0=999999-12-31", []), ("t0<00:00:00", [2, 5]), ("t0 < '-100:00:00'", [2]), ("t0=-838:59:59", [2]), ("t1>'99:00:00'", [3]),
            ("t6='-00:00:00.000001'", [2]),
            ("t6 > -00:00:00.000002 ", [1, 2]), ("t3='12:34:56.789000'", [1]), ("d=2026-11-21", [1]), ("d>'2026-11-20 23:59:59'", [1, 2]),
            ("dt0=2026-11-21", []), ("dt0='2026-11-21 12:34:56.000000'", [1]), ("dt2=2026-11-21", [5]), ("dt0>=2026-11", [1, 2]),
            ("dt6>2026-11-21T12:34:56.789122", [1, 2]), ("d < 1000-01-01", [3]), ("d=0000-00-00", [3]),
        ])
    func temporals(condition: String, expected: [Int]) throws { #expect(try ids("r.times", [condition]) == expected) }

    @Test(
        "text is compared in UTF-8 whatever its charset, by code points, and never as a number",
        arguments: [
            ("l1='¡Grüße€!'", [1]), ("gb=漢字", [1]), ("u2='ucs漢'", [1]), ("u16=😀a", [1]), ("u16l=😀b", [1]), ("u32=😀c", [1]), ("sj=日本", [1]),
            ("eu=한국", [1]), ("k8=Привет", [1]), ("k8>Приве", [1]), ("k8 < 'Привеу'", [1, 2, 4]), ("g18=漢😀", [1]), ("u3=naïve", [1]),
            ("c255='it''s \"quoted\" \\ back'", [1]), ("c255=it's \"quoted\" \\ back", [1]),
            ("tx='line\nline\ttab\rcr\0nul\u{1a}sub'", [1]),
            ("c10=0123456789", [4]), ("c10=123456789", []), ("c10=0123456789.0", []), ("c10<9", [2, 4]), ("c10>1", [1]), ("t=TINY", []),
            ("e='it''s'", [2]), ("el=ä", [1]), ("s='x,y'", [1]), ("c10=''", [2]),
        ])
    func texts(condition: String, expected: [Int]) throws { #expect(try ids("r.strings", [condition]) == expected) }

    @Test(
        "binary columns are compared byte for byte, with digits or with text",
        arguments: [
            ("bi=0x0001020300000000", [1]), ("bi=0x00010203", []), ("vb=0x003162696e", [1]), ("tb=x'FF00'", [1]),
            ("tb=b'1111111100000000'", [1]),
            ("bb>0xdeadbeee", [1]), ("tb='0xff00'", []), ("lb=0x1", [1]), ("bin2=bin", [1]), ("bin2=0x62696e", []),
        ])
    func binaries(condition: String, expected: [Int]) throws { #expect(try ids("r.strings", [condition]) == expected) }

    @Test("NULL is found by IS NULL alone, and all conditions hold in one image")
    func nulls() throws {
        #expect(try ids("r.numbers", ["i8 is null"]) == [4])
        #expect(try ids("r.numbers", ["i8 IS NOT NULL", "id < 4"]) == [1, 2, 3])
        #expect(try ids("r.numbers", ["i8 != 1"]) == [1, 2, 3, 5])
        #expect(try ids("r.strings", ["t='x IS NULL'"]) == [])
        #expect(try ids("r.strings", ["t!=x is null"]) == [1, 2, 4])
    }
}
