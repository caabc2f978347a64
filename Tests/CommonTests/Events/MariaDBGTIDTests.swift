import Common
import Testing

@Suite struct MariaDBGTIDTests {
    @Test("a GTID is read and printed", arguments: ["0-1-42", "4294967295-4294967295-18446744073709551615", "0-0-0"])
    func roundTrip(text: String) throws {
        let gtid = try MariaDBGTID(parsing: text)
        #expect(gtid.description == text)
        #expect(try MariaDBGTID(parsing: " \(text)\n") == gtid)
    }

    @Test(
        "what is no GTID is refused",
        arguments: [
            "", "0", "0-1", "0-1-", "-1-2", "0-1-2-3", "0-1-2,", "4294967296-1-1", "1-4294967296-1", "0-1-18446744073709551616", "0--1",
            "a-b-c",
        ])
    func invalid(text: String) {
        #expect(throws: CodecError.self) { try MariaDBGTID(parsing: text) }
    }

    @Test(
        "a position is read and printed by domain",
        arguments: [("", ""), ("0-1-42", "0-1-42"), ("0-1-42,1-2-7", "0-1-42,1-2-7"), (" 7-1-1 , 0-3-9 ", "0-3-9,7-1-1")])
    func position(text: String, expected: String) throws {
        #expect(try MariaDBGTIDPosition(parsing: text).description == expected)
    }

    @Test("what is no position is refused", arguments: [",", "0-1-42,", "0-1-42 1-2-7", "0-1-42,0-2-43", "0-1-42,x"])
    func invalidPosition(text: String) {
        #expect(throws: CodecError.self) { try MariaDBGTIDPosition(parsing: text) }
    }

    @Test("a position moves within a domain and takes new ones")
    func advance() throws {
        var position = try MariaDBGTIDPosition(parsing: "1-1-10")
        for text in ["1-2-11", "0-1-1", "9-1-5", "4-1-1"] { position.advance(to: try MariaDBGTID(parsing: text)) }
        #expect(position.description == "0-1-1,1-2-11,4-1-1,9-1-5")
        #expect(position[1]?.server == 2 && position[2] == nil)
        #expect(try position.includes(MariaDBGTID(parsing: "9-7-5")))
        #expect(try !position.includes(MariaDBGTID(parsing: "9-1-6")))
        #expect(try !position.includes(MariaDBGTID(parsing: "2-1-1")))
    }
}
