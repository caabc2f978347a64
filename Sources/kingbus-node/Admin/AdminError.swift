import Hummingbird

/// A request that was not carried out, and what its sender reads of it: `{"error":{"code","message","hint"}}`.
///
/// ```swift
/// throw AdminError(.conflict, code: "version_mismatch", message: "the upstream is at version 4, not 3", hint: "read it again")
/// ```
struct AdminError: Error, Hashable, Sendable {
    var status: HTTPResponse.Status
    /// For programs, in snake case; does not change between releases.
    var code: String
    /// For people: what is wrong and where.
    var message: String
    /// For people: what to do; empty where the message says it all.
    var hint: String
    /// Sent with the answer, as `Allow` is.
    var headers: HTTPFields

    init(_ status: HTTPResponse.Status, code: String, message: String, hint: String = "", headers: HTTPFields = [:]) {
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint
        self.headers = headers
    }

    static let notFound = AdminError(
        .notFound, code: "not_found", message: "there is nothing at this path", hint: "GET /v1/openapi.json lists every path")

    static let internalError = AdminError(
        .internalServerError, code: "internal", message: "the request failed inside the node", hint: "the node's log says why")

    /// - Parameter allowed: the methods that the path does know.
    static func methodNotAllowed(_ allowed: [HTTPRequest.Method]) -> AdminError {
        let list = allowed.map(\.rawValue).joined(separator: ", ")
        return AdminError(
            .methodNotAllowed, code: "method_not_allowed", message: "this path answers \(list) only", headers: [.allow: list])
    }

    static func badRequest(_ message: String, hint: String = "") -> AdminError {
        AdminError(.badRequest, code: "bad_request", message: message, hint: hint)
    }
}
