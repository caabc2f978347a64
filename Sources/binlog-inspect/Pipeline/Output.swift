import Common
import Glibc

/// Where what is printed goes.
struct Output: Sendable {
    private let descriptor: Int32

    init(descriptor: Int32 = STDOUT_FILENO) { self.descriptor = descriptor }

    /// Writes all bytes.
    func write(_ bytes: RawSpan) throws(ToolError) {
        try bytes.withUnsafeBytes { (bytes) throws(ToolError) in
            var start = 0
            while start < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: start), bytes.count - start)
                if count < 0 {
                    if errno == EINTR { continue }
                    if errno == EPIPE { throw ToolError(.outputClosed, file: "stdout", "the reader has gone") }
                    throw ToolError(.failure, file: "stdout", "cannot be written: \(String(cString: strerror(errno)))")
                }
                start += count
            }
        }
    }
}
