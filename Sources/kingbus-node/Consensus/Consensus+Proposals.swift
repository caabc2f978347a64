import Common
import Log
import Logging
import NIOCore
import Raft

extension Consensus {
    /// Proposes a batch of the upstream's events; `completion` is called once, on this loop.
    func propose(_ batch: Batch, term: UInt64, firstContact: FirstContact?, completion: @escaping @Sendable (Outcome) -> Void) {
        loop.preconditionInEventLoop()
        guard !isStopped, ingestTerm == term, !isIngestBroken, raft.role == .leader, !raft.isTransferring, raft.term == term else {
            // What follows on the same connection is not taken either, whatever changes until it has ended: the log would have a hole.
            if ingestTerm == term { isIngestBroken = true }
            return completion(.rejected)
        }
        perform { () throws(CodecError) in
            if let format = batch.newFormat { try appendSegment(format: format, batch: batch, firstContact: firstContact) }
            try append(size: batch.byteCount, completion: completion) { factory, commitIndex throws(CodecError) in
                try factory.events(batch, term: term, commitIndex: commitIndex)
            }
            if factory.shouldRoll { try appendSegment(factory.state) }
        }
        pump()
    }

    /// Changes the cluster's settings: `change` gets those in the log's end and may throw to refuse.
    func changeSettings(
        _ change: (inout ClusterSettings) throws -> Void, completion: @escaping @Sendable (Outcome) -> Void
    ) throws {
        loop.preconditionInEventLoop()
        guard !isStopped, raft.role == .leader else { return completion(.rejected) }
        var settings = factory.state.settings
        try change(&settings)
        let term = raft.term
        perform { () throws(CodecError) in
            try append(size: settings.encoded().count, completion: completion) { factory, commitIndex throws(CodecError) in
                try factory.settings(settings, term: term, commitIndex: commitIndex)
            }
        }
        pump()
    }

    /// The dump connection of `term` ended: a transaction that it left half in the log is aborted.
    func ingestEnded(term: UInt64) {
        loop.preconditionInEventLoop()
        guard ingestTerm == term else { return }
        ingestTerm = nil
        settle()
    }

    /// Hands leadership to the voter that is furthest ahead, if this node leads and there is another.
    func handOver() {
        loop.preconditionInEventLoop()
        try? raft.transferLeadership()
        pump()
    }

    private func appendSegment(format: [UInt8], batch: Batch, firstContact: FirstContact?) throws(CodecError) {
        var next = factory.state
        next.formatDescription = format
        if next.epoch == 0 {
            let start = firstContact?.start ?? GTIDSet()
            next.epoch = 1
            next.lost = start
            next.executed = next.executed.union(start)
        }
        next.file = batch.file
        next.position = batch.position
        try appendSegment(next)
    }

    private func appendSegment(_ next: LogState) throws(CodecError) {
        let term = raft.term
        try append(size: next.encoded().count, completion: nil) { factory, commitIndex throws(CodecError) in
            try factory.segment(next, term: term, commitIndex: commitIndex)
        }
    }

    /// Appends one entry to the core and to the tail.
    private func append(
        size: Int, completion: UnappliedTail.Completion?, make: (inout EntryFactory, UInt64) throws(CodecError) -> LogEntry
    ) throws(CodecError) {
        do {
            let proposal = try raft.propose(byteCounts: [size + EntryHeader.fixedByteCount])
            precondition(proposal.firstIndex == factory.state.index + 1, "the core and the log disagree about the next index")
        } catch {
            completion?(.rejected)
            return
        }
        tail.append(try make(&factory, raft.commitIndex), completion: completion)
    }

    /// Once everything in the log is committed and applied in this leader's term, ends what an earlier upstream connection left open,
    /// and lets the next one begin.
    func settle() {
        guard raft.role == .leader, !raft.isTransferring, ingestTerm == nil, appliedIndex == raft.log.lastIndex,
            raft.log.term(at: appliedIndex) == raft.term
        else { return }
        if let run = factory.state.openRun {
            perform { () throws(CodecError) in
                let events: [UInt8]
                do {
                    events = try AbortedRun.endingEvents(
                        of: run, in: log.catalog, through: appliedIndex, serverID: factory.state.serverID,
                        checksum: factory.state.checksum)
                } catch {
                    fatal("the transaction that the log holds half of cannot be read: \(error)")
                    return
                }
                let term = raft.term
                logger.notice(
                    "a transaction was left incomplete by its upstream connection and is aborted",
                    metadata: ["gtid": "\(run.gtid.map(String.init(describing:)) ?? "-")"])
                try append(size: events.count, completion: nil) { factory, commitIndex throws(CodecError) in
                    try factory.abort(events: events, term: term, commitIndex: commitIndex)
                }
                try appendSegment(factory.state)
            }
            loop.execute { self.pump() }
        } else if factory.state.abortedRunIndex != 0 {
            // A crash, or a change of leaders, came between an abort and the segment behind it, which alone tells readers what to leave out.
            perform { () throws(CodecError) in try appendSegment(factory.state) }
            loop.execute { self.pump() }
        } else {
            ingestTerm = raft.term
            isIngestBroken = false
            onIngestTermChange?(raft.term)
        }
    }

    /// Proposes other members. More than one voter at a time is changed in two steps, of which the second follows by itself.
    ///
    /// - Parameters:
    ///   - change: gets the members in the log's end and may throw to refuse.
    ///   - completion: called once the first step is committed: from then on nothing can undo the change.
    /// - Throws: what `change` throws; ``ProposalError`` where another change is still under way, or nobody would vote.
    func changeMembership(_ change: (inout Membership) throws -> Void, completion: @escaping @Sendable (Outcome) -> Void) throws {
        loop.preconditionInEventLoop()
        guard !isStopped, raft.role == .leader else { return completion(.rejected) }
        let current = factory.state.membership
        guard !current.isJoint else { throw ProposalError.changeInProgress }
        var next = current
        try change(&next)
        let isOneStep = Configuration(current).mayBeFollowed(by: Configuration(next))
        try append(isOneStep ? next : current.enteringJoint(to: next), completion: completion)
        pump()
    }

    private func append(_ membership: Membership, completion: UnappliedTail.Completion?) throws(ProposalError) {
        let size = membership.encoded().count + EntryHeader.fixedByteCount
        let proposal = try raft.propose(configuration: Configuration(membership), byteCount: size)
        precondition(proposal.firstIndex == factory.state.index + 1, "the core and the log disagree about the next index")
        perform { () throws(CodecError) in
            tail.append(
                try factory.membership(membership, term: raft.term, commitIndex: raft.commitIndex), completion: completion)
        }
    }

    /// Ends a change of several voters whose first step is committed.
    func leaveJoint() {
        do throws(ProposalError) { try append(factory.state.membership.leavingJoint(), completion: nil) } catch {
            // No input leads here: the core has asked for it in the same turn of the loop, by the conditions that it now asks for again.
            preconditionFailure("the core refuses the step that it asked for: \(error)")
        }
    }

    /// Lets learners vote that have caught up, all at once that have.
    func promoteLearners() {
        guard raft.role == .leader, !isStopped else { return }
        let ready = factory.state.membership.members.filter { $0.role == .learner && hasCaughtUp($0) }
        guard !ready.isEmpty else { return }
        try? changeMembership({ membership in for member in ready { membership.setRole(.voter, of: member) } }, completion: { _ in })
    }

    /// Whether this leader knows another member to keep up with the log.
    func hasCaughtUp(_ member: Common.Member) -> Bool {
        loop.preconditionInEventLoop()
        return raft.hasCaughtUp(memberID(member))
    }
}

extension Membership {
    mutating func setRole(_ role: Member.Role, of member: Member) {
        for index in members.indices where members[index].isSame(as: member) { members[index].role = role }
    }
}
