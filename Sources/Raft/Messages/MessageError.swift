/// A message that no correct member sends. It changed nothing.
public enum MessageError: Error, Hashable, Sendable {
    /// For another member, or for another incarnation of this one.
    case notForThisMember(MemberID)
    /// A field is out of its range or contradicts another.
    case malformed
    /// Acknowledges or commits what does not exist.
    case impossibleIndex(LogIndex)
    /// Two leaders in one term.
    case secondLeader(MemberID, term: Term)
    /// Contradicts what is committed here. The logs have diverged: the caller stops the node.
    case contradictsCommitted(LogPosition)
}

extension Message {
    /// Terms and indexes beyond this are refused, so that counting on never overflows.
    static let maxNumber: UInt64 = 1 << 62

    /// What can be judged without knowing the receiver.
    func checkForm() throws(MessageError) {
        guard term > 0, term < Message.maxNumber else { throw .malformed }
        switch body {
        case .append(let append): try append.checkForm(term: term)
        case .voteRequest(let request):
            guard request.last.isInRange, request.last.term <= term else { throw .malformed }
        case .appendRejected(let rejection):
            guard rejection.index < Message.maxNumber, rejection.hint.isInRange else { throw .malformed }
        case .appendAccepted(let index), .heartbeat(let index, _), .commit(let index), .readIndexResponse(_, let index):
            guard index < Message.maxNumber else { throw .malformed }
        case .voteResponse, .heartbeatResponse, .staleTerm, .timeoutNow, .readIndex: break
        }
    }
}

extension LogPosition {
    fileprivate var isInRange: Bool { index < Message.maxNumber && term < Message.maxNumber && (index == 0) == (term == 0) }
}

extension Append {
    fileprivate func checkForm(term: Term) throws(MessageError) {
        guard previous.isInRange, commitIndex < Message.maxNumber else { throw .malformed }
        var before = previous.term
        for entry in entries {
            guard entry.term >= max(before, 1), entry.term <= term, entry.byteCount >= 0 else { throw .malformed }
            before = entry.term
        }
        guard before <= term else { throw .malformed }
        var index = previous.index
        for entry in configurations {
            guard entry.index > index, entry.index - previous.index <= LogIndex(entries.count), entry.configuration.isValid else {
                throw .malformed
            }
            index = entry.index
        }
    }
}
