import Common
import Testing

@Suite struct GTIDTests {
    @Test("a UUID is read in either case and printed in small letters")
    func sourceText() throws {
        let id = try SourceID(parsing: "3E11FA47-71CA-11E1-9E33-c80aa9429562")
        #expect(id.high == 0x3e11_fa47_71ca_11e1)
        #expect(id.low == 0x9e33_c80a_a942_9562)
        #expect(id.description == "3e11fa47-71ca-11e1-9e33-c80aa9429562")
    }

    @Test("a UUID's sixteen bytes are its digits in order")
    func sourceBytes() throws {
        let id = try SourceID(parsing: TestUUID.bytes)
        var bytes: [UInt8] = []
        id.encode(into: &bytes)
        #expect(bytes == Array(0...15))
        var reader = ByteReader(bytes.span.bytes)
        #expect(try SourceID(from: &reader) == id)
        #expect(reader.remaining == 0)
    }

    @Test(
        "what is no UUID is an error at the first byte that does not fit",
        arguments: [
            ("", 0), ("0001020", 7), ("000102030405-0607-0809-0a0b0c0d0e0f", 8), ("00010203-0405-0607-0809-0a0b0c0d0e0", 35),
            ("{0010203-0405-0607-0809-0a0b0c0d0e0f}", 0), ("00010203-0405-0607-0809-0a0b0c0d0e0f0", 36),
            ("00010203-0405-0607-0809_0a0b0c0d0e0f", 23),
        ])
    func sourceErrors(text: String, offset: Int) {
        do {
            _ = try SourceID(parsing: text)
            Issue.record("\(text) was read as a UUID")
        } catch {
            #expect(error.code == .invalid)
            #expect(error.offset == offset)
        }
    }

    @Test("tags of every length keep their characters, in small letters, and order as text does")
    func tags() throws {
        let all = "_AbCdEfGhIjKlMnOpQrStUvWxYz_0189"
        #expect(all.utf8.count == GTIDTag.maxByteCount)
        var previous = GTIDTag.none
        for count in 1...GTIDTag.maxByteCount {
            let tag = try GTIDTag(parsing: all.prefix(count))
            #expect(tag.description == all.prefix(count).lowercased())
            #expect(tag.byteCount == count)
            #expect(!tag.isEmpty)
            #expect(previous < tag)
            previous = tag
        }
        #expect(try GTIDTag(parsing: "") == .none)
        #expect(GTIDTag.none.byteCount == 0)
        #expect(GTIDTag.none.isEmpty)
        #expect(try GTIDTag(parsing: "b") > GTIDTag(parsing: "azzz"))
    }

    @Test("what is no tag is an error", arguments: [("1a", 0), ("a-b", 1), ("a b", 1), ("aé", 1), (String(repeating: "a", count: 33), 0)])
    func tagErrors(text: String, offset: Int) {
        do {
            _ = try GTIDTag(parsing: text)
            Issue.record("\(text) was read as a tag")
        } catch {
            #expect(error.offset == offset)
        }
    }

    @Test("a GTID is printed as it is read, without the white space")
    func gtidText() throws {
        let plain = try GTID(parsing: " \(TestUUID.one) : 23 ")
        #expect(plain.description == "\(TestUUID.one):23")
        #expect(plain.number == 23)
        #expect(plain.tag.isEmpty)
        let tagged = try GTID(parsing: "\(TestUUID.one):Blue : 9223372036854775806")
        #expect(tagged.description == "\(TestUUID.one):blue:9223372036854775806")
        #expect(tagged.tag == (try GTIDTag(parsing: "blue")))
    }

    @Test(
        "what is no GTID is an error at the part that does not fit",
        arguments: [
            ("", 36), (":0", 37), (":", 37), (":a", 38), (":a:", 39), (":a:b:1", 39), (":1-2", 38), (":1:2", 38),
            (":9223372036854775807", 37),
        ])
    func gtidErrors(rest: String, offset: Int) {
        do {
            _ = try GTID(parsing: TestUUID.one + rest)
            Issue.record("\(rest) was accepted")
        } catch {
            #expect(error.offset == offset)
        }
    }

    @Test("a number that MySQL does not allow makes no GTID")
    func numberBounds() {
        let source = SourceID(high: 1, low: 2)
        #expect(GTID(source: source, number: 0) == nil)
        #expect(GTID(source: source, number: 1)?.number == 1)
        #expect(GTID(source: source, number: 9_223_372_036_854_775_806) != nil)
        #expect(GTID(source: source, number: 9_223_372_036_854_775_807) == nil)
        #expect(GTID(source: source, number: .max) == nil)
    }
}
