extension Raft {
    /// Adds a leader's entries to the log, after cutting off what contradicts them.
    mutating func receive(_ append: Append, from leader: MemberID) {
        guard append.previous.index >= commitIndex else {
            // A late or repeated message. What it holds up to the commit index is here; the leader goes on from there.
            sendWhenDurable(.appendAccepted(matchIndex: commitIndex), to: leader)
            return
        }
        guard log.term(at: append.previous.index) == append.previous.term else {
            let limit = min(append.previous.index, log.lastIndex)
            let hint = log.lastIndex(upTo: limit, withTermAtMost: append.previous.term)
            let position = LogPosition(index: hint, term: log.term(at: hint) ?? 0)
            send(.appendRejected(AppendRejection(index: append.previous.index, hint: position)), to: leader)
            return
        }
        // Entries that are here already stay, with all that follows them: a message that was overtaken by a later one must not cut off
        // what that one brought.
        var index = append.previous.index
        var known = 0
        while known < append.entries.count, log.term(at: index + 1) == append.entries[known].term {
            index += 1
            known += 1
        }
        if known < append.entries.count {
            if index < log.lastIndex { truncate(from: index + 1) }
            for entry in append.entries[known...] { self.append(entry) }
            for entry in append.configurations where entry.index > index { configurations.append(entry) }
        }
        let lastIndex = append.previous.index + LogIndex(append.entries.count)
        commit(through: min(append.commitIndex, lastIndex))
        sendWhenDurable(.appendAccepted(matchIndex: lastIndex), to: leader)
    }
}
