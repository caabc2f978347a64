import Common
import Glibc

/// Where passwords and tokens come from. None of them is ever printed.
enum Secrets {
    /// A file's first line.
    static func read(file path: String) throws(CtlError) -> String {
        do { return try PasswordInput.read(file: path).text } catch { throw CtlError(.failure, "\(error)") }
    }

    /// What somebody types without its being shown; nil where nobody does.
    static func ask(_ question: String) -> String? { PasswordInput.ask(question)?.text }

    /// Names in the environment that may hold the upstream's password; the first that is set counts.
    static let passwordVariables = ["KINGBUS_UPSTREAM_PASSWORD", "MYSQL_PWD"]

    static func environmentPassword() -> String? {
        for name in passwordVariables { if let value = getenv(name) { return String(cString: value) } }
        return nil
    }
}

extension SecretBytes {
    /// As a request's JSON or header has it.
    fileprivate var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }
}
