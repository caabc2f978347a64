import Hummingbird

/// One operation of the API: how it is carried out and how it is described.
struct AdminRoute: Sendable {
    /// What a successful request is answered with.
    enum Answer: Sendable {
        /// The name of a schema in `OpenAPISchemas`.
        case json(schema: String)
        /// Any JSON object.
        case anyJSON
        case text
    }

    let method: HTTPRequest.Method
    /// Parameters stand in braces, as `/v1/members/{name}`.
    let path: String
    let summary: String
    let answer: Answer
    /// The schema of the body; nil where none is read.
    let body: String?
    let respond: @Sendable (AdminRequest) async throws(AdminError) -> AdminAnswer

    /// An operation that changes nothing and has no body.
    static func read(
        _ path: String, _ summary: String, answer: Answer, _ respond: @escaping @Sendable () async throws(AdminError) -> AdminAnswer
    ) -> AdminRoute {
        AdminRoute(method: .get, path: path, summary: summary, answer: answer, body: nil) { (_) async throws(AdminError) in
            try await respond()
        }
    }

    /// An operation that the leader carries out; its body, JSON if any, the closure reads.
    static func change(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String, body: String? = nil, answer: Answer,
        _ respond: @escaping @Sendable (AdminRequest) async throws(AdminError) -> AdminAnswer
    ) -> AdminRoute {
        AdminRoute(method: method, path: path, summary: summary, answer: answer, body: body, respond: respond)
    }
}
