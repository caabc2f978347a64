import Common
import Hummingbird
import Testing

@testable import kingbus_node

@Suite struct AdminAccessTests {
    private let both = AdminTokens(full: AdminFixture.fullToken, read: AdminFixture.readToken)

    @Test(arguments: [
        "", "Bearer", "Bearer ", "full-secret", "Basic full-secret", "Bearer full-secre", "Bearer full-secrets",
        "Bearer full-secretfull-secret",
        "Bearer Full-Secret", "Bearer full-secret x",
    ])
    func `nothing but the probes is answered without the right token`(_ authorization: String) async throws {
        let fixture = AdminFixture()
        for path in ["/v1/status", "/metrics", "/v1/openapi.json", "/nowhere"] {
            let reply = try await fixture.ask(.get, path, headers: [.authorization: authorization], tokens: both)
            #expect(reply.status == 401, "\(path)")
            #expect(reply.failure?.hasPrefix("401 unauthorized: ") == true)
            #expect(reply.headers[.wwwAuthenticate] == "Bearer realm=\"kingbus\"")
        }
        #expect(try await fixture.ask(.get, "/healthz", headers: [.authorization: authorization], tokens: both).status == 200)
        #expect(try await fixture.ask(.get, "/readyz", tokens: both).status == 200)
    }

    @Test func `the full token does everything and the read token changes nothing`() async throws {
        let fixture = AdminFixture()
        for token in ["Bearer full-secret", "bearer  read-secret"] {
            #expect(try await fixture.ask(.get, "/v1/status", headers: [.authorization: token], tokens: both).status == 200)
            #expect(try await fixture.ask(.head, "/v1/status", headers: [.authorization: token], tokens: both).status == 200)
        }
        let read = try await fixture.ask(
            .post, "/v1/upstream/stop", headers: [.authorization: "Bearer read-secret", .contentType: "application/json"], tokens: both)
        #expect(read.failure == "403 read_only_token: this token may only read")
        #expect(fixture.changed.isEmpty)
        let full = try await fixture.ask(
            .post, "/v1/upstream/stop", headers: [.authorization: "Bearer full-secret", .contentType: "application/json"], tokens: both)
        #expect(full.status == 200)
        #expect(fixture.changed == ["stop"])
    }

    @Test func `where there is only a read token nobody changes anything`() async throws {
        let tokens = AdminTokens(read: AdminFixture.readToken)
        let fixture = AdminFixture()
        #expect(try await fixture.ask(.post, "/v1/upstream/stop", tokens: tokens).status == 401)
        let reply = try await fixture.ask(.post, "/v1/upstream/stop", headers: [.authorization: "Bearer read-secret"], tokens: tokens)
        #expect(reply.status == 403)
    }

    @Test func `a token that no header can carry is none`() {
        for text in ["", " ", "a b", "a\n", "ä"] {
            #expect(AdminToken(text.utf8) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        ("localhost", true), ("LocalHost:8707", true), ("127.0.0.1:8707", true), ("127.255.0.9", true), ("[::1]:8707", true),
        ("127.0.0.1.example.com", false), ("127.example.com:8707", false), ("localhost.example.com", false), ("example.com", false),
        ("10.0.0.1:8707", false), ("127.0.0.256", false), ("127.0.0", false), ("", false), ("localhost:x", false), ("::1", false),
    ])
    func `only a loopback name or address counts as this machine`(_ host: String, _ expected: Bool) {
        #expect(LoopbackHost.names(host) == expected)
    }

    @Test func `the name matters only on loopback and without a token`() {
        let loopback = HostPort(host: "127.0.0.1", port: 8707)
        #expect(AccessMiddleware(tokens: AdminTokens(), listen: loopback).needsLoopbackHost)
        #expect(!AccessMiddleware(tokens: both, listen: loopback).needsLoopbackHost)
        #expect(!AccessMiddleware(tokens: AdminTokens(), listen: HostPort(host: "10.0.0.1", port: 8707)).needsLoopbackHost)
    }
}
