/// `POST /v1/leader/transfer`.
struct LeaderAnswer: Codable, Hashable, Sendable {
    var leader: String
    var term: UInt64
}
