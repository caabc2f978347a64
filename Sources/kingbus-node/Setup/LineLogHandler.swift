import Foundation
import Logging

/// Writes log lines to standard error for people: time, level, what happened, and then the details.
///
///     2026-01-31T10:20:30.123Z warning the upstream db1:3306 refuses the login of 'repl' code=access_denied hint="Set the right password …"
struct LineLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = Self.time() + " \(event.level) \(event.message)"
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }) {
            line += " \(key)=" + Self.quoted("\(value)")
        }
        StandardError.write(line)
    }

    /// UTC, RFC 3339, with milliseconds.
    private static func time() -> String {
        Date().formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
    }

    /// In quotes where a space or a line's end would blur where the value ends.
    private static func quoted(_ text: String) -> String {
        guard text.isEmpty || text.contains(where: { $0.isWhitespace || $0 == "\"" }) else { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
    }
}
