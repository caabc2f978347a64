import Common

/// Why a server could not be asked, or did not answer: which server, what happened, and what to do. It never holds a password.
public struct ClientError: Error, Hashable, Sendable {
    public enum Code: Hashable, Sendable {
        /// No connection came about.
        case unreachable
        /// The server refused the login, with this number.
        case refused(ErrorCode)
        /// TLS is required and did not come about.
        case tls
        /// The server refused a command, with this number; the connection stays good, but for a dump.
        case server(ErrorCode)
        /// The connection has ended.
        case closed
        /// Nothing came in the time that was granted.
        case silent
        /// What came makes no sense, or is larger than it may be.
        case malformed
        /// Something is asked for that is not supported here.
        case unsupported
        /// ``Interrupter/interrupt()`` was called.
        case interrupted
    }

    public var code: Code
    /// `host:port`.
    public var endpoint: String
    /// What happened, as a phrase.
    public var reason: String
    public var hint: String?

    public init(_ code: Code, at endpoint: String, _ reason: String, hint: String? = nil) {
        self.code = code
        self.endpoint = endpoint
        self.reason = reason
        self.hint = hint
    }

    /// Whether the same request may succeed by itself a little later: the network, or a restart of the server.
    public var isTransient: Bool {
        switch code {
        case .unreachable, .closed, .silent: true
        case .refused(let code), .server(let code):
            [.tooManyConnections, .serverShutdown, .outOfResources, .queryInterrupted].contains(code)
        case .tls, .malformed, .unsupported, .interrupted: false
        }
    }
}

extension ClientError: CustomStringConvertible {
    public var description: String { "\(endpoint): \(reason)" + (hint.map { "; \($0)" } ?? "") }
}
