/// What the admin API asks of the node. The API knows nothing else of it, so that it is tested without one.
///
/// Every closure may be called from any thread and many at once. The answers are what the caller sees, so no secret may be in them.
struct AdminBackend: Sendable {
    /// `GET /v1/status`; members and replicas are taken from it too.
    var status: @Sendable () async -> StatusAnswer
    /// `GET /readyz`; called often by probes, so it must not wait.
    var isReady: @Sendable () -> ReadinessAnswer
    /// `GET /v1/upstream`.
    var upstream: @Sendable () async -> UpstreamAnswer
    /// `PUT /v1/upstream`; answers when the change is committed.
    var setUpstream: @Sendable (UpstreamChange) async throws(AdminError) -> UpstreamAnswer
    /// `POST /v1/upstream/start`; no error where it is started already.
    var startUpstream: @Sendable () async throws(AdminError) -> UpstreamAnswer
    /// `POST /v1/upstream/stop`; no error where it is stopped already.
    var stopUpstream: @Sendable () async throws(AdminError) -> UpstreamAnswer
    /// `GET /v1/segments`.
    var segments: @Sendable () async -> SegmentsAnswer
    /// `GET /v1/replicas`.
    var replicas: @Sendable () async -> ReplicasAnswer
    /// `GET /metrics`.
    var metrics: @Sendable (inout MetricsWriter) -> Void
}
