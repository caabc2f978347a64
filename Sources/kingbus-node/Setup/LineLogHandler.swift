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
        var line = Self.time() + " \(event.level) " + Self.onOneLine("\(event.message)")
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
    static func quoted(_ text: String) -> String {
        let line = onOneLine(text)
        guard text.isEmpty || line != text || text.contains(where: { $0.isWhitespace || $0 == "\"" }) else { return text }
        return "\"" + onOneLine(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")) + "\""
    }

    /// Without what would begin another line or speak to a terminal: clients who have not even logged in choose their names.
    static func onOneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": line.append(contentsOf: "\\n".unicodeScalars)
            case "\r": line.append(contentsOf: "\\r".unicodeScalars)
            case "\t": line.append(contentsOf: "\\t".unicodeScalars)
            case _ where isControl(scalar): line.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default: line.append(scalar)
            }
        }
        return String(line)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
