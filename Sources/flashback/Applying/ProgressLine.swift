import Common
import Glibc

/// A line on the user's terminal that is written over as the work goes on; nothing where stderr is none.
struct ProgressLine {
    private static let intervalMilliseconds: UInt64 = 200

    private let isShown = isatty(STDERR_FILENO) == 1
    private var next = MonotonicTime.inMilliseconds(0)
    private var isWritten = false

    /// Shows a text, unless one was shown just now.
    mutating func show(_ text: @autoclosure () -> String) {
        guard isShown, case let now = MonotonicTime.inMilliseconds(0), now >= next else { return }
        next = MonotonicTime.inMilliseconds(Self.intervalMilliseconds)
        isWritten = true
        writeToStandardError("\r\u{1b}[Kflashback: \(text())")
    }

    /// Takes the line away, so that others can be written.
    mutating func clear() {
        if isWritten { writeToStandardError("\r\u{1b}[K") }
        isWritten = false
    }
}
