import ClusterAPI
import Testing

@testable import kingbus_ctl

@Suite struct VerifyTests {
    /// Nodes with logs of their own, at `http://NAME:1`.
    private struct Cluster: Sendable {
        var applied: [String: UInt64] = ["n1": 9, "n2": 7, "n3": 8]
        /// The first entry in which a node's log is its own.
        var differsFrom: [String: UInt64] = [:]
        var purgedBelow: [String: UInt64] = [:]
        var silent: Set<String> = []
        /// Where nodes are reached if not at the address that the cluster knows.
        var moved: [String: String] = [:]

        func answer(_ path: String, _ endpoint: String) throws(CtlError) -> AdminClient.Answer {
            guard let name = moved[endpoint] ?? applied.keys.first(where: { "http://\($0):1" == endpoint }), !silent.contains(name),
                moved[endpoint] != nil || !moved.values.contains(name)
            else { throw CtlError(.unreachable, "\(endpoint) (Connection refused)") }
            let text: String
            if path == "/v1/status" {
                let members = applied.keys.sorted().map {
                    #"{"name":"\#($0)","role":"follower","reachable":true,"admin":"\#($0):1"}"#
                }
                text = """
                    {"version":"1","cluster_id":"c","node":"\(name)","leader":"n1","term":3,"commit_index":9,"applied_index":\(applied[name] ?? 0),
                     "executed_gtid_set":"u:1-\(applied[name] ?? 0)","alerts":[],"members":[\(members.joined(separator: ","))],"replicas":[]}
                    """
            } else {
                let index = UInt64(path.split(separator: "/").last ?? "") ?? 0
                guard index >= purgedBelow[name] ?? 1 else { throw CtlError(.failure, "\(endpoint): entry \(index) is purged here") }
                let isOwn = index >= differsFrom[name] ?? .max
                text = #"{"index":\#(index),"term":3,"kind":"events","chain":"\#(isOwn ? name : "all")\#(index)","payload_crc32c":1}"#
            }
            return AdminClient.Answer(endpoint: endpoint, body: Array(text.utf8))
        }
    }

    private func verify(_ cluster: Cluster, endpoints: [String] = ["http://n1:1"]) async throws -> Agreement {
        try await ClusterVerification(endpoints: endpoints) { path, endpoint throws(CtlError) in try cluster.answer(path, endpoint) }.run()
    }

    @Test("nodes that agree are compared at the last entry that all have applied")
    func agree() async throws {
        let agreement = try await verify(Cluster())
        #expect(agreement.outcome == .success)
        #expect(
            agreement.text == """
                NODE  ADMIN        APPLIED  CHAIN AT 7
                n1    http://n1:1  9        all7
                n2    http://n2:1  7        all7
                n3    http://n3:1  8        all7

                n1, n2, n3 agree up to entry 7: u:1-7

                """)
    }

    @Test("the first entry that differs is found, and who has which", arguments: [1, 2, 4, 6, 7])
    func differ(first: UInt64) async throws {
        let agreement = try await verify(Cluster(differsFrom: ["n3": first]))
        #expect(agreement.outcome == .different)
        #expect(agreement.difference == Agreement.Difference(index: first, isFirst: true))
        #expect(agreement.text.hasSuffix("\nthe logs differ from entry \(first) on: n1, n2 | n3\n"))
    }

    @Test("a difference behind the last common entry is none yet")
    func differLater() async throws {
        #expect(try await verify(Cluster(differsFrom: ["n3": 8])).outcome == .success)
    }

    @Test("where the first difference may be purged it says so")
    func purged() async throws {
        let agreement = try await verify(Cluster(differsFrom: ["n3": 2], purgedBelow: ["n1": 5]))
        #expect(agreement.difference == Agreement.Difference(index: 5, isFirst: false))
        #expect(agreement.text.contains("entry 5 on, or an earlier one that is purged: n1, n2 | n3"))
        #expect(
            try await verify(Cluster(differsFrom: ["n3": 6], purgedBelow: ["n1": 3])).difference
                == Agreement.Difference(index: 6, isFirst: true))
    }

    @Test("a member that does not answer is named, and the others are compared")
    func silent() async throws {
        let agreement = try await verify(Cluster(silent: ["n1"]), endpoints: ["http://n1:1", "http://n2:1"])
        #expect(agreement.outcome == .degraded)
        #expect(agreement.index == 7)
        #expect(agreement.text.hasSuffix("\nn2, n3 agree up to entry 7: u:1-7\nnot compared: n1\n"))
        #expect(agreement.nodes.first?.problem == "http://n1:1 (Connection refused)")
    }

    @Test("a member that has applied nothing yet holds up no comparison")
    func empty() async throws {
        let agreement = try await verify(Cluster(applied: ["n1": 9, "n2": 7, "n3": 0]))
        #expect(agreement.outcome == .degraded)
        #expect(agreement.text.hasSuffix("\nn1, n2 agree up to entry 7: u:1-7\nnot compared: n3\n"))
    }

    @Test("a member is asked at an address of --admin where the cluster's does not answer")
    func moved() async throws {
        let agreement = try await verify(
            Cluster(moved: ["http://proxy:3": "n3"]), endpoints: ["http://n1:1", "http://n2:1", "http://proxy:3"])
        #expect(agreement.outcome == .success)
        #expect(agreement.nodes.map(\.admin) == ["http://n1:1", "http://n2:1", "http://proxy:3"])
    }

    @Test("where nobody answers that is all there is to tell")
    func nobody() async throws {
        let error = await #expect(throws: CtlError.self) { try await verify(Cluster(silent: ["n1", "n2", "n3"])) }
        #expect(error?.code == .unreachable)
    }

    @Test("a difference outweighs a member that does not answer")
    func both() async throws {
        let agreement = try await verify(
            Cluster(applied: ["n1": 9, "n2": 7, "n3": 8, "n4": 9], differsFrom: ["n2": 3], silent: ["n4"]))
        #expect(agreement.outcome == .different)
    }

    @Test("the result as JSON has the API's names")
    func json() async throws {
        let text = String(decoding: try JSON.encode(try await verify(Cluster(differsFrom: ["n3": 2]))), as: UTF8.self)
        #expect(text.contains(#"{"agree":false,"difference":{"index":2,"is_first":true},"gtid_set":"u:1-7","index":7,"nodes":[{"admin":"#))
        #expect(text.contains(#""problem":null"#))
    }
}

@Suite struct MembersTests {
    @Test("members stand in a table")
    func table() throws {
        let members = try JSON.decode(
            Members.self,
            from: Array(
                #"{"members":[{"name":"n1","role":"learner","reachable":false,"match_index":null,"applied_index":4,"peer":"p"}]}"#.utf8))
        #expect(members.role(of: "n1") == "learner")
        #expect(
            MemberTable.text(members.members) == """
                MEMBER  ROLE     REACHABLE  MATCH  APPLIED  PEER  MYSQL  ADMIN  FREE
                n1      learner  no         -      4        p     -      -      -

                """)
    }

    @Test("a name in a path holds nothing that a path means something by")
    func pathPart() {
        #expect(AdminClient.encoded(pathPart: "n-1._~") == "n-1._~")
        #expect(AdminClient.encoded(pathPart: "a/b?c%d é") == "a%2Fb%3Fc%25d%20%C3%A9")
    }

    @Test("what an alert repeats is told once")
    func complaints() throws {
        let alert = #"{"code":"member_unreachable","message":"member n1 is not reachable: nothing was heard","hint":"h"}"#
        #expect(
            try SampleStatus.status(SampleStatus.json(reachable: false, alerts: alert)).complaints == ["member n1 is not reachable"])
    }
}
