import Common
import Glibc

/// Where passwords come from. None of them is ever printed.
enum Secrets {
    /// What somebody types without its being shown; nil where nobody does.
    static func ask(_ question: String) -> String? {
        PasswordInput.ask(question)?.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// Names in the environment that may hold the upstream's password; the first that is set counts.
    static let passwordVariables = ["KINGBUS_UPSTREAM_PASSWORD", "MYSQL_PWD"]

    static func environmentPassword() -> String? {
        for name in passwordVariables { if let value = getenv(name) { return String(cString: value) } }
        return nil
    }
}
