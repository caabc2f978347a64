import Common

/// A file that holds a password or a token. None of them is ever printed.
package enum SecretFile {
    /// A file's first line, as a request's JSON or header has it.
    package static func read(_ path: String) throws(ClusterError) -> String {
        do { return try PasswordInput.read(file: path).withBytes { String(decoding: $0, as: UTF8.self) } } catch {
            throw ClusterError(.failure, "\(error)")
        }
    }
}
