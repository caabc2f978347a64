import Common
import Testing

@Suite struct GTIDSetTests {
    static let zero = TestUUID.zero
    static let one = TestUUID.one
    static let maxNumber = "9223372036854775806"

    @Test(
        "a set in canonical form is printed as it is read",
        arguments: [
            "", "\(zero):1", "\(one):\(maxNumber)", "\(zero):1-\(maxNumber)", "\(zero):1-2:9-100", "\(zero):1-2:4:6-7,\(one):3",
            "\(zero):foo:1-2", "\(zero):1-2:999-1000:bar:1:3:foo:4-2000", "\(zero):a:1:aa:1:b:1,\(one):5:_x9:6",
            "\(TestUUID.high):this_is_a_32_character_long_tag_:42",
        ])
    func canonical(text: String) throws {
        #expect(try GTIDSet(parsing: text).description == text)
    }

    @Test(
        "ranges, tags and sources in any order, with overlaps, white space and empty parts, come out canonical",
        arguments: [
            (" ", ""), ("\r,, ,\t", ""), (zero, ""), (" \(zero) , \(one),,\(zero)", ""), (" \(zero) : tag : tag2", ""),
            ("\(zero):2-1", ""), ("\(zero) : 99 - 1 ", ""), ("\(zero):5-0", ""), ("\(zero):2-1:t:9-7,\(one):4", "\(one):4"),
            ("\(zero):1-1:1", "\(zero):1"), ("\u{0c}\u{0b}\n\(one)\t \t:\n1\r", "\(one):1"),
            ("\(zero):1-100:50-200:150-300", "\(zero):1-300"), ("\(zero):9:7:5:3:1", "\(zero):1:3:5:7:9"),
            ("\(zero):80-100:50-59:60-79", "\(zero):50-100"), ("\(zero):100-200:1-\(maxNumber)", "\(zero):1-\(maxNumber)"),
            ("\(zero):1-3,\(zero):4-6,", "\(zero):1-6"), ("\(one):1,\(zero):1", "\(zero):1,\(one):1"),
            ("\(TestUUID.high.uppercased()):TAG:1", "\(TestUUID.high):tag:1"),
            ("\(one):a:1-2:foo:20-100:bar:1-2000:foo:101-200:foo:1-25", "\(one):a:1-2:bar:1-2000:foo:1-200"),
            ("\(one):foo:7,\(zero):2,\(one):baz:foo:8,\(one):1", "\(zero):2,\(one):1:foo:7-8"),
        ])
    func normalised(text: String, expected: String) throws {
        #expect(try GTIDSet(parsing: text).description == expected)
    }

    @Test(
        "what is no set is an error at the part that does not fit",
        arguments: [
            (".", 0), ("1-2", 1), (":1", 0), ("%\(zero)", 0), ("é", 0), ("\(zero)!", 36), ("\(zero):", 37), ("\(zero)::", 37),
            ("\(zero)::1-2", 37),
            ("\(zero):1-2:", 41), ("\(zero):1-2::3-4", 41), ("\(zero):tag::1", 41), ("\(zero):,\(one)", 37), ("\(zero),:\(one)", 37),
            ("\(zero):\(TestUUID.high)", 45), ("\(zero):0", 37), ("\(zero):0-1", 37), ("\(zero):-1", 37), ("\(zero):tag:0", 41),
            ("\(zero):1-", 39),
            ("\(zero):1--2", 39), ("\(zero):+1", 37), ("\(zero):1 2", 39), ("\(zero):1x", 38), ("\(zero):0x10", 37), ("\(zero):010", 37),
            ("\(zero):1-010", 39), ("\(zero):1\0", 38), ("\(zero):9223372036854775807", 37), ("\(zero):1-9223372036854775807", 39),
            ("\(zero):18446744073709551617", 37), ("\(zero):99999999999999999999999999999999", 37),
            ("\(zero):\(String(repeating: "t", count: 33)):1", 37),
            ("\(zero) \(one)", 37), ("\(zero):1;\(one):1", 38), ("\(zero):tag-1:1", 40),
        ])
    func parseErrors(text: String, offset: Int) {
        let error = gtidSetError(parsing: text)
        #expect(error?.code == .invalid)
        #expect(error?.offset == offset)
    }

    @Test("inserting says whether anything was new")
    func insert() throws {
        var set = GTIDSet()
        let gtid = try GTID(parsing: "\(Self.one):5")
        #expect(!set.contains(gtid))
        let one = (set.insert(gtid), set.insert(gtid))
        #expect(one == (true, false))
        #expect(set.contains(gtid))
        let ranges = [1...3, 2...3, 4...4, 1...5, 9...GTID.validNumbers.upperBound, GTID.validNumbers]
        let changes = ranges.map { set.insert(source: gtid.source, range: $0) }
        #expect(changes == [true, false, true, false, true, true])
        #expect(set.description == "\(Self.one):1-\(Self.maxNumber)")
    }

    @Test("a copy keeps its value when the original changes")
    func valueSemantics() throws {
        var set = try GTIDSet(parsing: "\(Self.zero):1-5,\(Self.one):1:3")
        let copy = set
        set.insert(try GTID(parsing: "\(Self.one):2"))
        set.formUnion(try GTIDSet(parsing: "\(Self.zero):9,\(TestUUID.high):1"))
        #expect(copy.description == "\(Self.zero):1-5,\(Self.one):1:3")
        #expect(set.description == "\(Self.zero):1-5:9,\(Self.one):1-3,\(TestUUID.high):1")
        #expect(copy != set)
    }

    @Test("equal sets are equal and hash alike, however they came about")
    func equality() throws {
        var left = try GTIDSet(parsing: "\(Self.zero):1-4,\(Self.one):7")
        let right = try GTIDSet(parsing: "\(Self.one):7,\(Self.zero):3-4:1")
        #expect(left != right)
        left.subtract(try GTIDSet(parsing: "\(Self.zero):2"))
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
    }

    @Test("sources, their ranges and last numbers can be asked for")
    func lookup() throws {
        let set = try GTIDSet(parsing: "\(Self.zero):1-5:9:blue:2-3,\(Self.one):4")
        let zero = try SourceID(parsing: Self.zero)
        let blue = try GTIDTag(parsing: "blue")
        #expect(set.lastNumber(source: zero) == 9)
        #expect(set.lastNumber(source: zero, tag: blue) == 3)
        #expect(set.lastNumber(source: zero, tag: try GTIDTag(parsing: "red")) == nil)
        #expect(set.ranges(source: zero).map(Array.init) == [1...5, 9...9])
        #expect(set.entries.map(\.tsid.description) == [Self.zero, "\(Self.zero):blue", Self.one])
        #expect(set.entries.map { Array($0.ranges) } == [[1...5, 9...9], [2...3], [4...4]])
        #expect(set.count == 9)
        #expect(set.hasTags)
        #expect(set.withoutTags.description == "\(Self.zero):1-5:9,\(Self.one):4")
        #expect(!set.withoutTags.hasTags)
    }

    @Test("a count beyond 64 bits says the largest number")
    func hugeCount() throws {
        let all = "1-\(Self.maxNumber)"
        #expect(try GTIDSet(parsing: "\(Self.zero):\(all),\(Self.one):\(all)").count == 2 * GTID.validNumbers.upperBound)
        #expect(try GTIDSet(parsing: "\(Self.zero):\(all):a:\(all):b:\(all)").count == .max)
    }

    @Test("random text made of the words of a set is read or refused, and what is read prints and reads back the same")
    func randomText() throws {
        var random = GTIDTestRandom(seed: 11)
        let words = [Self.zero, Self.one, ":", ":", ":", "-", ",", " ", "1", "23", "9", "tag", "T", "0", "_", Self.maxNumber, "\n", "é"]
        var accepted = 0
        for _ in 0..<20_000 {
            var text = random.below(4) == 0 ? "" : Self.zero
            for _ in 0..<random.below(9) { text += words[random.below(words.count)] }
            guard let set = try? GTIDSet(parsing: text) else { continue }
            accepted += 1
            guard try GTIDSet(parsing: set.description) == set else {
                Issue.record("\(text) became \(set)")
                continue
            }
        }
        #expect(accepted > 1000)
    }
}
