import NIOCore
import Raft

extension Consensus {
    /// Somebody who waits to learn how far the cluster has committed.
    struct WaitingRead {
        /// The request under way; nil while there is no leader to ask.
        var id: ReadID?
        var askedAt: UInt64
        var deadline: UInt64
        var completion: @Sendable (UInt64?) -> Void
    }

    /// Asks for an index such that whoever has applied it sees everything that was committed at the time of the call. A quorum confirms it.
    ///
    /// - Parameters:
    ///   - timeout: in election timeouts; a request or an answer that is lost is repeated within it.
    ///   - completion: called once, on this loop; with nil if no leader with a quorum answered in time.
    func readIndex(timeout: Int = 5, completion: @escaping @Sendable (UInt64?) -> Void) {
        loop.preconditionInEventLoop()
        guard !isStopped else { return completion(nil) }
        let deadline = ticks + UInt64(max(1, timeout) * raft.options.electionTimeoutTicks)
        waitingReads.append(WaitingRead(id: try? raft.requestRead(), askedAt: ticks, deadline: deadline, completion: completion))
        pump()
    }

    /// Whether a quorum still follows this node in `term`; `completion` is called once, on this loop.
    ///
    /// A leader that was stopped for a while and goes on does not know that another leads: it asks before it does what the other's work
    /// would suffer from, as connecting to the upstream, which ends the other's dump.
    func confirmLeadership(term: UInt64, completion: @escaping @Sendable (Bool) -> Void) {
        readIndex(timeout: 2) { [self] index in completion(index != nil && raft.role == .leader && raft.term == term) }
    }

    func finish(_ state: ReadState) {
        guard let position = waitingReads.firstIndex(where: { $0.id == state.id }) else { return }
        if let index = state.index {
            waitingReads.remove(at: position).completion(index)
        } else {
            waitingReads[position].id = nil
        }
    }

    /// Asks again where no answer came, and gives up where the time is over.
    func repeatReads() {
        guard !waitingReads.isEmpty else { return }
        let patience = UInt64(max(1, raft.options.electionTimeoutTicks / 2))
        var late: [WaitingRead] = []
        waitingReads.removeAll { read in
            guard ticks >= read.deadline else { return false }
            late.append(read)
            return true
        }
        for position in waitingReads.indices {
            let read = waitingReads[position]
            guard read.id == nil || ticks >= read.askedAt + patience else { continue }
            waitingReads[position].id = try? raft.requestRead()
            waitingReads[position].askedAt = ticks
        }
        for read in late { read.completion(nil) }
    }
}
