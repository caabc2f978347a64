/// `GET /v1/upstream`, and the answer to every change of it.
struct UpstreamAnswer: Codable, Hashable, Sendable {
    /// Without passwords.
    var urls: [String]
    /// Counts the changes; a change may carry the one that it builds on.
    var version: UInt64
    /// Whether the cluster is to pull at all.
    var started: Bool
    /// Whether a password is stored; it is never shown.
    var hasPassword: Bool
    var state: UpstreamState
    /// Why it does not run; nil where it does.
    @Nullable var reason: String?

    enum CodingKeys: String, CodingKey {
        case urls, version, started
        case hasPassword = "has_password"
        case state, reason
    }
}
