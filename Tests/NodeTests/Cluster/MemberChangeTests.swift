import Common
import Hummingbird
import Testing

@testable import kingbus_node

@Suite struct MemberChangeTests {
    private func hello(_ name: String, incarnation: UInt64 = 7, clusterID: SourceID? = nil) -> PeerHello {
        PeerHello(
            clusterID: clusterID, name: name, incarnation: incarnation, expected: nil, initialCluster: "", peer: "p:1", mysql: "m:1",
            admin: "a:1", segmentSize: 1)
    }

    private func refusal(_ body: () throws(AdminError) -> Membership?) -> String? {
        do throws(AdminError) {
            _ = try body()
            return nil
        } catch { return "\(error.status.code) \(error.code): \(error.message)" }
    }

    @Test func `an empty node becomes a learner with the addresses that it told, at the address that was given`() throws {
        let next = try MemberChange.adding("n4", hello("n4"), at: "kb4:7707", to: ClusterFixture.membership)
        #expect(
            next?.members.last
                == Member(
                    name: "n4", incarnation: 7, role: .learner, peerAddress: "kb4:7707", mysqlAddress: "m:1", adminAddress: "a:1"))
        #expect(next?.members.count == 4)
    }

    @Test func `who is a member already changes nothing, also once it has the cluster's log`() throws {
        let incarnation = ClusterFixture.member("n3").incarnation
        for clusterID in [nil, SourceID(high: 1, low: 1)] {
            let hello = hello("n3", incarnation: incarnation, clusterID: clusterID)
            #expect(try MemberChange.adding("n3", hello, at: "n3:7707", to: ClusterFixture.membership) == nil)
        }
    }

    @Test func `another name, a name that is taken, and a node with a log are refused`() {
        let membership = ClusterFixture.membership
        #expect(
            refusal { () throws(AdminError) in try MemberChange.adding("n4", hello("n5"), at: "kb4:7707", to: membership) }
                == "409 other_name: the node at kb4:7707 calls itself 'n5', not 'n4'")
        #expect(
            refusal { () throws(AdminError) in try MemberChange.adding("n3", hello("n3"), at: "n3:7707", to: membership) }
                == "409 name_taken: 'n3' is a member already, with another data directory")
        #expect(
            refusal { () throws(AdminError) in
                try MemberChange.adding("n4", hello("n4", clusterID: SourceID(high: 1, low: 1)), at: "kb4:7707", to: membership)
            } == "409 not_empty: 'n4' at kb4:7707 belongs to a cluster already")
    }

    @Test(arguments: [
        // Who is reachable, who is removed, whether that is allowed.
        (["n1", "n2", "n3"], "n3", true), (["n1", "n2"], "n3", true), (["n1", "n2"], "n2", false), (["n1"], "n2", true),
        (["n1", "n2", "n3"], "n1", true),
    ])
    func `a voter is removed only where a majority of the others is left, or it is gone itself`(
        _ reachable: [String], _ name: String, _ isAllowed: Bool
    ) {
        let refusal = refusal { () throws(AdminError) in
            let next = try MemberChange.removing(name, from: ClusterFixture.membership) { reachable.contains($0.name) }
            #expect(next.members.map(\.name) == ["n1", "n2", "n3"].filter { $0 != name })
            return next
        }
        #expect((refusal == nil) == isAllowed)
        if !isAllowed { #expect(refusal?.hasPrefix("409 no_majority: without 'n2' no majority") == true) }
    }

    @Test func `the last voter stays, a learner may always go, and nobody knows a stranger`() throws {
        let membership = Membership(members: [ClusterFixture.member("n1"), ClusterFixture.member("n2", role: .learner)])
        #expect(
            refusal { () throws(AdminError) in try MemberChange.removing("n1", from: membership) { _ in true } }
                == "409 last_voter: 'n1' is the last voter: without it there is no cluster")
        #expect(try MemberChange.removing("n2", from: membership) { _ in false }.members.map(\.name) == ["n1"])
        #expect(
            refusal { () throws(AdminError) in try MemberChange.removing("n9", from: membership) { _ in true } }
                == "404 unknown_member: the cluster has no member 'n9'")
        #expect(
            refusal { () throws(AdminError) in try MemberChange.promoting("n9", in: membership) { _ in true } }
                == "404 unknown_member: the cluster has no member 'n9'")
    }

    @Test func `whoever is to lead votes and is reachable, and the leader itself may be named`() throws {
        let members = [ClusterFixture.member("n1"), ClusterFixture.member("n2"), ClusterFixture.member("n3", role: .learner)]
        func successor(_ name: String?, of members: [Common.Member], reachable: Bool = true) -> String {
            do throws(AdminError) {
                let membership = Membership(members: members)
                return try MemberChange.successor(name, in: membership, leader: "n1") { _ in reachable }?.name ?? "anyone"
            } catch { return "\(error.status.code) \(error.code): \(error.message)" }
        }
        #expect(successor("n2", of: members) == "n2")
        #expect(successor("n1", of: members, reachable: false) == "n1")
        #expect(successor(nil, of: members) == "anyone")
        #expect(successor("n3", of: members) == "409 not_a_voter: 'n3' does not vote, so it cannot lead")
        #expect(successor("n9", of: members) == "404 unknown_member: the cluster has no member 'n9'")
        #expect(successor("n2", of: members, reachable: false) == "409 member_unreachable: 'n2' is not reachable, so it cannot lead")
        #expect(successor(nil, of: [members[0], members[2]]) == "409 not_a_voter: there is no other voter that could lead")
    }

    @Test func `a learner is promoted once it has caught up, and a voter is one already`() throws {
        let membership = Membership(members: [ClusterFixture.member("n1"), ClusterFixture.member("n2", role: .learner)])
        #expect(try MemberChange.promoting("n1", in: membership) { _ in false } == nil)
        #expect(try MemberChange.promoting("n2", in: membership) { _ in true }?.members.map(\.role) == [.voter, .voter])
        #expect(
            refusal { () throws(AdminError) in try MemberChange.promoting("n2", in: membership) { _ in false } }
                == "409 not_caught_up: 'n2' does not hold all that is committed yet")
    }

    @Test func `only a node that leads says so when leadership is to go to it`() throws {
        var role = Consensus.Role(isLeader: true, term: 4, lastIndex: 9, durableIndex: 9, commitIndex: 9)
        #expect(try LeaderAnswer(own: "n1", role: role) == LeaderAnswer(leader: "n1", term: 4))
        role.isLeader = false
        let error = #expect(throws: AdminError.self) { try LeaderAnswer(own: "n1", role: role) }
        #expect(error == .leadershipMoved)
    }
}
