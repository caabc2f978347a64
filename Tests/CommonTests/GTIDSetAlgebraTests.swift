import Common
import Testing

/// Every operation against sets of single GTIDs.
@Suite struct GTIDSetAlgebraTests {
    /// A GTID set and what it should hold.
    private struct Pair {
        var set = GTIDSet()
        var model: Set<GTID> = []
    }

    private static let tsids: [TSID] = [UInt64(1), 2, 3].flatMap { low in
        ["", "a", "blue"].compactMap { tag in
            (try? GTIDTag(parsing: tag)).map { TSID(source: SourceID(high: 0, low: low), tag: $0) }
        }
    }

    /// Numbers up to `maxNumber` of a few sources, from sparse to dense.
    private static func randomPair(maxNumber: Int, using random: inout GTIDTestRandom) -> Pair {
        var pair = Pair()
        for _ in 0..<random.below(60) {
            let tsid = tsids[random.below(tsids.count)]
            let lower = UInt64(1 + random.below(maxNumber))
            let upper = random.below(3) == 0 ? min(UInt64(maxNumber), lower + UInt64(random.below(9))) : lower
            let added = (lower...upper).compactMap { GTID(tsid: tsid, number: $0) }.filter { pair.model.insert($0).inserted }
            let changed = pair.set.insert(source: tsid.source, tag: tsid.tag, range: lower...upper)
            #expect(changed == !added.isEmpty)
        }
        return pair
    }

    /// Compares a set with its model, and checks that the form is canonical.
    private static func check(_ set: GTIDSet, is model: Set<GTID>, _ comment: Comment) {
        let members = set.entries.flatMap { entry in entry.ranges.joined().compactMap { GTID(tsid: entry.tsid, number: $0) } }
        #expect(Set(members) == model, comment)
        #expect(set.count == UInt64(model.count), comment)
        #expect(set.isEmpty == model.isEmpty, comment)
        let isOrdered = zip(set.entries, set.entries.dropFirst()).allSatisfy { $0.tsid < $1.tsid }
        let isSeparated = set.entries.allSatisfy { entry in
            !entry.ranges.isEmpty && zip(entry.ranges, entry.ranges.dropFirst()).allSatisfy { $0.upperBound + 1 < $1.lowerBound }
        }
        #expect(isOrdered && isSeparated, comment)
    }

    @Test("union, difference, intersection, subset and membership agree with a naive model", arguments: [12, 40, 200])
    func algebra(maxNumber: Int) throws {
        var random = GTIDTestRandom(seed: UInt64(maxNumber))
        for round in 0..<150 {
            let left = Self.randomPair(maxNumber: maxNumber, using: &random)
            let right = Self.randomPair(maxNumber: maxNumber, using: &random)
            let comment: Comment = "round \(round): \(left.set) and \(right.set)"
            Self.check(left.set, is: left.model, comment)
            Self.check(left.set.union(right.set), is: left.model.union(right.model), comment)
            Self.check(left.set.subtracting(right.set), is: left.model.subtracting(right.model), comment)
            Self.check(left.set.intersection(right.set), is: left.model.intersection(right.model), comment)

            var changed = left.set
            changed.subtract(right.set)
            #expect(changed == left.set.subtracting(right.set), comment)
            changed.formUnion(left.set.intersection(right.set))
            #expect(changed == left.set, comment)

            #expect(left.set.isSubset(of: right.set) == left.model.isSubset(of: right.model), comment)
            #expect(left.set.intersection(right.set).isSubset(of: right.set), comment)
            #expect(left.set.isSubset(of: left.set.union(right.set)), comment)
            for tsid in Self.tsids {
                let agrees = (1...UInt64(maxNumber + 1)).allSatisfy { number in
                    guard let gtid = GTID(tsid: tsid, number: number) else { return false }
                    return left.set.contains(gtid) == left.model.contains(gtid)
                }
                #expect(agrees, comment)
            }
            #expect(try GTIDSet(parsing: left.set.description) == left.set, comment)
            #expect(try GTIDSet(decoding: left.set.encoded().span.bytes) == left.set, comment)
        }
    }

    @Test("a union that adds a source between others keeps all of them")
    func unionOfNewSources() throws {
        var set = try GTIDSet(parsing: "\(TestUUID.zero):1:b:2,\(TestUUID.high):3")
        set.formUnion(try GTIDSet(parsing: "\(TestUUID.zero):a:4:c:5,\(TestUUID.one):6,\(TestUUID.high):7"))
        #expect(set.description == "\(TestUUID.zero):1:a:4:b:2:c:5,\(TestUUID.one):6,\(TestUUID.high):3:7")
    }

    @Test("one range subtracted from a few cuts each of them")
    func subtractAcross() throws {
        let set = try GTIDSet(parsing: "\(TestUUID.one):1-10:20-30:40-50")
        #expect(set.subtracting(try GTIDSet(parsing: "\(TestUUID.one):5-45")).description == "\(TestUUID.one):1-4:46-50")
        #expect(set.subtracting(try GTIDSet(parsing: "\(TestUUID.one):1-\(GTIDSetTests.maxNumber)")).isEmpty)
        #expect(set.subtracting(GTIDSet()) == set)
        #expect(GTIDSet().subtracting(set).isEmpty)
        #expect(GTIDSet().isSubset(of: set))
        #expect(!set.isSubset(of: GTIDSet()))
    }
}
