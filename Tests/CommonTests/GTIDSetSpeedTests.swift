import Common
import Testing

/// Eight times the size may take at most `maxGrowth` times as long: linear work takes 8, sorting 10, quadratic work 64.
@Suite(.serialized) struct GTIDSetSpeedTests {
    private static let small = 12_500
    private static let large = 8 * small
    private static let maxGrowth = 28.0

    /// The best of a few runs, since other tests share the machine.
    private static func seconds(runs: Int, _ body: () throws -> Void) rethrows -> Double {
        var best = Double.infinity
        for _ in 0..<runs {
            let start = ContinuousClock.now
            try body()
            let elapsed = start.duration(to: .now).components
            best = min(best, Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
        }
        return best
    }

    private static func expectNearlyLinear(_ work: (Int) throws -> Void) rethrows {
        let growth = try seconds(runs: 2) { try work(large) } / seconds(runs: 4) { try work(small) }
        #expect(growth < maxGrowth)
    }

    private static let source = SourceID(high: 1, low: 1)

    /// `count` ranges of two numbers with a gap of two, from `first` on, dealt out to `sources` sources.
    private static func ranges(_ count: Int, sources: Int = 1, first: UInt64 = 1) -> GTIDSet {
        var set = GTIDSet()
        for index in 0..<count {
            let source = SourceID(high: UInt64(index * sources / count), low: 1)
            let lower = first + 4 * UInt64(index)
            set.insert(source: source, range: lower...lower + 1)
        }
        return set
    }

    @Test("inserting at the end takes the same time however many ranges there are, also after a copy was taken")
    func insertAtTheEnd() {
        Self.expectNearlyLinear { count in
            var set = GTIDSet()
            for number in 1...UInt64(count) {
                if let gtid = GTID(source: Self.source, number: 2 * number) { set.insert(gtid) }
            }
            let copy = set
            #expect(copy.count == UInt64(count))
            set.insert(source: Self.source, range: 1...1)
            #expect(set.count == UInt64(count) + 1)
        }
    }

    @Test("reading a set whose ranges count backwards does not take quadratic time")
    func parseReversed() throws {
        try Self.expectNearlyLinear { count throws in
            var text = TestUUID.one
            for number in stride(from: 8 * count, to: 0, by: -2) { text += ":\(number)" }
            #expect(try GTIDSet(parsing: text).count == UInt64(4 * count))
        }
    }

    @Test("reading a set that alternates between sources, backwards, does not take quadratic time")
    func parseAlternating() throws {
        try Self.expectNearlyLinear { count throws in
            var text = ""
            for number in stride(from: 2 * count, to: 0, by: -2) {
                text += (number % 4 == 0 ? TestUUID.high : TestUUID.one) + ":\(number),"
            }
            #expect(try GTIDSet(parsing: text).count == UInt64(count))
        }
    }

    @Test("decoding a source that is repeated for every range, backwards, does not take quadratic time")
    func decodeReversed() throws {
        try Self.expectNearlyLinear { count throws in
            var bytes: [UInt8] = []
            bytes.append(littleEndian: UInt64(4 * count))
            for number in stride(from: UInt64(8 * count), to: 0, by: -2) {
                Self.source.encode(into: &bytes)
                bytes.append(littleEndian: UInt64(1))
                bytes.append(littleEndian: number)
                bytes.append(littleEndian: number + 1)
            }
            #expect(try GTIDSet(decoding: bytes.span.bytes).count == UInt64(4 * count))
        }
    }

    @Test("set algebra over many ranges of many sources is linear", arguments: [1, 1000])
    func algebra(sources: Int) throws {
        let sets = [Self.small, Self.large].map { count in
            (count, Self.ranges(count, sources: sources), Self.ranges(count, sources: sources, first: 2))
        }
        try Self.expectNearlyLinear { count throws in
            for (size, left, right) in sets where size == count {
                #expect(left.union(right).count == UInt64(3 * count))
                #expect(left.subtracting(right).count == UInt64(count))
                #expect(left.intersection(right).count == UInt64(count))
                #expect(left.isSubset(of: left.union(right)))
                #expect(try GTIDSet(parsing: left.description) == left)
                #expect(try GTIDSet(decoding: left.encoded().span.bytes) == left)
            }
        }
    }

    @Test("looking up all numbers of many ranges is not quadratic", arguments: [1, 1000])
    func contains(sources: Int) {
        let sets = [Self.small, Self.large].map { Self.ranges($0, sources: sources) }
        Self.expectNearlyLinear { count in
            let set = count == Self.small ? sets[0] : sets[1]
            var hits = 0
            for index in 0..<count {
                let source = SourceID(high: UInt64(index * sources / count), low: 1)
                if let gtid = GTID(source: source, number: 2 + 4 * UInt64(index)), set.contains(gtid) { hits += 1 }
            }
            #expect(hits == count)
        }
    }
}
