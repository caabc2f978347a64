/// Lets the options that every command has stand before the command, as people type them: `kingbus-ctl --admin URL status`.
enum LeadingOptions {
    private static let names = ["--admin", "--token-file", "--output", "--log-level"]

    /// Moves such options behind the command.
    ///
    /// - Parameter arguments: without the program's name.
    static func moved(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var leading: [String] = []
        while let first = rest.first {
            if names.contains(first), rest.count > 1 {
                leading += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if names.contains(where: { first.hasPrefix($0 + "=") }) {
                leading.append(rest.removeFirst())
            } else {
                break
            }
        }
        // What stands behind a bare `--` is no option any more.
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return Array(rest[..<end]) + leading + Array(rest[end...])
    }
}
