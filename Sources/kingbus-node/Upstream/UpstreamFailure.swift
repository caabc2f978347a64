import Common

/// Why pulling from the upstream stopped.
struct UpstreamFailure: Error, Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// Worth another try by itself: the network, a restart, a full disk.
        case retry
        /// Going on would lose or invent something; a person must choose.
        case blocked
    }

    var kind: Kind
    /// Stable, for scripts: `access_denied`, `gtid_mode`, `purged`…
    var code: String
    /// What happened and where.
    var message: String
    /// What to do about it.
    var hint: String
    /// Transactions that we need and the upstream has purged.
    var missing = GTIDSet()
    /// Transactions that we hold and the upstream does not know.
    var errant = GTIDSet()

    static func retry(_ code: String, _ message: String, hint: String = "Kingbus keeps trying.") -> UpstreamFailure {
        UpstreamFailure(kind: .retry, code: code, message: message, hint: hint)
    }

    static func blocked(_ code: String, _ message: String, hint: String) -> UpstreamFailure {
        UpstreamFailure(kind: .blocked, code: code, message: message, hint: hint)
    }

    static func malformed(_ error: CodecError) -> UpstreamFailure {
        .retry("malformed_stream", "the upstream sent what cannot be read: \(error.reason)")
    }
}
