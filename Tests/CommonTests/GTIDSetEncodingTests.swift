import Common
import Testing

@Suite struct GTIDSetEncodingTests {
    private static let uuid = Array(UInt8(0)...15)
    private static func word(_ low: UInt8) -> [UInt8] { [low, 0, 0, 0, 0, 0, 0, 0] }

    @Test("a set without tags is encoded as all servers understand it")
    func untagged() throws {
        let set = try GTIDSet(parsing: "\(TestUUID.bytes):1-3:7")
        var expected = Self.word(1) + Self.uuid + Self.word(2)
        expected += Self.word(1) + Self.word(4) + Self.word(7) + Self.word(8)
        #expect(set.encoded() == expected)
        #expect(try GTIDSet(decoding: expected.span.bytes) == set)
    }

    @Test("a set with a tag is encoded as servers from 8.3 on do, an untagged source with an empty tag")
    func tagged() throws {
        let set = try GTIDSet(parsing: "\(TestUUID.bytes):1:ab:5-6")
        var expected: [UInt8] = [1, 2, 0, 0, 0, 0, 0, 1]
        expected += Self.uuid + [0] + Self.word(1) + Self.word(1) + Self.word(2)
        expected += Self.uuid + [4, 0x61, 0x62] + Self.word(1) + Self.word(5) + Self.word(7)
        #expect(set.encoded() == expected)
        #expect(try GTIDSet(decoding: expected.span.bytes) == set)
    }

    @Test("the empty set is eight zero bytes")
    func empty() throws {
        #expect(GTIDSet().encoded() == Self.word(0))
        #expect(try GTIDSet(decoding: Self.word(0).span.bytes).isEmpty)
        #expect(try GTIDSet(decoding: ([1, 0, 0, 0, 0, 0, 0, 1] as [UInt8]).span.bytes).isEmpty)
    }

    @Test("the highest number ends at 2^63 - 1")
    func highestNumber() throws {
        let set = try GTIDSet(parsing: "\(TestUUID.bytes):\(GTIDSetTests.maxNumber)")
        let bytes = set.encoded()
        let ends: [UInt8] = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]
        #expect(Array(bytes.suffix(16)) == ends)
        #expect(try GTIDSet(decoding: bytes.span.bytes) == set)
    }

    @Test("sources out of order, repeated, without ranges, and tags in capitals are taken as a server takes them")
    func lenient() throws {
        var bytes: [UInt8] = [1, 4, 0, 0, 0, 0, 0, 1]
        bytes += Self.uuid + [2, 0x42] + Self.word(1) + Self.word(9) + Self.word(10)
        bytes += Self.uuid + [0] + Self.word(0)
        bytes += Self.uuid + [2, 0x61] + Self.word(1) + Self.word(1) + Self.word(3)
        bytes += Self.uuid + [2, 0x62] + Self.word(1) + Self.word(8) + Self.word(9)
        #expect(try GTIDSet(decoding: bytes.span.bytes).description == "\(TestUUID.bytes):a:1-2:b:8-9")
    }

    @Test("ranges that are empty, touch, overlap, go backwards or leave the bounds are errors at the range")
    func badRanges() {
        let huge: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0x80]
        let head = Self.word(1) + Self.uuid
        for (range, offset) in [
            (Self.word(0) + Self.word(2), 0), (Self.word(2) + Self.word(2), 0), (Self.word(3) + Self.word(2), 0), (Self.word(1) + huge, 0),
            (Self.word(1) + Self.word(3) + Self.word(3) + Self.word(4), 16),
            (Self.word(5) + Self.word(6) + Self.word(1) + Self.word(2), 16),
            (Self.word(1) + Self.word(5) + Self.word(2) + Self.word(3), 16),
        ] {
            let error = gtidSetError(decoding: head + Self.word(UInt8(range.count / 16)) + range)
            #expect(error?.code == .invalid)
            #expect(error?.offset == 32 + offset)
        }
    }

    @Test("counts that cannot be true are errors before anything is allocated for them")
    func lyingCounts() {
        let most: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
        let end = [UInt8](repeating: 0, count: 64)
        #expect(gtidSetError(decoding: most + [0] + end)?.code == .truncated)
        #expect(gtidSetError(decoding: [1] + most.dropFirst() + [1] + end)?.code == .truncated)
        #expect(gtidSetError(decoding: Self.word(1) + Self.uuid + most + [0xff] + end)?.code == .truncated)
        #expect(gtidSetError(decoding: Self.word(1) + Self.uuid + Self.word(5) + end)?.code == .truncated)
    }

    @Test("unknown forms, marks that differ, bad tags and bytes behind the set are errors")
    func badFrames() {
        #expect(gtidSetError(decoding: [2, 0, 0, 0, 0, 0, 0, 2])?.code == .unsupported)
        #expect(gtidSetError(decoding: [0, 0, 0, 0, 0, 0, 0, 0xff])?.code == .unsupported)
        #expect(gtidSetError(decoding: [2, 0, 0, 0, 0, 0, 0, 1])?.code == .invalid)
        #expect(gtidSetError(decoding: Self.word(0) + [0])?.offset == 8)
        let head: [UInt8] = [1, 1, 0, 0, 0, 0, 0, 1] + Self.uuid
        let tail = Self.word(0) + [UInt8](repeating: 0x61, count: 40)
        #expect(gtidSetError(decoding: head + [3, 0x61] + tail)?.offset == 24)
        #expect(gtidSetError(decoding: head + [66] + tail)?.offset == 24)
        #expect(gtidSetError(decoding: head + [4, 0x61, 0x2d] + tail)?.offset == 26)
        #expect(gtidSetError(decoding: head + [2, 0x39] + tail)?.offset == 25)
    }

    private static let samples = [
        "\(TestUUID.zero):1-3:7,\(TestUUID.one):9-10,\(TestUUID.high):1-\(GTIDSetTests.maxNumber)",
        "\(TestUUID.zero):1-3:7:blue:4,\(TestUUID.one):this_is_a_32_character_long_tag_:9-10:12:14-99",
    ]

    @Test("no prefix of an encoding is an encoding", arguments: samples)
    func truncation(text: String) throws {
        let set = try GTIDSet(parsing: text)
        let bytes = set.encoded()
        #expect(bytes.count == set.encodedByteCount)
        for count in 0..<bytes.count {
            #expect(gtidSetError(decoding: Array(bytes.prefix(count)))?.code == .truncated)
        }
    }

    @Test("mutated encodings are sets or errors, and a set that comes out encodes and decodes to itself", arguments: samples)
    func mutation(text: String) throws {
        let original = try GTIDSet(parsing: text).encoded()
        var random = GTIDTestRandom(seed: UInt64(text.utf8.count))
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = original
            for _ in 0...random.below(3) {
                let index = random.below(bytes.count)
                switch random.below(5) {
                case 0: bytes[index] = UInt8(random.below(256))
                case 1: bytes[index] ^= 1 << UInt8(random.below(8))
                case 2: bytes[index] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)]
                case 3: bytes.removeSubrange(index..<min(bytes.count, index + 1 + random.below(16)))
                default: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + 1 + random.below(16))], at: index)
                }
                if bytes.isEmpty { bytes = original }
            }
            guard let set = try? GTIDSet(decoding: bytes.span.bytes) else { continue }
            accepted += 1
            let again = set.encoded()
            guard again.count == set.encodedByteCount, try GTIDSet(decoding: again.span.bytes) == set else {
                Issue.record("\(bytes) became \(set)")
                continue
            }
        }
        #expect(accepted > 100)
    }
}
