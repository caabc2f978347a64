import Common
import Raft

/// What the core knows of an entry with such a payload.
func coreEntry(term: UInt64, payloadBytes: UInt64) -> Entry {
    Entry(term: term, byteCount: Int(payloadBytes) + EntryHeader.fixedByteCount)
}
