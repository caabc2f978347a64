extension Raft {
    /// Takes one message from another member.
    ///
    /// - Throws: `MessageError` for what no correct member sends; nothing has changed then.
    public mutating func step(_ message: Message) throws(MessageError) {
        guard message.to == id, message.from != id else { throw .notForThisMember(message.to) }
        try message.checkForm()
        if message.term < term {
            answerOlderTerm(message)
            return
        }
        try checkAgainstLog(message)
        if message.term > term, !enterTerm(of: message) { return }

        switch message.body {
        case .voteRequest(let request):
            answer(request, of: message)
        case .voteResponse(let isPreVote, let isGranted):
            if isPreVote == (role == .preCandidate) { count(isGranted, from: message.from) }
        case .append(let append):
            follow(message.from)
            receive(append, from: message.from)
        case .heartbeat(let index, let readRound):
            follow(message.from)
            commit(through: min(index, log.lastIndex))
            send(.heartbeatResponse(readRound: readRound), to: message.from)
        case .commit(let index):
            follow(message.from)
            commit(through: min(index, log.lastIndex))
        case .appendAccepted, .appendRejected, .heartbeatResponse:
            receiveFromFollower(message)
        case .staleTerm:
            break
        case .timeoutNow:
            if role != .leader { campaign(isTransfer: true) }
        case .readIndex(let read):
            if role == .leader { reads.add(read, from: message.from) }
        case .readIndexResponse(let read, let index):
            readStates.append(ReadState(id: read, index: index))
        }
    }

    /// What contradicts this member's own knowledge.
    private func checkAgainstLog(_ message: Message) throws(MessageError) {
        switch message.body {
        case .append, .heartbeat, .commit:
            guard message.term > term || (role != .leader && (leader == nil || leader == message.from)) else {
                throw .secondLeader(message.from, term: term)
            }
        case .appendAccepted(let index):
            guard message.term > term || role != .leader || index <= log.lastIndex else { throw .impossibleIndex(index) }
        default: break
        }
        guard case .append(let append) = message.body else { return }
        // Up to the commit index every leader's log is this one. Where it is not, carrying on would serve one history and store another.
        guard append.previous.index < commitIndex + 1 else { return }
        if let known = log.term(at: append.previous.index), known != append.previous.term { throw .contradictsCommitted(append.previous) }
        var index = append.previous.index
        for entry in append.entries {
            index += 1
            guard index <= commitIndex else { break }
            if let known = log.term(at: index), known != entry.term {
                throw .contradictsCommitted(LogPosition(index: index, term: entry.term))
            }
        }
    }

    /// - Returns: false if the message is to be ignored.
    private mutating func enterTerm(of message: Message) -> Bool {
        switch message.body {
        case .voteRequest(let request):
            // Who hears a leader does not help to replace it: a member that was cut off, or was removed and does not know it, would
            // otherwise depose a working leader each time it times out.
            if hearsLeader, !request.isTransfer { return false }
            if !request.isPreVote { becomeFollower(term: message.term, leader: nil) }
        case .voteResponse(isPreVote: true, isGranted: true):
            break
        case .append, .heartbeat, .commit:
            becomeFollower(term: message.term, leader: message.from)
        default:
            becomeFollower(term: message.term, leader: nil)
        }
        return true
    }

    private mutating func answerOlderTerm(_ message: Message) {
        switch message.body {
        case .append, .heartbeat, .commit:
            // Without an answer a member that lost an election in a higher term is stuck: it ignores the leader's messages, and the
            // others, who hear the leader, ignore its campaigns. The answer makes the leader step down, and one election brings all
            // together.
            send(.staleTerm, to: message.from)
        case .voteRequest(let request) where request.isPreVote:
            // A candidate in an older term may have the newer log; it must learn the term to win.
            send(.voteResponse(isPreVote: true, isGranted: false), to: message.from)
        default: break
        }
    }

    private mutating func follow(_ member: MemberID) {
        if role != .follower || leader != member { becomeFollower(term: term, leader: member) }
        electionElapsed = 0
    }

    // MARK: Time and connections

    /// One tick of the caller's clock.
    public mutating func tick() {
        electionElapsed += 1
        writes.tick()
        if role == .leader {
            tickLeader()
        } else if electionElapsed >= electionTimeout {
            // Also at a learner, which does not campaign but may be asked for its vote: it hears no leader.
            leader = nil
            electionElapsed = 0
            campaignWithPreVote()
        }
    }

    /// Bytes of a message that is not complete yet came from `member`.
    ///
    /// A large event takes longer to arrive than an election timeout; who sends it is alive.
    public mutating func receivedBytes(from member: MemberID) {
        if role == .leader {
            if let peer = peers.firstIndex(where: { $0.id == member }) { peers[peer].isRecentlyActive = true }
        } else if member == leader {
            electionElapsed = 0
        }
    }

    /// The connection with `member` is gone, and what was in flight with it.
    ///
    /// A leader's closed connection mostly means a dead process: its followers campaign within a few ticks, not after a whole timeout.
    public mutating func connectionClosed(with member: MemberID) {
        if role == .leader {
            if let peer = peers.firstIndex(where: { $0.id == member }), peers[peer].state == .replicate { peers[peer].becomeProbe() }
        } else if member == leader {
            leader = nil
            // In an order that all know: they notice at the same moment, and where two have voted for themselves both wait out a whole
            // timeout. The next in the order still campaigns early where the one before it cannot win, or is gone as well.
            let others = configuration.members.filter { configuration.isVoter($0) && $0 != member }
            let place = others.firstIndex(of: id) ?? others.count
            electionTimeout = electionElapsed + 1 + place * max(1, options.electionTimeoutTicks / 4)
        }
    }

    /// This member has lately heard its leader, or is one.
    var hearsLeader: Bool { leader != nil && electionElapsed < options.electionTimeoutTicks }

    mutating func resetElectionTimer() {
        electionElapsed = 0
        electionTimeout = options.electionTimeoutTicks + Int(random.next() % UInt64(options.electionTimeoutTicks))
    }
}
