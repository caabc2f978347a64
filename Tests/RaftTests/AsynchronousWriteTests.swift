import Testing

@testable import Raft

@Suite("Several writes in flight")
struct AsynchronousWriteTests {
    /// The scenario of etcd/raft's async_storage_writes_append_aba_race.
    @Test("the completion of an append that was replaced counts for nothing")
    func staleCompletion() throws {
        var raft = Raft(id: member(1), recovered: .init(log: TermRuns(runs: [.init(first: 1, term: 1)], lastIndex: 11)), seed: 1)
        func append(_ term: Term, from number: UInt64) -> Write {
            let append = Append(previous: LogPosition(index: 11, term: 1), entries: [Entry(term: term, byteCount: 1)], commitIndex: 11)
            try! raft.step(Message(from: member(number), to: member(1), term: term, body: .append(append)))
            let output = raft.takeOutput()
            #expect(output.messages.isEmpty)
            return output.write!
        }
        let first = append(1, from: 2)
        let second = append(2, from: 3)
        #expect(first.truncateFrom == nil)
        #expect(second.truncateFrom == 12)
        let third = append(3, from: 4)
        #expect(third.entries.map(\.term) == [3])

        raft.persisted(through: first.id)
        #expect(raft.durableIndex == 11)
        #expect(raft.takeOutput().isEmpty)
        raft.persisted(through: second.id)
        #expect(raft.durableIndex == 11)
        #expect(raft.takeOutput().isEmpty)
        raft.persisted(through: third.id)
        #expect(raft.durableIndex == 12)
        #expect(raft.takeOutput().messages.map(\.body) == [.appendAccepted(matchIndex: 12)])
    }

    @Test("an entry that was replaced and came back is durable only when its last write is, though (index, term) match before")
    func aba() throws {
        let base = TermRuns(runs: [.init(first: 1, term: 1)], lastIndex: 11)
        var raft = Raft(id: member(1), recovered: .init(hardState: HardState(term: 1), log: base), seed: 1)
        func append(_ entries: [Term], term: Term, from number: UInt64) -> UInt64 {
            let append = Append(
                previous: LogPosition(index: 11, term: 1), entries: entries.map { Entry(term: $0, byteCount: 1) }, commitIndex: 0)
            try! raft.step(Message(from: member(number), to: member(1), term: term, body: .append(append)))
            return raft.takeOutput().write!.id
        }
        let original = append([1], term: 1, from: 2)
        let replacement = append([2], term: 2, from: 3)
        // A leader of term 3 that holds the original.
        let back = append([1, 3], term: 3, from: 4)
        raft.persisted(through: original)
        #expect(raft.log.term(at: 12) == 1)
        #expect(raft.durableIndex == 11)
        raft.persisted(through: replacement)
        #expect(raft.durableIndex == 11)
        raft.persisted(through: back)
        #expect(raft.durableIndex == 13)
    }

    @Test("a candidate that finds another leader in its term before its write is durable asks for no vote any more")
    func candidacyIsOver() throws {
        let log = TermRuns(runs: [.init(first: 1, term: 1)], lastIndex: 12)
        let configuration = Configuration(voters: [member(1), member(2), member(3)])
        let recovered = Raft.Recovered(
            hardState: HardState(term: 1), log: log, commitIndex: 1,
            configurations: [ConfigurationEntry(index: 1, configuration: configuration)])
        var raft = Raft(id: member(1), recovered: recovered, seed: 1)
        try raft.step(Message(from: member(2), to: member(1), term: 1, body: .timeoutNow))
        let candidacy = try #require(raft.takeOutput().write)
        #expect(raft.role == .candidate && raft.term == 2)
        // What its requests name is cut off.
        let append = Append(previous: LogPosition(index: 10, term: 1), entries: [Entry(term: 2, byteCount: 1)], commitIndex: 10)
        try raft.step(Message(from: member(3), to: member(1), term: 2, body: .append(append)))
        let replacement = try #require(raft.takeOutput().write)
        #expect(replacement.truncateFrom == 11)
        raft.persisted(through: candidacy.id)
        #expect(raft.takeOutput().messages.isEmpty)
        raft.persisted(through: replacement.id)
        #expect(raft.takeOutput().messages.map(\.body) == [.appendAccepted(matchIndex: 11)])
    }

    @Test("an acknowledgement of what is already under way waits for that write")
    func repeatedAppendWaits() throws {
        let cluster = Cluster(voters: 3)
        cluster.elect(1)
        try cluster.propose(1)
        let append = try #require(cluster.network.first { $0.message.to == member(2) })
        cluster.network.removeAll()
        cluster.deliver(append)
        cluster.deliver(append)
        #expect(cluster.network.isEmpty)
        cluster.completeWrites(member(2))
        #expect(cluster.network.allSatisfy { $0.message.body == .appendAccepted(matchIndex: 3) })
        #expect(!cluster.network.isEmpty)
    }

    @Test("one completion may cover several writes")
    func groupedCompletion() throws {
        let cluster = Cluster(voters: 1)
        cluster.elect(1)
        for _ in 0..<3 { try cluster.propose(1) }
        let last = try #require(cluster.nodes[member(1)]!.disk.pending.last?.id)
        for _ in 0..<3 { _ = cluster.nodes[member(1)]!.disk.completeNext() }
        cluster.with(1) { $0.persisted(through: last) }
        #expect(cluster.nodes[member(1)]!.committedIndex == 5)
    }
}
