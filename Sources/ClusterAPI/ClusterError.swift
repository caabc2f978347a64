/// What keeps a request from being carried out: what, where, and what to do; and the exit code that says so to scripts.
package struct ClusterError: Error, Hashable {
    /// Exit codes of sysexits.h, but for the first.
    package enum Code: Int32 {
        case failure = 1
        case usage = 64
        case unreachable = 69
        case timedOut = 75
        case notPermitted = 77
    }

    package var code: Code
    package var message: String
    package var hint: String?

    package init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}

extension ClusterError: CustomStringConvertible {
    package var description: String { hint.map { "\(message); \($0)" } ?? message }
}
