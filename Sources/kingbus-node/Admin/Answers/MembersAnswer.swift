/// `GET /v1/members`.
struct MembersAnswer: Codable, Hashable, Sendable {
    var members: [MemberStatus]
}
