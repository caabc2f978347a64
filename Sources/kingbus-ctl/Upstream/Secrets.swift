import Common
import Glibc

/// Where passwords and tokens come from. None of them is ever printed.
enum Secrets {
    private static let maxBytes = 64 << 10

    /// A file's text without the line's end.
    static func read(file path: String) throws(CtlError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CtlError(.failure, "\(path): cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: maxBytes)
        var count = 0
        while count < maxBytes {
            let step = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + count, maxBytes - count) }
            if step < 0, errno == EINTR { continue }
            guard step >= 0 else { throw CtlError(.failure, "\(path): cannot be read: \(String(cString: strerror(errno)))") }
            if step == 0 { break }
            count += step
        }
        guard count < maxBytes else { throw CtlError(.failure, "\(path): a secret of more than \(maxBytes) bytes is none") }
        while count > 0, bytes[count - 1] == UInt8(ascii: "\n") || bytes[count - 1] == UInt8(ascii: "\r") { count -= 1 }
        guard count > 0 else { throw CtlError(.failure, "\(path): the file is empty", hint: "write the secret into its first line") }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Names in the environment that may hold the upstream's password; the first that is set counts.
    static let passwordVariables = ["KINGBUS_UPSTREAM_PASSWORD", "MYSQL_PWD"]

    static func environmentPassword() -> String? {
        for name in passwordVariables { if let value = getenv(name) { return String(cString: value) } }
        return nil
    }
}
