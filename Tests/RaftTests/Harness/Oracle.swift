@testable import Raft

/// Watches a cluster from above and knows what must never happen.
struct Oracle {
    private(set) var failures: [String] = []
    /// Committed entries by index - 1.
    private(set) var committed: [StoredEntry] = []
    /// How much was committed when a read was requested.
    var reads: [ReadID: Int] = [:]
    private var leaders: [Term: MemberID] = [:]
    private var content: [LogPosition: (entry: StoredEntry, termBefore: Term)] = [:]
    private var votes: [VoteKey: MemberID] = [:]

    private struct VoteKey: Hashable {
        var voter: MemberID
        var term: Term
    }

    mutating func fail(_ text: String) {
        if failures.count < 10 { failures.append(text) }
    }

    mutating func bootstrap(_ entry: StoredEntry) {
        committed = [entry]
        content[LogPosition(index: 1, term: entry.term)] = (entry, 0)
    }

    /// ElectionSafety and LeaderCompleteness.
    mutating func observe(_ status: Status, of id: MemberID, in cluster: Cluster) {
        guard status.role == .leader else { return }
        if let other = leaders[status.term], other != id { fail("ElectionSafety: \(other) and \(id) lead in term \(status.term)") }
        leaders[status.term] = id
        let node = cluster.nodes[id]!
        for index in 0..<committed.count where LogIndex(index) >= node.disk.previous.index {
            if node.memoryEntry(at: LogIndex(index) + 1) != committed[index] {
                fail("LeaderCompleteness: \(id) leads in term \(status.term) without committed entry \(index + 1)")
                return
            }
        }
    }

    /// LogMatching, by its induction step: one position, one entry, one predecessor.
    mutating func observe(_ entry: StoredEntry, at position: LogPosition, after termBefore: Term) {
        guard let known = content.updateValue((entry, termBefore), forKey: position) else { return }
        if known.entry != entry || known.termBefore != termBefore { fail("LogMatching: two entries at \(position)") }
    }

    /// Nothing is said that is not durable, and no vote is cast twice.
    mutating func observe(_ message: Message, disk: SimulatedDisk) {
        switch message.body {
        case .voteResponse(isPreVote: false, isGranted: true):
            let key = VoteKey(voter: message.from, term: message.term)
            if let other = votes.updateValue(message.to, forKey: key), other != message.to {
                fail("\(message.from) votes twice in \(message.term)")
            }
            if disk.hardState != HardState(term: message.term, vote: message.to) {
                fail("\(message.from) votes before its vote is durable")
            }
        case .voteRequest(let request) where !request.isPreVote:
            if disk.hardState != HardState(term: message.term, vote: message.from) {
                fail("\(message.from) campaigns before its term is durable")
            }
            if disk.lastIndex < request.last.index { fail("\(message.from) campaigns with a log that is not durable") }
        case .appendAccepted(let index):
            if disk.lastIndex < index || disk.hardState.term < message.term {
                fail("\(message.from) acknowledges \(index) before it is durable")
            }
        case .append:
            if disk.hardState != HardState(term: message.term, vote: message.from) {
                fail("\(message.from) leads before its term is durable")
            }
        default: break
        }
    }

    /// A commit index that is news stands on a quorum's disks. It comes from a leader, or from one that its own removal made step down at
    /// once.
    mutating func observeCommit(of id: MemberID, in cluster: Cluster) {
        guard let raft = cluster.nodes[id]!.raft, raft.commitIndex > committed.count else { return }
        let index = raft.commitIndex
        let term = raft.log.term(at: index)
        if term != raft.term {
            fail("\(id) commits entry \(index) of term \(term ?? 0) by counting in term \(raft.term)")
        }
        let durable = raft.configuration.committedIndex { member in
            cluster.nodes[member].flatMap { $0.disk.term(at: index) == term ? index : nil }
        }
        if durable < index { fail("\(id) commits \(index), which no quorum holds durably") }
        for next in (LogIndex(committed.count) + 1)...index {
            guard let entry = cluster.nodes[id]!.memoryEntry(at: next) else { return fail("\(id) commits \(next), which it does not hold") }
            committed.append(entry)
        }
    }

    /// StateMachineSafety.
    mutating func observe(applied entry: StoredEntry, at index: LogIndex, by id: MemberID) {
        guard index <= committed.count else { return fail("\(id) applies \(index), which no leader committed") }
        if committed[Int(index) - 1] != entry { fail("StateMachineSafety: \(id) applies another entry at \(index)") }
    }

    /// What is monotonic is so, and in order.
    mutating func observe(_ node: Node, of id: MemberID) {
        guard let raft = node.raft else { return }
        if raft.term < node.disk.hardState.term { fail("\(id) forgot term \(node.disk.hardState.term)") }
        if raft.commitIndex > raft.log.lastIndex || raft.durableIndex > raft.log.lastIndex { fail("\(id) is ahead of its own log") }
        for peer in raft.peers where peer.nextIndex <= peer.matchIndex { fail("\(id) has next ≤ match for \(peer.id)") }
        if raft.durableIndex > node.disk.lastIndex || node.disk.term(at: raft.durableIndex) != raft.log.term(at: raft.durableIndex) {
            fail("\(id) takes \(raft.durableIndex) for durable")
        }
    }

    mutating func observe(_ read: ReadState) {
        guard let index = read.index, let before = reads[read.id] else { return }
        if index < before { fail("a read was answered with \(index) though \(before) was committed before it") }
    }
}
