extension Raft {
    /// Asks for an index such that whoever has applied it sees all that is committed now. The answer comes in `Output.reads`.
    ///
    /// Works on every member; a follower asks its leader. A request or an answer can be lost on the way: the caller asks again after a
    /// while.
    public mutating func requestRead() throws(ProposalError) -> ReadID {
        let read = reads.makeID()
        if role == .leader {
            reads.add(read, from: id)
        } else {
            guard let leader else { throw .notLeader(leader: nil) }
            send(.readIndex(read), to: leader)
        }
        return read
    }

    /// Until an entry of its own term is committed a leader does not know how much its predecessors committed: reads wait.
    mutating func startReadRound() {
        guard reads.hasWaiting, hasCommittedInTerm else { return }
        reads.beginRound(at: commitIndex)
        broadcastHeartbeat()
        answerReads()
    }

    mutating func answerReads() {
        guard reads.hasConfirming else { return }
        let confirmed = configuration.committedIndex { member in
            member == id ? reads.round : peers.first { $0.id == member }?.readRound
        }
        for (request, index) in reads.takeConfirmed(round: confirmed) {
            if request.from == id {
                readStates.append(ReadState(id: request.id, index: index))
            } else {
                send(.readIndexResponse(request.id, index: index), to: request.from)
            }
        }
    }
}
