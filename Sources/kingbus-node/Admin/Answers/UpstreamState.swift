/// What the pull from the upstream is doing.
enum UpstreamState: String, Codable, Hashable, Sendable, CaseIterable {
    case running, connecting, stopped
    /// It cannot go on without a decision; the reason names the choices.
    case blocked
}
