/// The rules of Prometheus's text format for names and for text within it.
enum MetricName {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    static func isValid(_ name: String) -> Bool {
        isValid(label: name.replacing(":", with: "_"))
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`.
    static func isValid(label name: String) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: "_") || (0x61...0x7a).contains($0 | 0x20) }
    }

    static func escaped(label value: String) -> String {
        escaped(help: value).replacing("\"", with: "\\\"")
    }

    static func escaped(help text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
