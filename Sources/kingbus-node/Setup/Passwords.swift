import Common

/// Secrets that options name files for.
enum Passwords {
    /// A file's first line.
    static func read(file path: String, option: String) throws -> SecretBytes {
        do { return try PasswordInput.read(file: path) } catch { throw SetupError("--\(option) \(error)") }
    }
}
