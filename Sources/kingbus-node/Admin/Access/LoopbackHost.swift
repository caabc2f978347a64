import Common

/// Tells whether a request is meant for this machine by its `Host` header.
///
/// A page in a browser may give its own name the address 127.0.0.1 after it was loaded (DNS rebinding), and then counts as of one origin
/// with whatever listens there. Its requests still carry that name.
enum LoopbackHost {
    /// Whether the header names `localhost` or a loopback address; names that merely begin like one do not count.
    ///
    /// - Parameter header: `host` or `host:port`.
    static func names(_ header: String?) -> Bool {
        header.flatMap { HostPort(parsing: $0, defaultPort: 0) }?.isLoopback ?? false
    }
}
