@testable import Raft

func member(_ number: UInt64) -> MemberID { MemberID(rawValue: number)! }

/// A message with the payloads of its entries.
struct Envelope {
    var message: Message
    var payloads: [StoredEntry] = []
}

/// One member: the core, its disk, and the part of the caller that knows payloads.
struct Node {
    var raft: Raft?
    var disk: SimulatedDisk
    /// The log as it was handed to the disk.
    var memory: [StoredEntry]
    /// Payloads of entries that the core may come to hold.
    var offered: [LogPosition: StoredEntry] = [:]
    var configurationEntries: [LogPosition] = []
    var committedIndex: LogIndex = 0
    var incarnation: UInt64 = 0
    var reads: [ReadState] = []
    var needsSegments: [MemberID] = []
    var statuses: [Status] = []
    var highestTerm: Term = 0

    func memoryEntry(at index: LogIndex) -> StoredEntry? {
        index > disk.previous.index && index - disk.previous.index <= LogIndex(memory.count)
            ? memory[Int(index - disk.previous.index) - 1] : nil
    }
}

/// Members in one address space, with a network and disks that do only what the test tells them.
final class Cluster {
    var nodes: [MemberID: Node] = [:]
    var network: [Envelope] = []
    var options = Options()
    var oracle = Oracle()
    /// Everything that was ever sent, in order.
    var sent: [Message] = []
    var keepsHistory = true
    private var nextPayload: UInt64 = 0
    private var seed: UInt64

    /// Members `1...count`, the first `voters` of which vote, with entry 1 already there: it brings the configuration, as a bootstrap does.
    init(voters: UInt64, learners: UInt64 = 0, seed: UInt64 = 1, options: Options = Options()) {
        self.seed = seed
        self.options = options
        let ids = (1...(voters + learners)).map(member)
        let configuration = Configuration(voters: ids.prefix(Int(voters)), learners: ids.dropFirst(Int(voters)))
        for id in ids {
            add(
                id,
                disk: SimulatedDisk(
                    hardState: HardState(term: 1), entries: [StoredEntry(term: 1, payload: 0, configuration: configuration)]))
        }
        oracle.bootstrap(StoredEntry(term: 1, payload: 0, configuration: configuration))
    }

    var ids: [MemberID] { nodes.keys.sorted() }
    var leaders: [MemberID] { ids.filter { nodes[$0]!.raft?.role == .leader } }
    func raft(_ number: UInt64) -> Raft { nodes[member(number)]!.raft! }

    func add(_ id: MemberID, disk: SimulatedDisk) {
        nodes[id] = Node(disk: disk, memory: disk.entries)
        start(id)
    }

    // MARK: Process

    func start(_ id: MemberID) {
        seed &+= 0x9e37_79b9
        let disk = nodes[id]!.disk
        nodes[id]!.memory = disk.entries
        nodes[id]!.offered.removeAll()
        nodes[id]!.raft = Raft(id: id, recovered: disk.recovered(), seed: seed, options: options)
        collect(id)
    }

    /// Ends the process. Of the writes under way the first `surviving` are durable, though nobody was told.
    func crash(_ id: MemberID, surviving: Int = 0) {
        for _ in 0..<surviving { _ = nodes[id]!.disk.completeNext() }
        nodes[id]!.disk.pending.removeAll()
        nodes[id]!.raft = nil
    }

    // MARK: Inputs

    func tick(_ id: MemberID, count: Int = 1) {
        for _ in 0..<count where nodes[id]!.raft != nil {
            nodes[id]!.raft!.tick()
            collect(id)
        }
    }

    /// Ticks until the member campaigns.
    func timeOut(_ number: UInt64) {
        let id = member(number)
        for _ in 0..<(3 * options.electionTimeoutTicks) where nodes[id]!.raft!.role == .follower { tick(id) }
    }

    @discardableResult
    func propose(_ number: UInt64, count: Int = 1) throws(ProposalError) -> Proposal {
        let id = member(number)
        let proposal = try nodes[id]!.raft!.propose(byteCounts: Array(repeating: 100, count: count))
        for offset in 0..<LogIndex(count) { offer(id, proposal, offset: offset) }
        collect(id)
        return proposal
    }

    func propose(_ number: UInt64, configuration: Configuration) throws(ProposalError) {
        let id = member(number)
        let proposal = try nodes[id]!.raft!.propose(configuration: configuration, byteCount: 100)
        offer(id, proposal, offset: 0, configuration: configuration)
        collect(id)
    }

    private func offer(_ id: MemberID, _ proposal: Proposal, offset: LogIndex, configuration: Configuration? = nil) {
        nextPayload += 1
        nodes[id]!.offered[LogPosition(index: proposal.firstIndex + offset, term: proposal.term)] = StoredEntry(
            term: proposal.term, payload: nextPayload, configuration: configuration)
    }

    @discardableResult
    func requestRead(_ number: UInt64) throws(ProposalError) -> ReadID {
        let id = member(number)
        let read = try nodes[id]!.raft!.requestRead()
        oracle.reads[read] = oracle.committed.count
        collect(id)
        return read
    }

    func transfer(from number: UInt64, to target: UInt64) throws(ProposalError) {
        try nodes[member(number)]!.raft!.transferLeadership(to: member(target))
        collect(member(number))
    }

    /// Any other input.
    func with(_ number: UInt64, _ input: (inout Raft) throws -> Void) rethrows {
        try input(&nodes[member(number)]!.raft!)
        collect(member(number))
    }

    // MARK: Disk

    /// Completes the oldest `count` writes of a member, or all.
    func completeWrites(_ id: MemberID, count: Int = .max) {
        var done = 0
        while done < count, let write = nodes[id]!.disk.completeNext() {
            done += 1
            nodes[id]!.raft!.persisted(through: write)
            collect(id)
        }
    }

    // MARK: Network

    func deliver(_ envelope: Envelope) {
        guard nodes[envelope.message.to]?.raft != nil else { return }
        var message = envelope.message
        if case .append(var append) = message.body {
            for (offset, entry) in envelope.payloads.enumerated() {
                let index = append.previous.index + 1 + LogIndex(offset)
                nodes[message.to]!.offered[LogPosition(index: index, term: entry.term)] = entry
                if let configuration = entry.configuration {
                    append.configurations.append(ConfigurationEntry(index: index, configuration: configuration))
                }
            }
            message.body = .append(append)
        }
        do {
            try nodes[message.to]!.raft!.step(message)
        } catch {
            oracle.fail("\(message.to) refuses \(message): \(error)")
        }
        collect(message.to)
    }

    /// Takes a message out of the network.
    func take(where matches: (Message) -> Bool) -> [Envelope] {
        let taken = network.filter { matches($0.message) }
        network.removeAll { matches($0.message) }
        return taken
    }

    /// Delivers what is under way now, and to the members named only, if any are; completes no write.
    func deliverOnce(to numbers: [UInt64]? = nil) {
        for envelope in take(where: { message in numbers?.contains(message.to.rawValue) ?? true }) { deliver(envelope) }
    }

    /// Delivers messages and completes writes of `among` until nothing moves; what goes to or comes from others is lost.
    func settle(among numbers: [UInt64]? = nil) {
        let alive = (numbers?.map(member) ?? ids).filter { nodes[$0]?.raft != nil }
        for _ in 0..<10_000 {
            network.removeAll { !alive.contains($0.message.to) || !alive.contains($0.message.from) }
            if let id = alive.first(where: { !nodes[$0]!.disk.pending.isEmpty }) {
                completeWrites(id)
            } else if !network.isEmpty {
                deliver(network.removeFirst())
            } else {
                return
            }
        }
        oracle.fail("the cluster does not come to rest")
    }

    /// Makes a member the leader, with everyone's help.
    func elect(_ number: UInt64, among numbers: [UInt64]? = nil) {
        for other in numbers ?? ids.map(\.rawValue) where other != number {
            if let leader = nodes[member(other)]?.raft?.leader { nodes[member(other)]!.raft!.connectionClosed(with: leader) }
        }
        timeOut(number)
        settle(among: numbers)
    }

    // MARK: Output

    /// Does what the core asks for, and has the oracle look at it.
    private func collect(_ id: MemberID) {
        while true {
            let output = nodes[id]!.raft!.takeOutput()
            guard !output.isEmpty else { break }
            if let write = output.write { enqueue(write, at: id) }
            if let status = output.status {
                nodes[id]!.statuses.append(status)
                oracle.observe(status, of: id, in: self)
            }
            for message in output.messages { send(message, from: id) }
            nodes[id]!.reads += output.reads
            for read in output.reads { oracle.observe(read) }
            nodes[id]!.needsSegments += output.needsSegments
            oracle.observeCommit(of: id, in: self)
            if let index = output.committedIndex { apply(through: index, at: id) }
            if let next = output.nextConfiguration, let proposal = try? nodes[id]!.raft!.propose(configuration: next, byteCount: 100) {
                offer(id, proposal, offset: 0, configuration: next)
            }
        }
        oracle.observe(nodes[id]!, of: id)
        nodes[id]!.highestTerm = max(nodes[id]!.highestTerm, nodes[id]!.raft!.term)
    }

    private func enqueue(_ write: Write, at id: MemberID) {
        if let cut = write.truncateFrom {
            let kept = Int(cut - 1 - nodes[id]!.disk.previous.index)
            nodes[id]!.memory.removeLast(nodes[id]!.memory.count - kept)
        }
        var entries: [StoredEntry] = []
        for (offset, entry) in write.entries.enumerated() {
            let position = LogPosition(index: write.firstIndex + LogIndex(offset), term: entry.term)
            if position.index == write.noOpIndex {
                // Distinct for each leader, so that two different no-ops never pass for the same.
                entries.append(StoredEntry(term: entry.term, payload: (id.rawValue << 48) | entry.term))
            } else if let payload = nodes[id]!.offered[position] {
                entries.append(payload)
            } else {
                oracle.fail("\(id) writes an entry at \(position) whose payload nobody gave it")
            }
            let before = nodes[id]!.memory.last?.term ?? nodes[id]!.disk.previous.term
            oracle.observe(entries[offset], at: position, after: before)
            nodes[id]!.memory.append(entries[offset])
        }
        nodes[id]!.disk.pending.append(
            SimulatedDisk.PendingWrite(id: write.id, hardState: write.hardState, truncateFrom: write.truncateFrom, entries: entries))
    }

    private func send(_ message: Message, from id: MemberID) {
        oracle.observe(message, disk: nodes[id]!.disk)
        if keepsHistory { sent.append(message) }
        var envelope = Envelope(message: message)
        if case .append(let append) = message.body {
            for (offset, entry) in append.entries.enumerated() {
                guard let stored = nodes[id]!.memoryEntry(at: append.previous.index + 1 + LogIndex(offset)), stored.term == entry.term
                else {
                    oracle.fail("\(id) sends an entry that is not in its log")
                    return
                }
                envelope.payloads.append(stored)
            }
        }
        network.append(envelope)
    }

    private func apply(through index: LogIndex, at id: MemberID) {
        guard index > nodes[id]!.disk.previous.index else { return }
        for applied in (max(nodes[id]!.committedIndex, nodes[id]!.disk.previous.index) + 1)...max(index, nodes[id]!.committedIndex + 1)
        where applied <= index {
            if let entry = nodes[id]!.memoryEntry(at: applied) { oracle.observe(applied: entry, at: applied, by: id) }
        }
        nodes[id]!.committedIndex = index
        if nodes[id]!.disk.lastIndex < index { oracle.fail("\(id) reports \(index) as committed and durable, but it is not on its disk") }
    }
}
