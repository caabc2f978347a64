/// One file of the answering node's log.
struct SegmentAnswer: Codable, Hashable, Sendable {
    /// The index of its first entry.
    var firstIndex: UInt64
    var path: String
    var bytes: UInt64
    /// All that was executed before its first event.
    var gtidSetBefore: String

    enum CodingKeys: String, CodingKey {
        case firstIndex = "first_index"
        case path, bytes
        case gtidSetBefore = "gtid_set_before"
    }
}
