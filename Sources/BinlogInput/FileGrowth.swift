import Common
import Glibc
import MySQLClient

/// Waits at the end of a file for what a server writes next, and knows when the server has gone on to another file.
package final class FileGrowth {
    private static let pauseMilliseconds: UInt64 = 100

    /// The file behind this one: its number is the next. Nil where the name ends in no number.
    package let successor: String?
    private let path: String
    private let stopper: Stopper
    private var hasSuccessor = false

    package init(path: String, stopper: Stopper) {
        self.path = path
        self.stopper = stopper
        successor = Self.successor(of: path)
    }

    /// Waits a while; returns whether it is worth looking again: false where the file is complete.
    ///
    /// - Throws: `interrupted` where a person has ended the waiting.
    package func wait() throws(ToolError) -> Bool {
        // A file has its last byte before the next one is made; what came before that was seen must still be read.
        if hasSuccessor { return false }
        if let successor, access(successor, F_OK) == 0 {
            hasSuccessor = true
            return true
        }
        guard stopper.pause(milliseconds: Self.pauseMilliseconds) else { throw ToolError(.interrupted, file: path, "interrupted") }
        return true
    }

    /// As `…/binlog.000010` of `…/binlog.000009`.
    package static func successor(of path: String) -> String? {
        guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return nil }
        let digits = path[path.index(after: dot)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = UInt64(digits), number < .max
        else { return nil }
        let next = String(number + 1)
        return path[...dot] + String(repeating: "0", count: max(0, digits.count - next.count)) + next
    }
}
