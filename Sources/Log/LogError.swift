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
        /// The data directory, or the disk that holds it, may not be written.
        case readOnly
        /// The bytes are intact and were written by a newer version.
        case unsupported
    }

    public var code: Code
    /// The file's path, as opened.
    public var file: String
    /// Bytes from the beginning of the file, where that is known.
    public var offset: UInt64?
    /// The entry that is concerned, where that is known.
    public var index: UInt64?
    /// What happened, as a phrase without a full stop.
    public var reason: String
    /// What the user can do about it, as a phrase without a full stop.
    public var hint: String?

    public init(
        _ code: Code, file: String, offset: UInt64? = nil, index: UInt64? = nil, _ reason: String, hint: String? = nil
    ) {
        self.code = code
        self.file = file
        self.offset = offset
        self.index = index
        self.reason = reason
        self.hint = hint
    }
}

extension LogError {
    /// Acknowledged bytes are gone: nothing on this node can bring them back.
    static func corruption(file: String, offset: UInt64? = nil, index: UInt64? = nil, _ reason: String) -> LogError {
        LogError(
            .corruption, file: file, offset: offset, index: index, reason,
            hint: "nothing was changed; restore the data directory from a copy, or move it away and let the node rejoin empty")
    }
}

extension LogError: CustomStringConvertible {
    public var description: String {
        var text = file
        if let index { text += ", entry \(index)" }
        if let offset { text += " at byte \(offset)" }
        text += ": \(reason)"
        if let hint { text += "; \(hint)" }
        return text
    }
}
