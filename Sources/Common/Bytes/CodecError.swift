/// What is wrong with bytes that came from outside: a file, a socket, a user.
///
/// Every decoder in this module throws it and never traps: whatever the bytes say, the answer is a value or this error.
public struct CodecError: Error, Hashable, Sendable {
    public enum Code: Hashable, Sendable {
        /// The bytes end before the value does.
        case truncated
        /// A field holds a value that its format does not allow.
        case invalid
        /// A stored checksum differs from the one computed over the bytes.
        case checksumMismatch
        /// The format is known and not supported here.
        case unsupported
    }

    public var code: Code
    /// Where in the decoded bytes, in bytes from their beginning.
    public var offset: Int
    /// What was expected and what was found, as a phrase without a full stop.
    public var reason: String

    public init(_ code: Code, at offset: Int, _ reason: String) {
        self.code = code
        self.offset = offset
        self.reason = reason
    }
}

extension CodecError: CustomStringConvertible {
    public var description: String { "\(reason) (at byte \(offset))" }
}
