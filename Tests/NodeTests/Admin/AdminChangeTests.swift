import Hummingbird
import NIOCore
import Testing

@testable import kingbus_node

@Suite struct AdminChangeTests {
    @Test func `the upstream is set, started and stopped`() async throws {
        let fixture = AdminFixture()
        let reply = try await fixture.change(.put, "/v1/upstream", #"{"urls":["mysql://r@a","mysql://r@b"],"password":"p","version":3}"#)
        #expect(try reply.decoded(as: UpstreamAnswer.self) == AdminSamples.upstream)
        #expect(try await fixture.change(.put, "/v1/upstream", #"{"urls":["mysql://r@c"],"password":null}"#).status == 200)
        #expect(try await fixture.change(.post, "/v1/upstream/start").status == 200)
        #expect(try await fixture.change(.post, "/v1/upstream/stop", "{}").status == 200)
        #expect(fixture.changed == ["set mysql://r@a mysql://r@b p", "set mysql://r@c kept", "start", "stop"])
    }

    @Test func `the node's own refusal reaches the sender`() async throws {
        let reply = try await AdminFixture().change(.put, "/v1/upstream", #"{"urls":["mysql://r@a"],"version":2}"#)
        #expect(reply.failure == "409 version_mismatch: the upstream is at version 3")
        #expect(try reply.decoded(as: ErrorAnswer.self).error.hint == "read it again")
    }

    @Test func `a change that is not sent as JSON is refused`() async throws {
        let fixture = AdminFixture()
        let expected = "415 unsupported_media_type: a change must be sent as application/json"
        for type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "text/plain; application/json", ""] {
            let reply = try await fixture.ask(.put, "/v1/upstream", headers: [.contentType: type], body: #"{"urls":["mysql://r@a"]}"#)
            #expect(reply.failure == expected, "\(type)")
        }
        #expect(try await fixture.ask(.post, "/v1/upstream/start").failure == expected)
        #expect(try await fixture.ask(.post, "/v1/upstream/stop", body: "{}").failure == expected)
        #expect(fixture.changed.isEmpty)
        let reply = try await fixture.ask(.post, "/v1/upstream/start", headers: [.contentType: "Application/JSON ; charset=utf-8"])
        #expect(reply.status == 200)
    }

    @Test(arguments: [
        ("", "the body is empty"),
        ("{", "the body is not valid JSON"),
        (#"{"urls":[}"#, "the body is not valid JSON"),
        ("\u{0}\u{1}", "the body is not valid JSON"),
        (String(repeating: "[", count: 100_000), "the body is not valid JSON"),
        ("[]", "the body must be a JSON object"),
        ("null", "the body must be a JSON object"),
        ("{}", #"the body lacks "urls""#),
        (#"{"urls":"mysql://r@a"}"#, #""urls" must be a list"#),
        (#"{"urls":["a",5]}"#, #""urls[1]" must be a string"#),
        (#"{"urls":[null]}"#, #""urls[0]" must be a string"#),
        (#"{"urls":[],"password":{}}"#, #""password" must be a string"#),
        (#"{"urls":[],"version":"3"}"#, #""version" must be a whole number, not negative"#),
        (#"{"urls":[],"version":-1}"#, #""version" must be a whole number, not negative"#),
        (#"{"urls":[],"version":1.5}"#, #""version" must be a whole number, not negative"#),
        (#"{"urls":[],"version":18446744073709551616}"#, #""version" must be a whole number, not negative"#),
        (#"{"urls":[],"version":true}"#, #""version" must be a whole number, not negative"#),
        (#"{"urls":[],"passwort":"p"}"#, #"the body has the unknown key "passwort""#),
    ])
    func `a body that is wrong is refused by naming what is wrong`(_ body: String, _ problem: String) async throws {
        let fixture = AdminFixture()
        let reply = try await fixture.change(.put, "/v1/upstream", body)
        let failure = try #require(reply.failure)
        #expect(failure.hasPrefix("400 bad_request: "))
        #expect(failure.contains(problem), "\(failure)")
        #expect(!failure.contains("\n"))
        #expect(failure.utf8.count < 200, "\(failure)")
        #expect(fixture.changed.isEmpty)
    }

    @Test func `a change without parameters takes none`() async throws {
        let fixture = AdminFixture()
        let reply = try await fixture.change(.post, "/v1/upstream/start", #"{"force":true}"#)
        #expect(reply.failure == #"400 bad_request: the body has the unknown key "force""#)
        #expect(try await fixture.change(.post, "/v1/upstream/stop", "[]").failure == "400 bad_request: the body must be a JSON object")
        #expect(fixture.changed.isEmpty)
    }

    @Test func `a body may have a mebibyte and no more`() async throws {
        let fixture = AdminFixture()
        let small = #"{"urls":["mysql://r@a"]}"#
        let largest = small + String(repeating: " ", count: AdminLimits.maxBodyBytes - small.utf8.count)
        #expect(try await fixture.change(.put, "/v1/upstream", largest).status == 200)
        let reply = try await fixture.change(.put, "/v1/upstream", largest + " ")
        #expect(reply.failure == "413 body_too_large: the body is larger than 1048576 bytes")
    }

    @Test func `a body of unknown length is read no further than allowed`() async throws {
        let chunks = AsyncStream<ByteBuffer> { continuation in
            for _ in 0...16 { continuation.yield(ByteBuffer(repeating: 0x20, count: AdminLimits.maxBodyBytes / 16)) }
            continuation.finish()
        }
        let head = HTTPRequest(
            method: .put, scheme: "http", authority: "localhost", path: "/v1/upstream", headerFields: [.contentType: "application/json"])
        let error = await #expect(throws: AdminError.self) {
            try await JSONBody.collect(from: Request(head: head, body: RequestBody(asyncSequence: chunks)))
        }
        #expect(error?.status == .contentTooLarge)
    }

    @Test func `no secret is in the text of a change or a token`() throws {
        let change = UpstreamChange(urls: ["mysql://r:hidden@a"], password: "hidden", expectedVersion: nil)
        #expect(!"\(change)".contains("hidden"))
        #expect(!"\(try #require(AdminToken("hidden".utf8)))".contains("hidden"))
    }
}
