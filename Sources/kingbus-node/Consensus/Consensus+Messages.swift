import Common
import Log
import Logging
import NIOCore
import Raft

extension Consensus {
    /// Takes what another member sent.
    func receive(_ incoming: IncomingMessage) {
        loop.preconditionInEventLoop()
        guard !isStopped else { return }
        var message = incoming.message
        var firstNew: UInt64 = 0
        do {
            if case .append(var append) = message.body {
                append.configurations = try Self.configurations(in: incoming.entries)
                firstNew = self.firstNew(append)
                message.body = .append(append)
            }
            try raft.step(message)
        } catch let error as MessageError {
            return refuse(error, from: message.from)
        } catch {
            return refuse(.malformed, from: message.from)
        }
        if case .append(let append) = message.body { take(append, incoming.entries, firstNew: firstNew) }
        pump()
    }

    /// Bytes of a message that is not whole yet came from `member`.
    func receivedBytes(from member: MemberID) {
        loop.preconditionInEventLoop()
        guard !isStopped else { return }
        raft.receivedBytes(from: member)
    }

    func connectionClosed(with member: MemberID) {
        loop.preconditionInEventLoop()
        guard !isStopped else { return }
        raft.connectionClosed(with: member)
        pump()
    }

    private func refuse(_ error: MessageError, from member: MemberID) {
        switch error {
        case .contradictsCommitted(let position):
            fatal(
                "the log of the leader '\(name(of: member) ?? "\(member)")' differs from this node's committed log at entry \(position.index): one of them has lost or changed what was committed"
            )
        case .secondLeader(let other, let term):
            fatal("'\(name(of: other) ?? "\(other)")' says it leads in term \(term), in which another leads: votes were forgotten")
        case .notForThisMember, .malformed, .impossibleIndex:
            logger.warning("a message of a member is refused", metadata: ["member": "\(member)", "reason": "\(error)"])
        }
    }

    // MARK: - Entries that come

    /// The configurations that entries carry.
    private static func configurations(in entries: [LogEntry]) throws(CodecError) -> [ConfigurationEntry] {
        var found: [ConfigurationEntry] = []
        for entry in entries where entry.header.kind == .membership {
            guard case .bytes(let bytes) = entry.payload else { throw CodecError(.invalid, at: 0, "members without a payload") }
            found.append(
                ConfigurationEntry(index: entry.header.index, configuration: Configuration(try Membership(decoding: bytes.span.bytes))))
        }
        return found
    }

    /// The first entry of an append that this log does not hold.
    private func firstNew(_ append: Append) -> UInt64 {
        // Not judged yet: the core refuses an index that nothing can follow.
        var index = append.previous.index &+ 1
        for entry in append.entries {
            guard raft.log.term(at: index) == entry.term else { break }
            index += 1
        }
        return index
    }

    /// Keeps the bytes of what the core took: all from `firstNew` on, or nothing.
    private func take(_ append: Append, _ entries: [LogEntry], firstNew: UInt64) {
        let known = Int(firstNew - append.previous.index - 1)
        guard known < entries.count, raft.log.term(at: firstNew) == entries[known].header.term else { return }
        do {
            if firstNew <= factory.state.index { try rollBack(to: firstNew - 1) }
            for entry in entries[known...] {
                try factory.take(entry)
                tail.append(entry, completion: nil)
            }
        } catch {
            fatal("the leader's log does not continue this node's: \(error)")
        }
    }

    /// Forgets what stands above `index`, which another leader's entries replace.
    private func rollBack(to index: UInt64) throws {
        precondition(index >= appliedIndex, "an applied entry is never cut off")
        var state = committed.snapshot.state
        // What an earlier process appended is read again; what this one did is in memory.
        let stored = min(index, tail.firstIndex - 1)
        if appliedIndex < stored {
            try log.catalog.forEachEntry(from: appliedIndex + 1, through: stored) { header, payload in
                try state.fold(header, payload: payload)
            }
        }
        while state.index < index, let entry = tail[state.index + 1] { try state.fold(entry) }
        precondition(state.index == index, "the log's end cannot be rebuilt")
        factory = EntryFactory(state: state)
        for completion in tail.truncate(after: index) { completion(.rejected) }
    }

    // MARK: - Entries that go

    func send(_ messages: [Message]) {
        guard let onMessages else { return }
        onMessages(
            messages.map { message in
                guard case .append(let append) = message.body else { return OutgoingMessage(message: message, entries: []) }
                var entries: [LogEntry?] = []
                entries.reserveCapacity(append.entries.count)
                for index in append.entries.indices {
                    let entry = tail[append.previous.index + 1 + UInt64(index)]
                    precondition(entry == nil || entry?.header.term == append.entries[index].term, "the tail and the core disagree")
                    entries.append(entry)
                }
                return OutgoingMessage(message: message, entries: entries)
            })
    }
}
