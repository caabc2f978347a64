import Glibc

/// A file descriptor, closed on release.
final class RealFile: File {
    let path: String
    let descriptor: Int32

    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(LogError) -> Int {
        let count = retryingInterrupts { pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
        guard count >= 0 else { throw systemError("cannot be read", path, offset) }
        return count
    }

    func write(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, at offset: UInt64) throws(LogError) -> Int {
        let count = withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { vectors in
            vectors[0] = iovec(iov_base: UnsafeMutableRawPointer(mutating: first.baseAddress), iov_len: first.count)
            vectors[1] = iovec(iov_base: UnsafeMutableRawPointer(mutating: second.baseAddress), iov_len: second.count)
            return retryingInterrupts { pwritev(descriptor, vectors.baseAddress, 2, off_t(offset)) }
        }
        guard count > 0 else { throw systemError("cannot be written", path, offset) }
        return count
    }

    func size() throws(LogError) -> UInt64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw systemError("cannot be looked up", path) }
        return UInt64(status.st_size)
    }

    func truncate(to size: UInt64) throws(LogError) {
        guard retryingInterrupts({ ftruncate(descriptor, off_t(size)) }) == 0 else { throw systemError("cannot be shortened", path, size) }
    }

    func sync() throws(LogError) {
        guard retryingInterrupts({ fdatasync(descriptor) }) == 0 else { throw systemError("cannot be made durable", path) }
    }

    func syncWithMetadata() throws(LogError) {
        guard retryingInterrupts({ fsync(descriptor) }) == 0 else { throw systemError("cannot be made durable", path) }
    }
}

/// Calls again as long as a signal interrupts the call.
func retryingInterrupts<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

/// The error that `errno` names.
func systemError(_ what: String, _ path: String, _ offset: UInt64? = nil) -> LogError {
    let number = errno
    let reason = "\(what): \(String(cString: strerror(number)))"
    switch number {
    case ENOSPC, EDQUOT: return LogError(.noSpace, file: path, offset: offset, reason, hint: "make room on the disk and start again")
    case EROFS, EACCES, EPERM:
        return LogError(.readOnly, file: path, offset: offset, reason, hint: "make the data directory writable for this user")
    default: return LogError(.io, file: path, offset: offset, reason)
    }
}
