/// What `GET /v1/upstream` answers, as far as commands depend on it.
struct UpstreamState: Decodable {
    var urls: [String]
    /// Rises with every change; a change names the one that it expects.
    var version: UInt64
}

/// The body of `PUT /v1/upstream`.
struct UpstreamChange: Encodable {
    var urls: [String]
    /// Left out where there is none.
    var password: String?
    var version: UInt64
}
