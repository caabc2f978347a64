extension Raft {
    // MARK: Proposals

    /// Adds entries to the log if this member leads.
    ///
    /// - Parameter byteCounts: the encoded size of each entry; not empty.
    /// - Returns: the term and index that the entries have from now on, for the caller to encode them with.
    public mutating func propose(byteCounts: [Int]) throws(ProposalError) -> Proposal {
        precondition(!byteCounts.isEmpty)
        guard role == .leader else { throw .notLeader(leader: leader) }
        guard transferee == nil else { throw .isTransferring }
        let proposal = Proposal(term: term, firstIndex: log.lastIndex + 1)
        for byteCount in byteCounts { append(Entry(term: term, byteCount: byteCount)) }
        return proposal
    }

    /// Adds an entry that changes the membership; it is in force at once.
    ///
    /// - Parameter byteCount: the encoded size of the entry.
    public mutating func propose(configuration next: Configuration, byteCount: Int) throws(ProposalError) -> Proposal {
        guard role == .leader else { throw .notLeader(leader: leader) }
        let current = configurations.current
        // With an older change still open, or without an entry of this term committed, another leader's log could hold a third
        // configuration whose majority does not meet this one's.
        guard current.index <= commitIndex, hasCommittedInTerm else { throw .changeInProgress }
        guard current.configuration.mayBeFollowed(by: next) else { throw .illegalConfiguration }
        let proposal = try propose(byteCounts: [byteCount])
        configurations.append(ConfigurationEntry(index: proposal.firstIndex, configuration: next))
        rebuildPeers()
        return proposal
    }

    mutating func rebuildPeers() {
        peers = configuration.members.filter { $0 != id }.map { member in
            peers.first { $0.id == member } ?? Progress(id: member, nextIndex: log.lastIndex + 1, options: options)
        }
    }

    // MARK: Answers

    mutating func receiveFromFollower(_ message: Message) {
        guard role == .leader, let peer = peers.firstIndex(where: { $0.id == message.from }) else { return }
        peers[peer].isRecentlyActive = true
        switch message.body {
        case .appendAccepted(let index):
            let before = peers[peer].matchIndex
            peers[peer].accepted(index, firstIndex: log.firstIndex)
            peers[peer].rounds.reached(index, lastIndex: log.lastIndex)
            if peers[peer].matchIndex > before {
                if let age = writes.age(of: index) { peers[peer].ticksToAcknowledge = age }
                advanceCommit()
            }
        case .appendRejected(let rejection):
            let hint = log.lastIndex(upTo: rejection.hint.index, withTermAtMost: rejection.hint.term)
            peers[peer].rejected(rejection.index, hint: hint)
        case .heartbeatResponse(let readRound):
            peers[peer].answeredHeartbeat(lastIndex: log.lastIndex)
            peers[peer].readRound = max(peers[peer].readRound, min(readRound, reads.round))
            answerReads()
        default: break
        }
    }

    /// The peer was given whole segments up to `index`, or, with nil, they could not be delivered: it is asked where it stands.
    public mutating func segmentsDelivered(to member: MemberID, through index: LogIndex?) {
        guard role == .leader, let peer = peers.firstIndex(where: { $0.id == member }), peers[peer].state == .awaitingSegments else {
            return
        }
        peers[peer].becomeProbe()
        // Not from its old match: that is purged, and the peer would be reported again without having been asked.
        peers[peer].nextIndex = max(peers[peer].nextIndex, log.firstIndex, min(index ?? 0, log.lastIndex) + 1)
    }

    // MARK: Commit

    /// How far a member's log is known to be durable and equal to this leader's; its own disk counts like any other.
    func matchIndex(of member: MemberID) -> LogIndex? {
        member == id ? durableIndex : peers.first { $0.id == member }?.matchIndex
    }

    /// Whether a member could vote without holding up the others: it is alive, and holds all that is committed, or gets what is new within an
    /// election timeout.
    public func hasCaughtUp(_ member: MemberID) -> Bool {
        guard role == .leader, let peer = peers.first(where: { $0.id == member }), peer.isRecentlyActive else { return false }
        return peer.matchIndex >= commitIndex || peer.rounds.isQuick(within: options.electionTimeoutTicks)
    }

    /// Commits what a quorum holds durably.
    mutating func advanceCommit() {
        let index = configuration.committedIndex(matchIndex(of:))
        // Only entries of this term are committed by counting. One of an older term can be on a majority and still be replaced by a leader
        // that has a later term at its end (Raft paper, figure 8); it is committed along with an entry of this term above it.
        guard index > commitIndex, index <= log.lastIndex, log.term(at: index) == term else { return }
        commit(through: index)
        let current = configurations.current
        if current.index <= commitIndex, !current.configuration.isVoter(id) { leaveAfterRemoval() }
    }

    /// A leader that its last change removed hands on what it knows and steps down.
    private mutating func leaveAfterRemoval() {
        let successor = furthestVoter
        replicate()
        if let successor { send(.timeoutNow, to: successor) }
        becomeFollower(term: term, leader: nil)
    }

    // MARK: Replication

    /// Sends each peer what it lacks and may be sent.
    mutating func replicate() {
        for peer in peers.indices { replicate(to: peer) }
    }

    private mutating func replicate(to peer: Int) {
        if peers[peer].nextIndex <= log.previous.index, peers[peer].state != .awaitingSegments {
            peers[peer].becomeAwaitingSegments()
            needsSegments.append(peers[peer].id)
        }
        switch peers[peer].state {
        case .awaitingSegments: break
        case .probe:
            guard !peers[peer].isProbeSent else { break }
            peers[peer].isProbeSent = true
            sendAppend(to: peer, isPipelined: false)
        case .replicate:
            while peers[peer].nextIndex <= log.lastIndex, !peers[peer].inflights.isFull { sendAppend(to: peer, isPipelined: true) }
            guard peers[peer].wantsLossCheck else { break }
            peers[peer].wantsLossCheck = false
            sendAppend(to: peer, limit: 0, isPipelined: false)
        }
        tellCommit(to: peer)
        if peers[peer].id == transferee, !isTransferSent, peers[peer].matchIndex == log.lastIndex {
            isTransferSent = true
            send(.timeoutNow, to: peers[peer].id)
        }
    }

    private mutating func sendAppend(to peer: Int, limit: Int? = nil, isPipelined: Bool) {
        let nextIndex = peers[peer].nextIndex
        guard let previousTerm = log.term(at: nextIndex - 1) else {
            preconditionFailure("entries before the log's first are streamed as segments")
        }
        var entries: [Entry] = []
        var bytes = 0
        var index = nextIndex
        while index <= log.lastIndex, entries.count < limit ?? options.maxAppendEntries, let term = log.term(at: index) {
            let byteCount = sizes[index]
            if !entries.isEmpty, bytes + byteCount > options.maxAppendBytes { break }
            bytes += byteCount
            entries.append(Entry(term: term, byteCount: byteCount))
            index += 1
        }
        if isPipelined {
            peers[peer].inflights.add(lastIndex: index - 1, byteCount: bytes)
            peers[peer].nextIndex = index
        }
        let lastSent = index - 1
        let append = Append(
            previous: LogPosition(index: nextIndex - 1, term: previousTerm), entries: entries, commitIndex: min(commitIndex, lastSent))
        // If the message is lost, the next heartbeat tells the commit index.
        peers[peer].sentCommitIndex = max(peers[peer].sentCommitIndex, append.commitIndex)
        send(.append(append), to: peers[peer].id)
    }

    /// Tells a new commit index, as far as the peer holds it, without waiting for more entries: its readers wait for it.
    private mutating func tellCommit(to peer: Int) {
        let index = min(commitIndex, peers[peer].matchIndex)
        guard index > peers[peer].sentCommitIndex else { return }
        peers[peer].sentCommitIndex = index
        send(.commit(commitIndex: index), to: peers[peer].id)
    }
}
