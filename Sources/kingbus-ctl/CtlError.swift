/// What keeps a command from being carried out: what, where, and what to do; and the exit code that says so to scripts.
struct CtlError: Error, Hashable {
    /// Exit codes of sysexits.h, but for the first.
    enum Code: Int32 {
        case failure = 1
        case usage = 64
        case unreachable = 69
        case timedOut = 75
        case notPermitted = 77
    }

    var code: Code
    var message: String
    var hint: String?

    init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}

extension CtlError: CustomStringConvertible {
    var description: String { hint.map { "\(message); \($0)" } ?? message }
}
