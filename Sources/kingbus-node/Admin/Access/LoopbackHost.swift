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
        guard let header, let host = HostPort(parsing: header, defaultPort: 0)?.host.lowercased() else { return false }
        return host == "localhost" || host == "::1" || isLoopbackIPv4(host)
    }

    private static func isLoopbackIPv4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
