import ClusterAPI
import Common

/// The candidates that `upstream set` names, checked, and without the password that one of them may hold.
struct UpstreamURLs: Hashable {
    private(set) var urls: [String] = []
    /// The password that stood in a URL.
    private(set) var password: String?

    init(parsing texts: [String]) throws(CtlError) {
        for text in texts {
            let url: MySQLURL
            // The text itself is not repeated: it may hold a password.
            do { url = try MySQLURL(parsing: text) } catch { throw CtlError(.usage, error.reason) }
            guard !url.user.isEmpty else {
                throw CtlError(.usage, "\(url.withoutPassword) names no user", hint: "write mysql://user@host:port")
            }
            if let found = url.password {
                guard password == nil || password == found else {
                    throw CtlError(
                        .usage, "the URLs hold different passwords", hint: "all candidates share one; give it with --password-file")
                }
                password = found
            }
            urls.append(url.withoutPassword)
        }
    }
}
