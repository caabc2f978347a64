import Common
import Hummingbird
import NIOCore
import Synchronization
import Testing

@testable import kingbus_node

@Suite struct AdminForwardingTests {
    private static let changes: [(HTTPRequest.Method, String, String)] = [
        (.put, "/v1/upstream", #"{"urls":["mysql://r@a"]}"#), (.post, "/v1/upstream/start", "{}"), (.post, "/v1/upstream/stop", "{}"),
        (.post, "/v1/members", #"{"name":"n4","peer":"kb4:7707"}"#), (.delete, "/v1/members/n%204", "{}"),
        (.post, "/v1/members/n4/promote", "{}"),
    ]

    @Test func `every change goes to the leader, whose answer comes back as it is`() async throws {
        for (method, path, body) in Self.changes {
            let leader = AdminFixture()
            let follower = AdminFixture()
            let changes = Mutex<[ForwardedChange]>([])
            follower.follow { change in
                changes.withLock { $0.append(change) }
                return AdminAnswer(status: .conflict, contentType: AdminAnswer.jsonType, body: ByteBuffer(string: "as it is"))
            }
            let reply = try await follower.change(method, path, body)
            #expect(reply.status == 409)
            #expect(reply.text == "as it is")
            #expect(reply.headers[.cacheControl] == "no-store")
            #expect(follower.changed.isEmpty)
            // What came is carried out by the leader as if it had been asked.
            let change = try #require(changes.withLock { $0.first })
            let answer = await AdminRouter.perform(try ForwardedChange(decoding: change.encoded()), backend: leader.backend)
            let direct = AdminFixture()
            let directReply = try await direct.change(method, path, body)
            #expect(answer.status == .ok, "\(path)")
            #expect(String(buffer: answer.body) == directReply.text)
            #expect(leader.changed == direct.changed && leader.changed.count == 1)
        }
    }

    @Test func `what a peer sent is never given to another`() async throws {
        let fixture = AdminFixture()
        fixture.follow { _ throws(AdminError) in throw .internalError }
        let change = ForwardedChange(method: .post, path: "/v1/upstream/stop", body: ByteBuffer())
        #expect(await AdminRouter.perform(change, backend: fixture.backend).status == .ok)
        #expect(fixture.changed == ["stop"])
    }

    @Test func `questions are answered here, whoever leads`() async throws {
        let fixture = AdminFixture()
        fixture.follow { _ throws(AdminError) in throw .internalError }
        for path in ["/v1/status", "/v1/members", "/v1/upstream", "/v1/segments", "/v1/entries/42", "/metrics", "/healthz", "/readyz"] {
            #expect(try await fixture.ask(.get, path).status == 200, "\(path)")
        }
    }

    @Test func `without a leader a change is refused by the node that took it`() async throws {
        let fixture = AdminFixture()
        fixture.follow { _ throws(AdminError) in
            throw AdminError(.serviceUnavailable, code: "no_leader", message: "there is no leader")
        }
        #expect(try await fixture.change(.post, "/v1/upstream/stop").failure == "503 no_leader: there is no leader")
    }

    @Test func `nobody without the token reaches the leader`() async throws {
        let fixture = AdminFixture()
        let asked = Mutex(0)
        fixture.follow { _ in
            asked.withLock { $0 += 1 }
            return nil
        }
        let tokens = AdminTokens(full: AdminFixture.fullToken, read: AdminFixture.readToken)
        for authorization in ["", "Bearer wrong", "Bearer read-secret"] {
            let reply = try await fixture.ask(
                .post, "/v1/upstream/stop", headers: [.authorization: authorization, .contentType: "application/json"], tokens: tokens)
            #expect(reply.status == 401 || reply.status == 403)
        }
        #expect(asked.withLock { $0 } == 0)
    }

    @Test func `a path that is none and a question are refused by the leader`() async throws {
        let backend = AdminFixture().backend
        for (method, path) in [(HTTPRequest.Method.post, "/nowhere"), (.get, "/v1/status"), (.put, "/v1/members"), (.delete, "/")] {
            let answer = await AdminRouter.perform(ForwardedChange(method: method, path: path, body: ByteBuffer()), backend: backend)
            #expect(answer.status == .notFound)
        }
        let large = ByteBuffer(repeating: 0x20, count: AdminLimits.maxBodyBytes + 1)
        let answer = await AdminRouter.perform(ForwardedChange(method: .put, path: "/v1/upstream", body: large), backend: backend)
        #expect(answer.status == .contentTooLarge)
    }

    @Test(arguments: [
        "", "\n", "change\n", "change PUT\n", "change PUT /x", "change PUT x\n", "change P U /x\n", "CHANGE PUT /x\n",
        "change P\u{7f}T /x\n",
        "change PUT /" + String(repeating: "x", count: 9000) + "\n",
    ])
    func `what is no change is not taken for one`(_ text: String) {
        #expect(throws: CodecError.self) { try ForwardedChange(decoding: Array(text.utf8)) }
    }

    @Test(arguments: ["", "200", "\n", "99\n{}", "600\n{}", "abc\n{}", "-200\n{}", "20000000000000000000\n{}"])
    func `what is no answer is not taken for one`(_ text: String) {
        #expect(throws: CodecError.self) { try ForwardedAnswer.decode(Array(text.utf8)) }
    }

    @Test func `an answer may hold any bytes`() throws {
        let body = ByteBuffer(bytes: [UInt8](0...255))
        let answer = AdminAnswer(status: .serviceUnavailable, contentType: AdminAnswer.jsonType, body: body)
        #expect(try ForwardedAnswer.decode(ForwardedAnswer.encode(answer)) == answer)
    }
}
