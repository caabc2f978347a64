import Common
import Hummingbird
import Log
import Testing

@testable import kingbus_node

@Suite struct EntryAnswerTests {
    private func failure(_ fixture: LogFixture, _ index: UInt64) -> Int? {
        do throws(AdminError) {
            _ = try fixture.log.catalog.entryAnswer(index, applied: fixture.state.index)
            return nil
        } catch { return error.status.code }
    }

    @Test func `each committed entry is found, with the chain that the log has there`() throws {
        let fixture = try LogFixture()
        var chains: [String] = []
        func note() throws {
            let answer = try fixture.log.catalog.entryAnswer(fixture.state.index, applied: fixture.state.index)
            #expect(answer.index == fixture.state.index && answer.term == 1)
            #expect(answer.chain.count == 2 * Chain.byteCount)
            chains.append(answer.chain)
        }
        var file = SourceFile("b.000001")
        try note()
        try fixture.begin(file.format())
        try note()
        for number: UInt64 in 1...5 {
            try fixture.append(file.transaction(number))
            try note()
            if number == 3 {
                try fixture.roll()
                try note()
            }
        }
        #expect(Set(chains).count == chains.count)
        // The same when more stands behind them.
        for (position, chain) in chains.enumerated() {
            #expect(try fixture.log.catalog.entryAnswer(UInt64(position) + 1, applied: fixture.state.index).chain == chain)
        }
        let kinds = try (1...UInt64(chains.count)).map { try fixture.log.catalog.entryAnswer($0, applied: fixture.state.index).kind }
        #expect(kinds == [.segment, .segment, .events, .events, .events, .segment, .events, .events])
    }

    @Test func `what is not there yet, and what is purged, are told apart`() throws {
        let fixture = try LogFixture()
        var file = SourceFile("b.000001")
        try fixture.append([file.format()])
        try fixture.append(file.transaction(1))
        try fixture.roll()
        let last = fixture.state.index
        #expect(failure(fixture, 0) == 404)
        #expect(failure(fixture, 1) == nil)
        #expect(failure(fixture, last) == nil)
        #expect(failure(fixture, last + 1) == 404)
        #expect(failure(fixture, .max) == 404)
        fixture.log.catalog.purge(below: last)
        #expect(failure(fixture, 1) == 410)
        #expect(failure(fixture, last - 1) == 410)
        #expect(failure(fixture, last) == nil)
    }
}
