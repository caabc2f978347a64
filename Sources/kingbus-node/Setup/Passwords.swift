import Common
import Glibc

/// Passwords from files, and from a person at the terminal.
enum Passwords {
    /// A file's first line.
    static func read(file path: String, option: String) throws -> SecretBytes {
        guard let stream = fopen(path, "r") else {
            throw SetupError("--\(option) \(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { fclose(stream) }
        var line = [UInt8](repeating: 0, count: 4096)
        let count = fread(&line, 1, line.count, stream)
        guard ferror(stream) == 0 else { throw SetupError("--\(option) \(path) cannot be read: \(String(cString: strerror(errno)))") }
        let end = line[..<count].firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } ?? count
        guard end > 0 else { throw SetupError("--\(option) \(path) is empty; write the secret into its first line") }
        guard end < line.count else { throw SetupError("--\(option) \(path): a secret of \(line.count) bytes or more is none") }
        return SecretBytes(Array(line[..<end]))
    }

    /// Asks on the terminal without echo; nil where there is none.
    static func ask(_ prompt: String) -> SecretBytes? {
        guard isatty(STDIN_FILENO) == 1 else { return nil }
        guard let answer = getpass(prompt) else { return nil }
        let length = strlen(answer)
        defer { explicit_bzero(answer, length) }
        return SecretBytes(Array(UnsafeRawBufferPointer(start: answer, count: length)))
    }
}
