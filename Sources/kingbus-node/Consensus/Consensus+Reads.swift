import NIOCore
import Raft

extension Consensus {
    /// Somebody who waits to learn how far the cluster has committed.
    struct WaitingRead {
        /// The request under way; nil while there is no leader to ask.
        var id: ReadID?
        var askedAt: UInt64
        var deadline: UInt64
        /// What the request was answered with; the read is done once it is applied.
        var index: UInt64?
        var completion: @Sendable (Bool) -> Void
    }

    /// Waits until this node has applied everything that the cluster had committed at the time of the call. A quorum confirms what that is.
    ///
    /// - Parameters:
    ///   - timeout: in election timeouts; a request or an answer that is lost is repeated within it.
    ///   - completion: called once, on this loop; with false if no leader with a quorum answered in time, or this node lags too far.
    func catchUp(timeout: Int = 10, completion: @escaping @Sendable (Bool) -> Void) {
        loop.preconditionInEventLoop()
        guard !isStopped else { return completion(false) }
        let deadline = ticks + UInt64(max(1, timeout) * raft.options.electionTimeoutTicks)
        waitingReads.append(WaitingRead(id: try? raft.requestRead(), askedAt: ticks, deadline: deadline, completion: completion))
        pump()
    }

    /// Whether a quorum still follows this node in `term`; `completion` is called once, on this loop.
    ///
    /// A leader that was stopped for a while and goes on does not know that another leads: it asks before it does what the other's work
    /// would suffer from, as connecting to the upstream, which ends the other's dump.
    func confirmLeadership(term: UInt64, completion: @escaping @Sendable (Bool) -> Void) {
        catchUp(timeout: 2) { [self] isConfirmed in completion(isConfirmed && raft.role == .leader && raft.term == term) }
    }

    func finish(_ state: ReadState) {
        guard let position = waitingReads.firstIndex(where: { $0.id == state.id }) else { return }
        waitingReads[position].id = nil
        waitingReads[position].index = state.index
        finishReads()
    }

    /// Completes the reads whose index is applied.
    func finishReads() {
        guard waitingReads.contains(where: { $0.index.map { $0 <= appliedIndex } ?? false }) else { return }
        takeReads { $0.index.map { $0 <= appliedIndex } ?? false }.forEach { $0.completion(true) }
    }

    private func takeReads(where isTaken: (WaitingRead) -> Bool) -> [WaitingRead] {
        let taken = waitingReads.filter(isTaken)
        waitingReads.removeAll(where: isTaken)
        return taken
    }

    /// Asks again where no answer came, and gives up where the time is over.
    func repeatReads() {
        guard !waitingReads.isEmpty else { return }
        let patience = UInt64(max(1, raft.options.electionTimeoutTicks / 2))
        for read in takeReads(where: { ticks >= $0.deadline }) { read.completion(false) }
        for position in waitingReads.indices {
            let read = waitingReads[position]
            guard read.index == nil else { continue }
            guard read.id == nil || ticks >= read.askedAt + patience else { continue }
            waitingReads[position].id = try? raft.requestRead()
            waitingReads[position].askedAt = ticks
        }
    }
}
