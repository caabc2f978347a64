import Common
import Testing

@Suite struct MembershipTests {
    private func member(_ name: String, _ role: Member.Role, incarnation: UInt64 = 1) -> Member {
        Member(name: name, incarnation: incarnation, role: role, peerAddress: "\(name):1", mysqlAddress: "", adminAddress: "")
    }

    @Test func `a change of several voters tells in its first step who votes before it and who behind it`() {
        let before = Membership(members: [
            member("a", .voter), member("b", .voter), member("c", .voter), member("d", .learner), member("e", .learner),
            member("f", .learner),
        ])
        let after = Membership(members: [
            member("a", .voter), member("b", .learner), member("d", .voter), member("e", .learner), member("g", .voter),
            member("h", .learner),
        ])
        let joint = before.enteringJoint(to: after)
        #expect(
            joint.members == [
                member("a", .voter), member("b", .outgoingLearner), member("c", .outgoingVoter), member("d", .incomingVoter),
                member("e", .learner), member("g", .incomingVoter), member("h", .learner),
            ])
        #expect(joint.isJoint && !before.isJoint && !after.isJoint)
        #expect(joint.leavingJoint() == after)
    }

    @Test func `a name with another data directory is another member`() {
        let before = Membership(members: [member("a", .voter), member("b", .voter)])
        let after = Membership(members: [member("a", .voter), member("b", .voter, incarnation: 2)])
        let joint = before.enteringJoint(to: after)
        #expect(joint.members == [member("a", .voter), member("b", .outgoingVoter), member("b", .incomingVoter, incarnation: 2)])
        #expect(joint.leavingJoint() == after)
    }

    @Test func `all roles come back from bytes, and an unknown one does not`() throws {
        let roles: [Member.Role] = [.voter, .learner, .incomingVoter, .outgoingVoter, .outgoingLearner]
        let membership = Membership(members: roles.map { member("n\($0.rawValue)", $0) })
        let bytes = membership.encoded()
        #expect(try Membership(decoding: bytes.span.bytes) == membership)
        let other = Membership(members: membership.members.dropLast() + [member("n5", .voter)]).encoded()
        let place = try #require(bytes.indices.first { bytes[$0] != other[$0] })
        // Whether one byte of the number or another is not that of a role: a newer version knows it.
        for (offset, byte) in [(0, 6), (0, 0), (1, 1), (7, 1)] as [(Int, UInt8)] {
            var changed = bytes
            changed[place + offset] = byte
            let error = #expect(throws: CodecError.self) { try Membership(decoding: changed.span.bytes) }
            #expect(error?.code == .unsupported)
        }
    }
}
