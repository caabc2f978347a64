/// What the admin API asks of the node. The API knows nothing else of it, so that it is tested without one.
///
/// Every closure may be called from any thread and many at once. The answers are what the caller sees, so no secret may be in them.
struct AdminBackend: Sendable {
    /// Gives a change to the leader: what it answered, or nil where this node is to carry the change out itself.
    var forward: @Sendable (ForwardedChange) async throws(AdminError) -> AdminAnswer?
    /// `GET /v1/status`; members are taken from it too.
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
    /// `POST /v1/members`; answers when the change is committed. No error where the same node is a member already.
    var addMember: @Sendable (MemberAddition) async throws(AdminError) -> MembersAnswer
    /// `DELETE /v1/members/{name}`.
    var removeMember: @Sendable (String) async throws(AdminError) -> MembersAnswer
    /// `POST /v1/members/{name}/promote`; no error where it votes already.
    var promoteMember: @Sendable (String) async throws(AdminError) -> MembersAnswer
    /// `POST /v1/leader/transfer`; answers when another node leads. No error where the one that is named leads already.
    var transferLeadership: @Sendable (LeaderTransfer) async throws(AdminError) -> LeaderAnswer
    /// `GET /v1/segments`.
    var segments: @Sendable () async -> SegmentsAnswer
    /// `GET /v1/entries/{index}`.
    var entry: @Sendable (UInt64) async throws(AdminError) -> EntryAnswer
    /// `GET /v1/replicas`.
    var replicas: @Sendable () async -> ReplicasAnswer
    /// `GET /metrics`.
    var metrics: @Sendable (inout MetricsWriter) -> Void
}
