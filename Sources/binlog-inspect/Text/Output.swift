import Glibc

/// Bytes on their way to stdout, written in large pieces.
struct Output: ~Copyable {
    private static let flushBytes = 64 << 10

    /// What has not been written yet. Text is appended here.
    var bytes: [UInt8] = []
    private let descriptor: Int32

    init(descriptor: Int32 = STDOUT_FILENO) {
        self.descriptor = descriptor
        bytes.reserveCapacity(Self.flushBytes * 2)
    }

    /// Writes what has gathered if it is much. Text that may have to be taken back is not gathered across this call.
    mutating func flushIfLarge() throws(InspectError) {
        if bytes.count >= Self.flushBytes { try flush() }
    }

    /// Writes everything.
    mutating func flush() throws(InspectError) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + start, $0.count - start) }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EPIPE { throw InspectError(.outputClosed, file: "stdout", "the reader has gone") }
                throw InspectError(.failure, file: "stdout", "cannot be written: \(String(cString: strerror(errno)))")
            }
            start += count
        }
        bytes.removeAll(keepingCapacity: true)
    }
}
