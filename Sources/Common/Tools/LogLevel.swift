import Glibc

/// How much a command tells on stderr about what it does: `--log-level`, with the names that the node's own log uses.
public enum LogLevel: String, CaseIterable, Sendable {
    case trace, debug, info, notice, warning, error, critical

    private var severity: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// Writes one line to stderr, whatever the message holds, unless the level that was asked for is higher than this one.
    ///
    /// - Parameters:
    ///   - tool: the command's name, which the line begins with.
    ///   - threshold: what `--log-level` says.
    public func tell(_ message: @autoclosure () -> String, tool: String, threshold: LogLevel) {
        if severity >= threshold.severity { writeToStandardError("\(tool): \(message().onOneLine)\n") }
    }
}

/// Writes the text to stderr, whole; where that is closed, there is nobody to tell.
public func writeToStandardError(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return }
        bytes = bytes.dropFirst(count)
    }
}
