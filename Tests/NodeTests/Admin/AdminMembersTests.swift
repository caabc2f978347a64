import Hummingbird
import Testing

@testable import kingbus_node

@Suite struct AdminMembersTests {
    @Test func `members are added, promoted and removed`() async throws {
        let fixture = AdminFixture()
        let reply = try await fixture.change(.post, "/v1/members", #"{"name":"n4","peer":"kb4:7707"}"#)
        #expect(try reply.decoded(as: MembersAnswer.self) == AdminSamples.members)
        #expect(try await fixture.change(.post, "/v1/members/n4/promote").status == 200)
        #expect(try await fixture.change(.delete, "/v1/members/n4", "{}").status == 200)
        #expect(fixture.changed == ["add n4 kb4:7707", "promote n4", "remove n4"])
    }

    @Test func `leadership is given to a member that is named, or to any`() async throws {
        let fixture = AdminFixture()
        #expect(try await fixture.change(.post, "/v1/leader/transfer", #"{"to":"n3"}"#).text == "{\"leader\":\"n3\",\"term\":4}\n")
        for body in ["{}", #"{"to":null}"#] {
            #expect(try await fixture.change(.post, "/v1/leader/transfer", body).decoded(as: LeaderAnswer.self).leader == "n2")
        }
        #expect(fixture.changed == ["transfer to n3", "transfer to anyone", "transfer to anyone"])
        #expect(try await fixture.change(.post, "/v1/leader/transfer", #"{"name":"n3"}"#).status == 400)
        #expect(try await fixture.ask(.get, "/v1/leader/transfer").status == 405)
    }

    @Test func `a name in a path may hold any character behind percent signs`() async throws {
        let fixture = AdminFixture()
        #expect(try await fixture.change(.delete, "/v1/members/a%2Fb%20%C3%A9").status == 200)
        #expect(fixture.changed == ["remove a/b é"])
        for path in ["/v1/members/a%2", "/v1/members/a%zz", "/v1/members/%ff"] {
            #expect(try await fixture.change(.delete, path).status == 404, "\(path)")
        }
    }

    @Test func `what is no member or has no name is refused`() async throws {
        let fixture = AdminFixture()
        #expect(try await fixture.change(.delete, "/v1/members/n9").failure == "404 unknown_member: the cluster has no member 'n9'")
        #expect(
            try await fixture.change(.post, "/v1/members", #"{"name":"n4"}"#).failure == #"400 bad_request: the body lacks "peer""#)
        #expect(
            try await fixture.change(.post, "/v1/members", #"{"name":"n4","peer":"kb4:7707","role":"voter"}"#).failure
                == #"400 bad_request: the body has the unknown key "role""#)
        #expect(try await fixture.ask(.get, "/v1/members/n4").failure == "405 method_not_allowed: this path answers DELETE only")
        #expect(fixture.changed.isEmpty)
    }

    @Test func `an entry is told by its index`() async throws {
        let fixture = AdminFixture()
        #expect(
            try await fixture.ask(.get, "/v1/entries/42").text == """
                {"chain":"efcdab8967452301ff00000000000000","index":42,"kind":"noop","payload_crc32c":7,"term":3}

                """)
        #expect(try await fixture.ask(.get, "/v1/entries/43").failure == "404 no_entry: entry 43 is not committed here")
        for index in ["-1", "x", "18446744073709551616", "1.5"] {
            #expect(
                try await fixture.ask(.get, "/v1/entries/\(index)").failure
                    == "400 bad_request: an entry's index is a whole number, not negative", "\(index)")
        }
    }
}
