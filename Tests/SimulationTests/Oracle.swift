import Common
import Log

@testable import Raft
@testable import kingbus_node

/// Watches a cluster from above, and knows what must never happen.
struct Oracle {
    struct Place: Hashable {
        var index: UInt64
        var term: UInt64
    }

    private struct Ballot: Hashable {
        var voter: MemberID
        var term: UInt64
    }

    private struct Election {
        var leader: MemberID
        /// The leader's log when it was elected.
        var view: [Mark]
    }

    /// Disks by the incarnation that wrote them, those of the dead included.
    var records: [MemberID: MemberRecord] = [:]
    /// What is committed, as its first leader committed it; `committed[0]` is entry 1.
    private(set) var committed: [Mark] = []
    /// The term of the leader that committed each of them.
    private var committedIn: [UInt64] = []
    /// The highest GTID that the source was told of as safe.
    private(set) var acknowledged: UInt64 = 0
    private var chains: [Place: Chain] = [:]
    private var elections: [UInt64: Election] = [:]
    private var ballots: [Ballot: MemberID] = [:]
    private var rejected: Set<Place> = []
    private var executed: [UInt64: GTIDSet] = [:]
    var totals = Totals()

    /// The first entry, which every log begins with.
    mutating func found(_ mark: Mark) {
        committed = [mark]
        committedIn = [mark.term]
        chains[Place(index: 1, term: mark.term)] = mark.chain
    }

    // MARK: - Logs

    /// LogMatching: an entry of this index and term is the same everywhere, and its chain says the same of all before it.
    mutating func observe(_ mark: Mark, at index: UInt64, of name: String) throws {
        let place = Place(index: index, term: mark.term)
        guard let known = chains[place] else {
            chains[place] = mark.chain
            return
        }
        if known != mark.chain { throw Violation("log matching: \(name) has another entry \(index) of term \(mark.term) than others") }
    }

    /// What a log holds that was opened, against what its disk had made durable.
    mutating func observeRecovery(_ node: SimulatedNode, _ marks: [Mark], term: UInt64, vote: UInt64, commitIndex: UInt64) throws {
        let record = node.record
        for (offset, mark) in marks.enumerated() { try observe(mark, at: UInt64(offset) + 1, of: node.name) }
        let kept = commonPrefix(record.durable, marks)
        guard kept == record.durable.count else {
            throw Violation("\(node.name) made \(record.durable.count) entries durable and comes back with \(kept) of them")
        }
        guard term > record.term || (term == record.term && (record.vote == 0 || vote == record.vote)) else {
            throw Violation(
                "\(node.name) made term \(record.term) and its vote for \(record.vote) durable, and comes back in \(term) with \(vote)")
        }
        guard commitIndex <= marks.count, commonPrefix(committed, marks) >= commitIndex else {
            throw Violation(
                "\(node.name) comes back with a commit index of \(commitIndex), and its log is not what was committed up to there")
        }
        record.durable = marks
        record.term = term
        record.vote = vote
    }

    func commonPrefix(_ left: [Mark], _ right: [Mark]) -> Int {
        // Chains: where they are equal once they were equal before.
        var low = 0
        var high = min(left.count, right.count)
        while low < high {
            let middle = (low + high + 1) / 2
            if left[middle - 1] == right[middle - 1] { low = middle } else { high = middle - 1 }
        }
        return low
    }

    // MARK: - A node after each step

    mutating func observe(_ life: Life) throws {
        let raft = life.consensus.raft
        try observeLog(life)
        guard raft.term >= life.term else { throw Violation("\(life.node.name) goes back from term \(life.term) to \(raft.term)") }
        life.term = raft.term
        if raft.role == .leader { try observeLeader(life) }
        try observeDurable(life)
        try observeCommit(life)
        try observeApplied(life)
        life.configuration = raft.configurations.current
    }

    private mutating func observeLog(_ life: Life) throws {
        let consensus = life.consensus
        let last = consensus.raft.log.lastIndex
        let state = consensus.factory.state
        guard state.index == last else {
            throw Violation("\(life.node.name) has \(last) entries in its core and \(state.index) in its log")
        }
        let end = Mark(term: state.term, chain: state.chain)
        if UInt64(life.view.count) == last, life.view.last == end { return }
        var fresh: [Mark] = []
        var index = last
        while index > 0, let header = consensus.tail[index]?.header {
            let mark = Mark(term: header.term, chain: header.chain)
            if index <= UInt64(life.view.count), life.view[Int(index) - 1] == mark { break }
            fresh.append(mark)
            index -= 1
        }
        guard index <= UInt64(life.view.count) else { throw Violation("\(life.node.name) has entry \(index) from nowhere") }
        if index < UInt64(life.view.count) {
            totals.truncations += 1
            life.view.removeLast(life.view.count - Int(index))
        }
        for mark in fresh.reversed() {
            life.view.append(mark)
            try observe(mark, at: UInt64(life.view.count), of: life.node.name)
        }
        guard life.view.last == end else { throw Violation("the end of \(life.node.name)'s log is not the last of its entries") }
    }

    /// ElectionSafety and LeaderCompleteness.
    private mutating func observeLeader(_ life: Life) throws {
        let term = life.term
        if let known = elections[term] {
            guard known.leader == life.node.id else {
                throw Violation("election safety: \(life.node.name) and \(name(known.leader)) lead in term \(term)")
            }
            return
        }
        totals.elections += 1
        if life.configuration.configuration.isJoint { totals.jointElections += 1 }
        for voters in halves(life.consensus.raft.configuration) {
            let granted = voters.filter { voter in
                voter == life.node.id
                    ? life.node.record.term == term && life.node.record.vote == voter.rawValue
                    : ballots[Ballot(voter: voter, term: term)] == life.node.id
            }
            guard granted.count > voters.count / 2 else {
                throw Violation("\(life.node.name) leads in term \(term) with the votes of \(granted.map(name)) among \(voters.map(name))")
            }
        }
        elections[term] = Election(leader: life.node.id, view: life.view)
        let missing = commonPrefix(committed, life.view) + 1
        if missing <= committed.count, committedIn[missing - 1] < term {
            throw Violation("leader completeness: \(life.node.name) leads in term \(term) without the committed entry \(missing)")
        }
    }

    private func observeDurable(_ life: Life) throws {
        let index = life.consensus.raft.durableIndex
        guard index == 0 || (index <= UInt64(life.view.count) && life.node.record.holds(life.view[Int(index) - 1], at: index)) else {
            throw Violation("\(life.node.name) takes its entries up to \(index) for durable, and its disk has not made them so")
        }
    }

    private mutating func observeCommit(_ life: Life) throws {
        let raft = life.consensus.raft
        let index = raft.commitIndex
        guard index >= life.commitIndex else {
            throw Violation("\(life.node.name) goes back from commit index \(life.commitIndex) to \(index)")
        }
        defer { life.commitIndex = index }
        while committed.count < index { try commit(UInt64(committed.count) + 1, upTo: index, life) }
        guard index == 0 || life.view[Int(index) - 1] == committed[Int(index) - 1] else {
            throw Violation("\(life.node.name) commits another entry \(index) than was committed")
        }
    }

    /// An entry that nobody has known committed: it is on the disks of a quorum, and in the log of every later leader.
    private mutating func commit(_ index: UInt64, upTo last: UInt64, _ life: Life) throws {
        let mark = life.view[Int(index) - 1]
        let term = life.view[Int(last) - 1].term
        guard term == life.term else {
            throw Violation("\(life.node.name) commits entry \(last) of term \(term) by counting in term \(life.term)")
        }
        committed.append(mark)
        committedIn.append(term)
        let configuration = life.configuration.configuration
        if configuration.isJoint, life.configuration.index == index { totals.joints += 1 }
        for voters in halves(configuration) {
            let holders = voters.filter { records[$0]?.holds(mark, at: index) ?? false }
            guard holders.count > voters.count / 2 else {
                throw Violation(
                    "\(life.node.name) commits entry \(index), which only \(holders.map(name)) of \(voters.map(name)) hold durably")
            }
        }
        for (later, election) in elections where later > term {
            guard index <= UInt64(election.view.count), election.view[Int(index) - 1] == mark else {
                throw Violation(
                    "leader completeness: \(life.node.name) commits entry \(index), and \(name(election.leader)) was elected in term \(later) without it"
                )
            }
        }
        if rejected.contains(Place(index: index, term: mark.term)) {
            throw Violation("entry \(index) of term \(mark.term) is committed, and its proposal was answered as rejected")
        }
    }

    /// The sets of voters of which each has a majority of its own.
    private func halves(_ configuration: Configuration) -> [[MemberID]] {
        [configuration.voters.members, configuration.outgoing.members].filter { !$0.isEmpty }
    }

    private mutating func observeApplied(_ life: Life) throws {
        let consensus = life.consensus
        guard consensus.appliedIndex != life.appliedIndex else { return }
        let name = life.node.name
        let snapshot = consensus.committed.snapshot
        let index = consensus.appliedIndex
        guard index > life.appliedIndex, index <= life.commitIndex else {
            throw Violation("\(name) applies \(index) after \(life.appliedIndex)")
        }
        guard snapshot.state.index == index, snapshot.state.chain == committed[Int(index) - 1].chain else {
            throw Violation("\(name) has applied something else up to \(index) than was committed")
        }
        guard snapshot.visibleIndex <= index, snapshot.visibleIndex >= life.visibleIndex else {
            throw Violation("\(name) shows entries up to \(snapshot.visibleIndex), and \(index) are committed")
        }
        life.appliedIndex = index
        life.visibleIndex = snapshot.visibleIndex
        if let known = executed.updateValue(snapshot.state.executed, forKey: index), known != snapshot.state.executed {
            throw Violation("\(name) has executed other GTIDs up to entry \(index) than others: \(snapshot.state.executed), not \(known)")
        }
        let last = snapshot.state.executed.lastNumber(source: Source.id) ?? 0
        guard snapshot.state.executed == Source.set(through: last) else {
            throw Violation("\(name) has executed \(snapshot.state.executed): a transaction is left out")
        }
    }

    // MARK: - Messages

    /// What is said is durable, and no vote is cast twice.
    mutating func observe(_ message: Message, from node: SimulatedNode) throws {
        let record = node.record
        switch message.body {
        case .voteResponse(isPreVote: false, isGranted: true):
            let ballot = Ballot(voter: message.from, term: message.term)
            if let other = ballots.updateValue(message.to, forKey: ballot), other != message.to {
                throw Violation("\(node.name) votes in term \(message.term) for \(name(other)) and for \(name(message.to))")
            }
            guard record.term == message.term, record.vote == message.to.rawValue else {
                throw Violation("\(node.name) votes in term \(message.term) before its disk knows it")
            }
        case .voteRequest(let request) where !request.isPreVote:
            guard record.term == message.term, record.vote == message.from.rawValue, UInt64(record.durable.count) >= request.last.index
            else {
                throw Violation("\(node.name) campaigns in term \(message.term) before its disk knows it")
            }
        case .appendAccepted(let index):
            guard UInt64(record.durable.count) >= index, record.term >= message.term else {
                throw Violation("\(node.name) acknowledges entry \(index) before its disk has it")
            }
        default: break
        }
        if record.isWiped || message.from != node.id { throw Violation("\(node.name) speaks as a member that it no longer is") }
    }

    // MARK: - Proposals, reads

    mutating func acknowledge(through gtid: UInt64) {
        acknowledged = max(acknowledged, gtid)
        totals.acknowledged = Int(acknowledged)
    }

    mutating func reject(_ place: Place) throws {
        rejected.insert(place)
        if place.index <= UInt64(committed.count), committed[Int(place.index) - 1].term == place.term {
            throw Violation("entry \(place.index) of term \(place.term) is committed, and its proposal is answered as rejected")
        }
    }

    mutating func count(log: Log) {
        let segments = log.catalog.segments()
        totals.segments = segments.count
        totals.aborts = segments.count { $0.abortedRunIndex > 0 }
    }

    func name(_ id: MemberID) -> String { records[id].map { $0.isWiped ? $0.name + " (wiped)" : $0.name } ?? "\(id)" }
}
