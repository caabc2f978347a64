import Common
import Foundation
import Log
import Raft
import Testing

@testable import kingbus_node

/// The core as it begins with what recovery found.
@Suite struct CoreMakingTests {
    @Test(arguments: [1, 2] as [UInt64]) func `a log whose beginning is purged is led on`(term: UInt64) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "kingbus-core-\(UInt32.random(in: .min ... .max))").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        do {
            let log = try Log.open(directory: directory, options: LogOptions(name: "n1"))
            let identity = log.recovered.identity
            let member = Common.Member(
                name: "n1", incarnation: identity.incarnation, role: .voter, peerAddress: "", mysqlAddress: "", adminAddress: "")
            let empty = LogState(
                clusterID: SourceID(high: 7, low: 7), serverID: 77, serverUUID: SourceID(high: 7, low: 8),
                membership: Membership(members: [member]), settings: ClusterSettings(segmentSize: 1 << 20))
            var factory = EntryFactory(state: empty)
            var entries = [try factory.segment(empty, term: 1, commitIndex: 0)]
            entries.append(try factory.noop(term: 1, commitIndex: 1))
            // In the term of the entry before it, or in a later one.
            entries.append(try factory.segment(factory.state, term: term, commitIndex: 2))
            var floor: [UInt8] = []
            floor.append(littleEndian: 3 as UInt64)
            var encoder = EntryEncoder(chain: factory.state.chain)
            entries.append(
                encoder.entry(.purge, term: term, index: 4, epoch: 0, file: [], position: 0, commitIndex: 3, payload: .bytes(floor)))
            log.submit(LogWrite(hardState: StoredHardState(term: term, vote: memberID(identity).rawValue), entries: entries))
            _ = try log.step()
            log.noteCommit(4)
            log.catalog.purge(below: 3)
            _ = try log.step()
            log.stop()
        }
        let log = try Log.open(directory: directory, options: LogOptions(name: "n1"))
        defer { log.stop() }
        let recovered = log.recovered
        #expect((recovered.firstIndex, recovered.lastIndex) == (3, 4))
        let raft = try Raft(
            log: log, committedState: try #require(recovered.committedState), lastIndex: recovered.lastIndex, termRuns: recovered.termRuns,
            hardState: recovered.hardState, options: Options())
        #expect(raft.log.previous == LogPosition(index: 2, term: 1))
        #expect((3...4).map { raft.log.term(at: $0) } == [term, term])
    }
}
