import Testing

@testable import Raft

@Suite("The term table")
struct TermRunsTests {
    @Test("answers as a plain list of terms does, through appends, truncations and purges", arguments: 1...20 as ClosedRange<UInt64>)
    func model(seed: UInt64) {
        var random = RandomSource(seed: seed)
        var log = TermRuns()
        var terms: [Term] = [0]
        var previous = 0
        for _ in 0..<500 {
            switch random.next() % 8 {
            case 0..<5:
                let term = max(terms[terms.count - 1], 1) + (random.next() % 3 == 0 ? 1 : 0)
                let count = Int(random.next() % 4)
                log.append(term: term, count: count)
                terms += Array(repeating: term, count: count)
            case 5, 6:
                let cut = previous + 1 + Int(random.next() % UInt64(terms.count - previous))
                log.truncate(from: LogIndex(cut))
                if cut < terms.count { terms.removeLast(terms.count - cut) }
            default:
                previous += Int(random.next() % UInt64(min(terms.count - previous, 4)))
                log.trim(through: LogIndex(previous))
            }
            #expect(log.last == LogPosition(index: LogIndex(terms.count - 1), term: terms[terms.count - 1]))
            #expect(log == TermRuns(previous: log.previous, runs: log.runs, lastIndex: log.lastIndex))
            for index in 0...(terms.count + 1) {
                let expected = index >= previous && index < terms.count ? terms[index] : nil
                #expect(log.term(at: LogIndex(index)) == expected)
            }
            let limit = previous + Int(random.next() % UInt64(terms.count - previous))
            let bound = random.next() % (terms[terms.count - 1] + 1)
            let expected = (previous...limit).last { terms[$0] <= bound } ?? previous
            #expect(log.lastIndex(upTo: LogIndex(limit), withTermAtMost: bound) == LogIndex(expected))
        }
    }
}
