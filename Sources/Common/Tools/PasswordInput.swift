import Glibc

/// Passwords from files, and from a person at the terminal.
public enum PasswordInput {
    private static let maxBytes = 4096

    /// A file's first line.
    ///
    /// - Throws: a phrase that begins with the path.
    public static func read(file path: String) throws(PasswordFileError) -> SecretBytes {
        guard let stream = fopen(path, "re") else { throw PasswordFileError("\(path) cannot be read: \(String(cString: strerror(errno)))") }
        defer { fclose(stream) }
        var line = [UInt8](repeating: 0, count: maxBytes)
        defer { explicit_bzero(&line, line.count) }
        let count = fread(&line, 1, line.count, stream)
        guard ferror(stream) == 0 else { throw PasswordFileError("\(path) cannot be read: \(String(cString: strerror(errno)))") }
        let end = line[..<count].firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } ?? count
        guard end > 0 else { throw PasswordFileError("\(path) is empty; write the secret into its first line") }
        guard end < line.count else { throw PasswordFileError("\(path): a secret of \(line.count) bytes or more is none") }
        return SecretBytes(line[..<end])
    }

    /// Asks on the terminal without echo; nil where there is none.
    public static func ask(_ prompt: String) -> SecretBytes? {
        guard isatty(STDIN_FILENO) == 1 else { return nil }
        guard let answer = getpass(prompt) else { return nil }
        let length = strlen(answer)
        defer { explicit_bzero(answer, length) }
        return SecretBytes(Array(UnsafeRawBufferPointer(start: answer, count: length)))
    }
}

/// Why a file gives no password; never what it holds.
public struct PasswordFileError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    init(_ description: String) { self.description = description }
}
