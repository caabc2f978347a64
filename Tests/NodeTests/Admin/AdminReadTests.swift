import Hummingbird
import Testing

@testable import kingbus_node

@Suite struct AdminReadTests {
    @Test func `the status has every key of the contract, with null for what is not known`() async throws {
        let reply = try await AdminFixture().ask(.get, "/v1/status")
        #expect(reply.status == 200)
        #expect(reply.headers[.contentType] == "application/json")
        #expect(reply.headers[.cacheControl] == "no-store")
        #expect(
            reply.text == """
                {"alerts":[{"code":"disk","hint":"h","message":"m"}],"applied_index":41,"cluster_id":"c1","commit_index":42,\
                "executed_gtid_set":"u:1-5","leader":null,"members":[{"admin":"127.0.0.1:8707","applied_index":null,"disk_free_bytes":1,\
                "match_index":42,"mysql":"127.0.0.1:3307","name":"n1","peer":"127.0.0.1:7707","reachable":true,"role":"leader"}],\
                "node":"n1","purged_gtid_set":"","replicas":[{"address":"127.0.0.1:5000","id":7,"lag_seconds":0.5,"lag_transactions":0,\
                "node":"n1","sent_gtid":null,"server_id":2,"server_uuid":"u2","state":"waiting","user":"repl"}],"server_id":1,\
                "server_uuid":"u1","term":3,"upstream":{"errant_gtid_set":"","host":"db1","lag_bytes":0,"lag_seconds":0,\
                "missing_gtid_set":"","port":3306,"reason":null,"semi_sync":true,"state":"running"},"version":"1.0"}

                """)
        #expect(try reply.decoded(as: StatusAnswer.self) == AdminSamples.status)
    }

    @Test func `each part has its own path`() async throws {
        let fixture = AdminFixture()
        #expect(try await fixture.ask(.get, "/v1/upstream").decoded(as: UpstreamAnswer.self) == AdminSamples.upstream)
        #expect(try await fixture.ask(.get, "/v1/members").decoded(as: MembersAnswer.self).members == AdminSamples.status.members)
        #expect(try await fixture.ask(.get, "/v1/replicas").decoded(as: ReplicasAnswer.self).replicas == AdminSamples.status.replicas)
        #expect(
            try await fixture.ask(.get, "/v1/upstream").text == """
                {"has_password":true,"reason":null,"started":true,"state":"running","urls":["mysql://repl@db1:3306"],"version":3}

                """)
        #expect(
            try await fixture.ask(.get, "/v1/segments").text == """
                [{"bytes":4096,"first_index":1,"gtid_set_before":"","path":"segments/00000000000000000001.binlog"}]

                """)
    }

    @Test func `metrics are text, one family after the other`() async throws {
        let reply = try await AdminFixture().ask(.get, "/metrics")
        #expect(reply.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            reply.text == """
                # HELP kingbus_commit_index Index of the last committed entry.
                # TYPE kingbus_commit_index gauge
                kingbus_commit_index 42
                # HELP kingbus_sent_bytes_total Bytes sent.
                # TYPE kingbus_sent_bytes_total counter
                kingbus_sent_bytes_total{replica="a\\"b"} 7

                """)
    }

    @Test func `a node that is not ready is alive, and says why it is not ready`() async throws {
        let fixture = AdminFixture()
        #expect(try await fixture.ask(.get, "/readyz").text == "ok\n")
        fixture.becomeUnready("the log is being recovered")
        #expect(try await fixture.ask(.get, "/readyz").failure == "503 not_ready: the log is being recovered")
        let health = try await fixture.ask(.get, "/healthz")
        #expect(health.status == 200)
        #expect(health.text == "ok\n")
    }

    @Test func `HEAD answers as GET does, without a body`() async throws {
        let reply = try await AdminFixture().ask(.head, "/v1/status")
        #expect(reply.status == 200)
        #expect(reply.text.isEmpty)
    }

    @Test func `an unknown path is 404 and a wrong method 405, both in JSON`() async throws {
        let fixture = AdminFixture()
        for path in ["/", "/v1", "/v1/statu", "/v1/status/x", "/v2/status", "/%2e%2e/etc/passwd"] {
            let reply = try await fixture.ask(.get, path)
            #expect(reply.failure == "404 not_found: there is nothing at this path", "\(path)")
        }
        let reply = try await fixture.ask(.delete, "/v1/upstream")
        #expect(reply.failure == "405 method_not_allowed: this path answers GET, PUT, HEAD only")
        #expect(reply.headers[.allow] == "GET, PUT, HEAD")
        #expect(try await fixture.ask(.get, "/v1/upstream/start").failure == "405 method_not_allowed: this path answers POST only")
        #expect(try await fixture.ask(.post, "/metrics").failure == "405 method_not_allowed: this path answers GET, HEAD only")
    }
}
