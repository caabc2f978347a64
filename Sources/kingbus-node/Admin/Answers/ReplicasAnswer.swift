/// `GET /v1/replicas`.
struct ReplicasAnswer: Codable, Hashable, Sendable {
    var replicas: [ReplicaStatus]
}
