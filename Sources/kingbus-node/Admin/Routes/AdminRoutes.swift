import Hummingbird

/// Every operation of the API.
enum AdminRoutes {
    static func all(_ backend: AdminBackend) -> [AdminRoute] {
        cluster(backend) + members(backend) + leader(backend) + upstream(backend) + probes(backend) + [
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
            .read("/v1/replicas", "The replicas that are connected.", answer: .json(schema: "Replicas")) { () async throws(AdminError) in
                try .json(await backend.replicas())
            },
            .read("/v1/segments", "The files of this node's log, oldest first.", answer: .json(schema: "Segments")) {
                () async throws(AdminError) in try .json(await backend.segments())
            },
            AdminRoute(
                method: .get, path: "/v1/entries/{index}", summary: "One committed entry of this node's log, without its events.",
                answer: .json(schema: "Entry"), body: nil
            ) { (request) async throws(AdminError) in
                guard let index = UInt64(request["index"]) else { throw .badRequest("an entry's index is a whole number, not negative") }
                return try .json(try await backend.entry(index))
            },
        ]
    }

    private static func members(_ backend: AdminBackend) -> [AdminRoute] {
        [
            .read("/v1/members", "The cluster's members.", answer: .json(schema: "Members")) { () async throws(AdminError) in
                try .json(MembersAnswer(members: await backend.status().members))
            },
            .change(
                .post, "/v1/members", "Adds a node with an empty data directory; it votes once it has caught up.",
                body: "MemberAddition", answer: .json(schema: "Members")
            ) { (request) async throws(AdminError) in
                try .json(try await backend.addMember(try JSONBody.decode(MemberAddition.self, from: request.body)))
            },
            .change(.delete, "/v1/members/{name}", "Takes a member out of the cluster.", answer: .json(schema: "Members")) {
                (request) async throws(AdminError) in
                try JSONBody.requireNoParameters(request.body)
                return try .json(try await backend.removeMember(request["name"]))
            },
            .change(.post, "/v1/members/{name}/promote", "Lets a member that has caught up vote.", answer: .json(schema: "Members")) {
                (request) async throws(AdminError) in
                try JSONBody.requireNoParameters(request.body)
                return try .json(try await backend.promoteMember(request["name"]))
            },
        ]
    }

    private static func leader(_ backend: AdminBackend) -> [AdminRoute] {
        [
            .change(
                .post, "/v1/leader/transfer", "Lets another member lead: the one named, or the one that is furthest ahead.",
                body: "LeaderTransfer", answer: .json(schema: "Leader")
            ) { (request) async throws(AdminError) in
                try .json(try await backend.transferLeadership(try JSONBody.decode(LeaderTransfer.self, from: request.body)))
            }
        ]
    }

    private static func upstream(_ backend: AdminBackend) -> [AdminRoute] {
        [
            .read("/v1/upstream", "Where the binlog is pulled from.", answer: .json(schema: "Upstream")) { () async throws(AdminError) in
                try .json(await backend.upstream())
            },
            .change(
                .put, "/v1/upstream", "Sets where the binlog is pulled from.", body: "UpstreamChange", answer: .json(schema: "Upstream")
            ) { (request) async throws(AdminError) in
                try .json(try await backend.setUpstream(try JSONBody.decode(UpstreamChange.self, from: request.body)))
            },
            .change(.post, "/v1/upstream/start", "Pulls from the upstream.", answer: .json(schema: "Upstream")) {
                (request) async throws(AdminError) in
                try JSONBody.requireNoParameters(request.body)
                return try .json(try await backend.startUpstream())
            },
            .change(.post, "/v1/upstream/stop", "Stops pulling from the upstream.", answer: .json(schema: "Upstream")) {
                (request) async throws(AdminError) in
                try JSONBody.requireNoParameters(request.body)
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
