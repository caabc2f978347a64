import Hummingbird

/// Who may do what: the full token everything, the read token what changes nothing. Without any token all is open to whoever can connect.
struct AdminTokens: Sendable {
    var full: AdminToken?
    var read: AdminToken?

    init(full: AdminToken? = nil, read: AdminToken? = nil) {
        self.full = full
        self.read = read
    }

    /// Whether nobody needs a token.
    var isEmpty: Bool { full == nil && read == nil }

    /// - Parameter authorization: the request's `Authorization` header.
    /// - Throws: 401 without a known token, 403 with one that may not do this.
    func authorize(_ authorization: String?, isChange: Bool) throws(AdminError) {
        guard !isEmpty else { return }
        guard let token = Self.bearerToken(authorization) else {
            throw Self.unauthorized("this node's API needs a token", "send it as Authorization: Bearer TOKEN (kingbus-ctl: --token-file)")
        }
        // Both are always compared: the time must not tell which one was near.
        let isFull = full?.matches(token.utf8) ?? false
        let isRead = read?.matches(token.utf8) ?? false
        guard isFull || isRead else {
            throw Self.unauthorized("the token is not this node's", "it is in the file of --admin-token-file or --admin-read-token-file")
        }
        guard isFull || !isChange else {
            throw AdminError(
                .forbidden, code: "read_only_token", message: "this token may only read", hint: "use the one of --admin-token-file")
        }
    }

    /// What follows the scheme `Bearer`, whose case does not matter (RFC 9110, section 11.1).
    private static func bearerToken(_ authorization: String?) -> Substring? {
        guard let authorization, let space = authorization.firstIndex(of: " "), authorization[..<space].lowercased() == "bearer" else {
            return nil
        }
        return authorization[space...].drop { $0 == " " }
    }

    private static func unauthorized(_ message: String, _ hint: String) -> AdminError {
        AdminError(
            .unauthorized, code: "unauthorized", message: message, hint: hint, headers: [.wwwAuthenticate: "Bearer realm=\"kingbus\""])
    }
}
