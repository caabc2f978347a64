/// The body of `POST /v1/leader/transfer`.
struct LeaderTransfer: AdminRequestBody, Hashable, Sendable {
    /// Who is to lead; nil for the voter that is furthest ahead.
    var to: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case to
    }

    static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }
}
