extension Raft {
    /// A voter of the latest configuration, or of an older one that a truncation could bring back.
    ///
    /// A leader that removed itself and lost its term before the change was sent has the longest log: it grants its vote to none of the
    /// others. If it did not campaign either, two voters less one would wait for ever.
    ///
    /// One whose disk stands still could not win, as its own vote counts only when it is durable, and would disturb those that can.
    var mayCampaign: Bool { mayVote && configurations.hasVoter(id) && !isDiskStalled }

    // MARK: Roles

    mutating func becomeFollower(term newTerm: Term, leader newLeader: MemberID?) {
        if newTerm > term { beginTerm(newTerm, vote: nil) }
        if role == .leader { loseLeadership() }
        role = .follower
        leader = newLeader
        ballots.removeAll()
        resetElectionTimer()
    }

    private mutating func loseLeadership() {
        peers.removeAll()
        transferee = nil
        for read in reads.removeAll() where read.from == id { readStates.append(ReadState(id: read.id, index: nil)) }
    }

    /// Asks first. A member that cannot win would otherwise raise everyone's term and depose a leader that works.
    mutating func campaignWithPreVote() {
        guard mayCampaign, role != .leader else { return }
        role = .preCandidate
        leader = nil
        ballots.removeAll()
        // Asking costs nothing, so it is repeated soon: who was asked may have heard the dead leader a moment later than this member did, and
        // answers nobody until it believes it dead as well.
        electionElapsed = 0
        let quarter = max(1, options.electionTimeoutTicks / 4)
        electionTimeout = quarter + Int(random.next() % UInt64(quarter))
        let request = VoteRequest(last: log.last, isPreVote: true)
        for member in configuration.members where member != id && configuration.isVoter(member) {
            send(.voteRequest(request), to: member, term: term + 1)
        }
        count(true, from: id)
    }

    /// Campaigns in a new term. Neither the requests nor the own vote count before term, vote and log are durable: a candidate that
    /// forgets them in a crash could be elected, by votes for the log it had, with the shorter log it has left.
    mutating func campaign(isTransfer: Bool) {
        guard mayCampaign, role != .leader else { return }
        role = .candidate
        leader = nil
        ballots.removeAll()
        beginTerm(term + 1, vote: id)
        resetElectionTimer()
        let request = VoteRequest(last: log.last, isPreVote: false, isTransfer: isTransfer)
        for member in configuration.members where member != id && configuration.isVoter(member) {
            sendWhenDurable(.voteRequest(request), to: member)
        }
        sendWhenDurable(.voteResponse(isPreVote: false, isGranted: true), to: id)
    }

    /// What this member told itself, once it is durable: its own vote.
    mutating func receiveOwn(_ message: Message) {
        guard case .voteResponse(isPreVote: false, isGranted: true) = message.body, role == .candidate else { return }
        count(true, from: id)
    }

    private mutating func becomeLeader() {
        precondition(role == .candidate && hardState.vote == id)
        role = .leader
        leader = id
        ballots.removeAll()
        electionElapsed = 0
        heartbeatElapsed = 0
        reads.restart()
        rebuildPeers()
        // Entries of older terms are committed only along with one of this term: without a no-op they would wait for the next proposal.
        append(Entry(term: term, byteCount: options.noOpBytes))
        noOpIndex = log.lastIndex
    }

    // MARK: Votes

    mutating func answer(_ request: VoteRequest, of message: Message) {
        // A learner answers too: it may have been made a voter by an entry that it has not received, and without its vote nobody could win.
        let isFree =
            hardState.vote == message.from || (hardState.vote == nil && leader == nil) || (request.isPreVote && message.term > term)
        let isGranted = mayVote && isFree && request.last.isAtLeastAsUpToDate(as: log.last)
        if request.isPreVote {
            let answerTerm = isGranted ? message.term : term
            send(.voteResponse(isPreVote: true, isGranted: isGranted), to: message.from, term: answerTerm)
        } else if isGranted {
            hardState.vote = message.from
            electionElapsed = 0
            sendWhenDurable(.voteResponse(isPreVote: false, isGranted: true), to: message.from)
        } else {
            send(.voteResponse(isPreVote: false, isGranted: false), to: message.from)
        }
    }

    mutating func count(_ isGranted: Bool, from member: MemberID) {
        guard role == .preCandidate || role == .candidate else { return }
        if !ballots.contains(where: { $0.member == member }) { ballots.append((member, isGranted)) }
        let result = configuration.voteResult { member in ballots.first { $0.member == member }?.isGranted }
        switch (result, role) {
        case (.won, .preCandidate): campaign(isTransfer: false)
        case (.won, _): becomeLeader()
        case (.lost, _): becomeFollower(term: term, leader: nil)
        case (.pending, _): break
        }
    }

    // MARK: Leader's time

    mutating func tickLeader() {
        heartbeatElapsed += 1
        for peer in peers.indices { peers[peer].rounds.tick() }
        if electionElapsed >= options.electionTimeoutTicks {
            electionElapsed = 0
            transferee = nil
            guard hearsQuorum(withItself: true) else {
                // Cut off, it can commit nothing; stepping down tells the caller to stop taking what it cannot keep.
                becomeFollower(term: term, leader: nil)
                return
            }
            for peer in peers.indices { peers[peer].isRecentlyActive = false }
        }
        if heartbeatElapsed >= options.heartbeatTicks { broadcastHeartbeat() }
        // Without a quorum beside it there would be no leader at all until the disk moves, and nobody to answer reads.
        if isDiskStalled, transferee == nil, hearsQuorum(withItself: false), let target = voterWithBetterDisk { beginTransfer(to: target) }
    }

    private func hearsQuorum(withItself: Bool) -> Bool {
        configuration.voteResult { member in
            member == id ? withItself : peers.contains { $0.id == member && $0.isRecentlyActive }
        } == .won
    }

    mutating func broadcastHeartbeat() {
        heartbeatElapsed = 0
        for peer in peers {
            // Never beyond what the peer is known to hold: its log may end otherwise above that.
            send(.heartbeat(commitIndex: min(peer.matchIndex, commitIndex), readRound: reads.round), to: peer.id)
        }
    }

    // MARK: Transfer

    /// Hands leadership to `target`, or to the voter that is furthest ahead. Proposals are refused until it has happened, or an election
    /// timeout has passed. One that is under way goes on, unless another target is named, which has what is left of the time.
    public mutating func transferLeadership(to target: MemberID? = nil) throws(ProposalError) {
        guard role == .leader else { throw .notLeader(leader: leader) }
        guard let target = target ?? transferee ?? furthestVoter, target != id, configuration.voters.contains(target) else {
            throw .notAVoter
        }
        if target != transferee { beginTransfer(to: target) }
    }

    private mutating func beginTransfer(to target: MemberID) {
        // The timeout also ends a leader that no quorum hears: it must not be put off again and again.
        if transferee == nil { electionElapsed = 0 }
        transferee = target
        isTransferSent = false
    }

    /// One write has taken longer than an election timeout, and is not so large that it might.
    var isDiskStalled: Bool { writes.isStalled(after: options.electionTimeoutTicks, bytesPerRound: options.maxInflightBytes) }

    /// The voter furthest ahead of those whose disk is seen to be quicker than this leader's.
    ///
    /// A leader whose disk stands still goes on to say that it lives, and commits nothing that its own disk has not: nobody else would ever
    /// take its place. Where all disks are slow alike no other leader would do better, and leadership would only go round. That a peer
    /// holds what this leader's disk has not says little: it may have begun earlier. But from when an entry was handed out until the peer
    /// acknowledged it the peer's disk did a whole write, and this one's has been at a single write for much longer than that.
    private var voterWithBetterDisk: MemberID? {
        let candidates = peers.filter { peer in
            guard peer.isRecentlyActive, peer.matchIndex > durableIndex, let ticks = peer.ticksToAcknowledge else { return false }
            return writes.waitingTicks - ticks > options.electionTimeoutTicks / 2 && configuration.voters.contains(peer.id)
        }
        return candidates.max { $0.matchIndex < $1.matchIndex }?.id
    }

    var furthestVoter: MemberID? {
        // One that is silent may be dead; in a quiet cluster it is as far as the others.
        let voters = peers.filter { configuration.voters.contains($0.id) }
        let heard = voters.filter(\.isRecentlyActive)
        return (heard.isEmpty ? voters : heard).max { $0.matchIndex < $1.matchIndex }?.id
    }
}
