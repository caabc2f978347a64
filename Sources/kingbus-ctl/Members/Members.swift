import ClusterAPI

/// What `GET /v1/members` and every change of them answer.
struct Members: Decodable {
    var members: [ClusterStatus.Member]

    func role(of name: String) -> String? { members.first { $0.name == name }?.role }
}

/// The body of `POST /v1/members`.
struct MemberAddition: Encodable {
    var name: String
    var peer: String
}

/// Members as people read them.
enum MemberTable {
    static func text(_ members: [ClusterStatus.Member]) -> String {
        var table = Table(["MEMBER", "ROLE", "REACHABLE", "MATCH", "APPLIED", "PEER", "MYSQL", "ADMIN", "FREE"])
        for member in members {
            table.add([
                member.name, member.role, member.reachable ? "yes" : "no", number(member.matchIndex), number(member.appliedIndex),
                member.peer ?? Wording.absent, member.mysql ?? Wording.absent, member.admin ?? Wording.absent,
                member.diskFreeBytes.map(Wording.bytes) ?? Wording.absent,
            ])
        }
        return table.text
    }

    private static func number(_ value: UInt64?) -> String { value.map { "\($0)" } ?? Wording.absent }
}
