/// What stopped the log from being read or written: which file, where in it, and why.
public struct LogError: Error, Hashable, Sendable {
    public enum Code: Hashable, Sendable {
        /// A system call failed.
        case io
        /// Stored bytes at or below the highest durable mark are not what was written.
        case corruption
        /// The data directory is held by another process.
        case locked
        /// The disk has no room left.
        case noSpace
    }

    public var code: Code
    /// The file's path, as opened.
    public var file: String
    /// Bytes from the beginning of the file, where that is known.
    public var offset: UInt64?
    /// What happened, as a phrase without a full stop.
    public var reason: String

    public init(_ code: Code, file: String, offset: UInt64? = nil, _ reason: String) {
        self.code = code
        self.file = file
        self.offset = offset
        self.reason = reason
    }
}

extension LogError: CustomStringConvertible {
    public var description: String {
        offset.map { "\(file) at byte \($0): \(reason)" } ?? "\(file): \(reason)"
    }
}
