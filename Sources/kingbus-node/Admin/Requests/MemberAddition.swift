/// The body of `POST /v1/members`.
struct MemberAddition: AdminRequestBody, Encodable, Hashable, Sendable {
    /// What the node calls itself.
    var name: String
    /// Where its peer port is, `host:port`; not checked here.
    var peer: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, peer
    }

    static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }
}
