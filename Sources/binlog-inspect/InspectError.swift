/// What ended an inspection: which file, where in it, why, and what to do.
struct InspectError: Error, Hashable {
    enum Code {
        /// The input could not be read, or not by this version.
        case failure
        /// The input is not what was once written.
        case damaged
        /// Whoever read the output has gone: there is no more to do, and nothing to complain about.
        case outputClosed
    }

    var code: Code
    /// The input's path; `-` for stdin.
    var file: String
    /// Bytes from the file's beginning, where that is known.
    var offset: UInt64?
    var reason: String
    var hint: String?

    init(_ code: Code, file: String, offset: UInt64? = nil, _ reason: String, hint: String? = nil) {
        self.code = code
        self.file = file
        self.offset = offset
        self.reason = reason
        self.hint = hint
    }
}

extension InspectError: CustomStringConvertible {
    var description: String {
        var text = file
        if let offset { text += " at byte \(offset)" }
        text += ": \(reason)"
        if let hint { text += "; \(hint)" }
        return text
    }
}
