import Hummingbird

/// Every operation of the API.
enum AdminRoutes {
    static func all(_ backend: AdminBackend) -> [AdminRoute] {
        cluster(backend) + upstream(backend) + probes(backend) + [
            .read("/v1/openapi.json", "This description.", answer: .anyJSON) { () async throws(AdminError) in
                try .json(OpenAPIDocument.make(all(backend)))
            }
        ]
    }

    private static func cluster(_ backend: AdminBackend) -> [AdminRoute] {
        [
            .read("/v1/status", "All about the cluster, as this node sees it.", answer: .json(schema: "Status")) {
                () async throws(AdminError) in try .json(await backend.status())
            },
            .read("/v1/members", "The cluster's members.", answer: .json(schema: "Members")) { () async throws(AdminError) in
                try .json(MembersAnswer(members: await backend.status().members))
            },
            .read("/v1/replicas", "The replicas that are connected.", answer: .json(schema: "Replicas")) { () async throws(AdminError) in
                try .json(await backend.replicas())
            },
            .read("/v1/segments", "The files of this node's log, oldest first.", answer: .json(schema: "Segments")) {
                () async throws(AdminError) in try .json(await backend.segments())
            },
        ]
    }

    private static func upstream(_ backend: AdminBackend) -> [AdminRoute] {
        [
            .read("/v1/upstream", "Where the binlog is pulled from.", answer: .json(schema: "Upstream")) { () async throws(AdminError) in
                try .json(await backend.upstream())
            },
            .change(
                .put, "/v1/upstream", "Sets where the binlog is pulled from.", body: "UpstreamChange", answer: .json(schema: "Upstream")
            ) { (body) async throws(AdminError) in
                try .json(try await backend.setUpstream(try JSONBody.decode(UpstreamChange.self, from: body)))
            },
            .change(.post, "/v1/upstream/start", "Pulls from the upstream.", answer: .json(schema: "Upstream")) {
                (body) async throws(AdminError) in
                try JSONBody.requireNoParameters(body)
                return try .json(try await backend.startUpstream())
            },
            .change(.post, "/v1/upstream/stop", "Stops pulling from the upstream.", answer: .json(schema: "Upstream")) {
                (body) async throws(AdminError) in
                try JSONBody.requireNoParameters(body)
                return try .json(try await backend.stopUpstream())
            },
        ]
    }

    private static func probes(_ backend: AdminBackend) -> [AdminRoute] {
        [
            .read("/metrics", "Measurements in Prometheus's text format.", answer: .text) { () async throws(AdminError) in
                var metrics = MetricsWriter()
                backend.metrics(&metrics)
                return .text(metrics.text, contentType: MetricsWriter.contentType)
            },
            .read("/healthz", "Answers 200 as long as the process serves.", answer: .text) { () async throws(AdminError) in
                .text("ok\n")
            },
            .read("/readyz", "Answers 200 when the node can serve replicas, else 503 with the reason.", answer: .text) {
                () async throws(AdminError) in
                let readiness = backend.isReady()
                guard readiness.ready else {
                    throw AdminError(.serviceUnavailable, code: "not_ready", message: readiness.reason, hint: "GET /v1/status says more")
                }
                return .text("ok\n")
            },
        ]
    }
}
