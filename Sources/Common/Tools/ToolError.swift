/// What ended a tool's work: which file, where in it, why, and what to do.
public struct ToolError: Error, Hashable {
    public enum Code: Hashable, Sendable {
        /// The input could not be read, or not by this version.
        case failure
        /// The input is not what was once written.
        case damaged
        /// What was asked for does not fit the input.
        case usage
        /// A server cannot be reached, or the connection to it was lost.
        case unreachable
        /// A server has not answered in time.
        case timedOut
        /// A server does not let the user in, or not at its binlog.
        case notPermitted
        /// What a server has now is not what it should have.
        case conflict
        /// A person has ended the waiting for more.
        case interrupted
        /// Whoever read the output has gone: there is no more to do, and nothing to complain about.
        case outputClosed
    }

    public var code: Code
    /// The input's path; `-` for stdin.
    public var file: String
    /// Bytes from the file's beginning, where that is known.
    public var offset: UInt64?
    public var reason: String
    public var hint: String?

    public init(_ code: Code, file: String, offset: UInt64? = nil, _ reason: String, hint: String? = nil) {
        self.code = code
        self.file = file
        self.offset = offset
        self.reason = reason
        self.hint = hint
    }
}

extension ToolError: CustomStringConvertible {
    public var description: String {
        var text = file
        if let offset { text += " at byte \(offset)" }
        text += ": \(reason)"
        if let hint { text += "; \(hint)" }
        return text
    }
}
