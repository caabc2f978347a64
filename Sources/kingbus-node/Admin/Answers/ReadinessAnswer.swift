/// Whether the node can serve replicas now.
struct ReadinessAnswer: Hashable, Sendable {
    var ready: Bool
    /// Why not; unread where it is ready.
    var reason: String
}
