import Common
import NIOCore
import Testing

@testable import kingbus_node

@Suite struct ClusterViewTests {
    private let leaderReport = ClusterFixture.report("n2", role: .leader, matches: ["n1": 39, "n2": 42], replicas: 1)

    @Test func `a follower tells of all members what they reported, and the leader's matches`() {
        let view = ClusterFixture.view(
            own: ClusterFixture.report("n1", replicas: 1), leader: "n2",
            heard: [(leaderReport, .seconds(1)), (ClusterFixture.report("n3"), .seconds(3))])
        #expect(view.members.map(\.name) == ["n1", "n2", "n3"])
        #expect(view.members.map(\.role) == [.follower, .leader, .follower])
        #expect(view.members.map(\.reachable) == [true, true, true])
        #expect(view.members.map(\.matchIndex) == [39, 42, nil])
        #expect(view.members.map(\.appliedIndex) == [40, 40, 40])
        #expect(view.members.map(\.admin) == ["n1:3", "n2:3", "n3:3"])
        #expect(view.upstream == leaderReport.upstream)
        #expect(view.replicas.map(\.node) == ["n1", "n2"])
        #expect(view.alerts.isEmpty)
    }

    @Test func `who was silent for more than three seconds is not reachable, and has no say`() {
        let view = ClusterFixture.view(
            own: ClusterFixture.report("n1"), leader: "n2", heard: [(leaderReport, .milliseconds(3001))])
        #expect(view.members.map(\.reachable) == [true, false, false])
        #expect(view.members.map(\.matchIndex) == [nil, nil, nil])
        #expect(view.members.map(\.appliedIndex) == [40, 40, nil])
        #expect(view.members.map(\.admin) == ["n1:3", "n2:3", "n3:8707"])
        #expect(view.upstream.state == .connecting)
        #expect(view.upstream.reason == "nothing was heard from the leader n2 yet")
        #expect(view.replicas.isEmpty)
        #expect(
            view.alerts.map(\.message) == [
                "member n2 is not reachable: nothing was heard from it for 3 s",
                "member n3 is not reachable: nothing was heard from it yet",
            ])
        #expect(view.alerts.allSatisfy { $0.code == "member_unreachable" })
    }

    @Test func `a report of another data directory under the same name is not the member's`() {
        var stranger = ClusterFixture.report("n2", role: .leader, matches: ["n1": 7])
        stranger.incarnation = 99
        let view = ClusterFixture.view(own: ClusterFixture.report("n1"), leader: "n2", heard: [(stranger, .zero)])
        #expect(view.members.map(\.reachable) == [true, false, false])
        #expect(view.members.map(\.matchIndex) == [nil, nil, nil])
    }

    @Test func `a leader tells of itself what it knows`() {
        let view = ClusterFixture.view(
            own: ClusterFixture.report("n1", role: .leader, matches: ["n1": 42, "n3": 41]), leader: "n1",
            heard: [(ClusterFixture.report("n2"), .zero), (ClusterFixture.report("n3", role: .candidate), .zero)])
        #expect(view.members.map(\.role) == [.leader, .follower, .candidate])
        #expect(view.members.map(\.matchIndex) == [42, nil, 41])
        #expect(view.upstream.state == .running)
    }

    @Test func `one that led before it reported its loss is not taken for the leader`() {
        let old = ClusterFixture.report("n3", role: .leader, matches: ["n1": 1])
        let view = ClusterFixture.view(
            own: ClusterFixture.report("n1"), leader: "n2", heard: [(ClusterFixture.report("n2"), .zero), (old, .zero)])
        #expect(view.members.map(\.role) == [.follower, .leader, .follower])
        #expect(view.members.map(\.matchIndex) == [nil, nil, nil])
        #expect(view.upstream.state == .connecting)
    }

    @Test func `without a leader the status says so, and who is missing`() {
        let alone = ClusterFixture.view(own: ClusterFixture.report("n1", role: .candidate), leader: nil, heard: [])
        #expect(alone.upstream.state == .stopped)
        #expect(alone.upstream.reason == "there is no leader")
        #expect(alone.members.map(\.role) == [.candidate, .follower, .follower])
        #expect(
            alone.alerts.first
                == AlertAnswer(
                    code: "no_leader", message: "there is no leader",
                    hint: "A majority of the 3 voters must be up: start n2, n3."))
        let two = ClusterFixture.view(own: ClusterFixture.report("n1"), leader: nil, heard: [(ClusterFixture.report("n2"), .zero)])
        #expect(two.alerts.first?.hint == "A leader is elected by itself within seconds.")
    }

    @Test func `alerts of other nodes and refusals name the node`() {
        let alert = AlertAnswer(code: "disk_space", message: "4 bytes free", hint: "Free space.")
        let view = ClusterFixture.view(
            own: ClusterFixture.report("n1", alerts: [alert]), leader: "n2",
            heard: [
                (ClusterFixture.report("n2", role: .leader, alerts: [alert]), .zero), (ClusterFixture.report("n3"), .zero),
            ], refusals: [("n3", "other_member", "this one is empty")])
        #expect(
            view.alerts.map(\.message) == [
                "4 bytes free", "n2: 4 bytes free", "member n3 refuses this node: this one is empty",
            ])
        #expect(view.alerts.map(\.code) == ["disk_space", "disk_space", "member_refused"])
    }

    @Test func `the voter of the highest priority should lead, if it is heard and above the leader's own`() {
        func preferred(_ own: Int, _ second: Int, _ third: Int, ago: TimeAmount = .zero, role: Common.Member.Role = .voter) -> String? {
            let members = [ClusterFixture.member("n1"), ClusterFixture.member("n2"), ClusterFixture.member("n3", role: role)]
            return ClusterFixture.view(
                own: ClusterFixture.report("n1", role: .leader, priority: own), leader: "n1",
                heard: [(ClusterFixture.report("n2", priority: second), .zero), (ClusterFixture.report("n3", priority: third), ago)],
                membership: Membership(members: members)
            ).preferredLeader?.name
        }
        #expect(preferred(50, 50, 50) == nil)
        #expect(preferred(50, 40, 60) == "n3")
        #expect(preferred(50, 70, 60) == "n2")
        #expect(preferred(80, 70, 60) == nil)
        #expect(preferred(50, 50, 60, ago: .seconds(60)) == nil)
        #expect(preferred(50, 50, 60, role: .learner) == nil)
    }

    @Test func `a new leader waits before it looks for a better one, and between two looks`() {
        var preference = LeaderPreference()
        let looks: [(term: UInt64, seconds: Int64)] = [(3, 0), (3, 9), (3, 10), (3, 19), (3, 20), (5, 40)]
        let answers = looks.map { preference.isDue(inTerm: $0.term, at: ClusterFixture.now + .seconds($0.seconds)) }
        #expect(answers == [false, false, true, false, true, false])
    }

    @Test func `a learner is one until it votes`() {
        var membership = ClusterFixture.membership
        membership.members.append(ClusterFixture.member("n4", role: .learner))
        let view = ClusterFixture.view(
            own: ClusterFixture.report("n1"), leader: "n2", heard: [(ClusterFixture.report("n4", role: .learner), .zero)],
            membership: membership)
        #expect(view.members.last?.role == .learner)
        #expect(view.members.last?.reachable == true)
    }
}
