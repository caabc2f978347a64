/// The body of `PUT /v1/upstream`.
struct UpstreamChange: AdminRequestBody, Hashable, Sendable, CustomStringConvertible {
    /// The candidates, as `mysql://user@host:port?…`; not checked here.
    var urls: [String]
    /// Nil leaves the stored one.
    var password: String?
    /// The version of the upstream settings that the sender has seen; nil changes whatever there is.
    var expectedVersion: UInt64?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case urls, password
        case expectedVersion = "version"
    }

    static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }

    init(urls: [String], password: String? = nil, expectedVersion: UInt64? = nil) {
        self.urls = urls
        self.password = password
        self.expectedVersion = expectedVersion
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        urls = try container.decode([String].self, forKey: .urls)
        password = try container.decodeIfPresent(String.self, forKey: .password)
        expectedVersion = try container.decodeIfPresent(WholeNumber.self, forKey: .expectedVersion)?.value
    }

    /// Without the password, and without the URLs, which may hold one.
    var description: String { "UpstreamChange(\(urls.count) urls, version \(expectedVersion.map(String.init) ?? "any"))" }
}
