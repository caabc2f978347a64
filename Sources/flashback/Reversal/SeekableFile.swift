import Common
import Glibc

/// A file that is read from anywhere: an input, or a temporary one that is gone with the process.
struct SeekableFile: ~Copyable {
    /// As the user named it.
    let path: String
    private var descriptor: Int32

    /// O_TMPFILE of Linux, which Swift does not import: `__O_TMPFILE | O_DIRECTORY`.
    private static let temporaryFlags = O_RDWR | O_CLOEXEC | O_DIRECTORY | 0o20_000_000

    /// Opens an input.
    init(path: String) throws(ToolError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.systemError("cannot be opened", path) }
    }

    /// Makes a file without a name.
    ///
    /// - Parameter count: Its bytes, which are 0 and take no room until they are written.
    init(temporaryIn folder: String, count: UInt64 = 0) throws(ToolError) {
        path = folder
        descriptor = Self.openTemporary(in: folder)
        guard descriptor >= 0 else {
            var error = Self.systemError("no temporary file can be made", folder)
            error.hint = "name another folder with --temp-dir"
            throw error
        }
        guard count == 0 || ftruncate(descriptor, off_t(count)) == 0 else { throw Self.temporaryError(path) }
    }

    /// Returns -1 where there can be none.
    private static func openTemporary(in folder: String) -> Int32 {
        // It never has a name where the folder's file system can do that, and hardly ever elsewhere.
        let nameless = open(folder, temporaryFlags, 0o600)
        if nameless >= 0 { return nameless }
        var template = Array("\(folder)/flashback.XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { return -1 }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
        return descriptor
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    /// Closes the file for good.
    mutating func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Where `/proc` shows the file, for readers that want a path.
    var descriptorPath: String { "/proc/self/fd/\(descriptor)" }

    /// Appends `count` bytes from `offset` on to `sink`.
    func read(_ offset: UInt64, _ count: Int, into sink: inout ByteSink) throws(ToolError) {
        _ = try sink.append(capacity: count) { (space) throws(ToolError) in
            var done = 0
            while done < count {
                let result = pread(descriptor, space.baseAddress?.advanced(by: done), count - done, off_t(offset) + off_t(done))
                if result > 0 {
                    done += result
                } else if result == 0 {
                    throw ToolError(.damaged, file: path, offset: offset, "the file has become shorter since it was checked")
                } else if errno != EINTR {
                    throw Self.systemError("cannot be read", path)
                }
            }
            return done
        }
    }

    /// Appends bytes to a temporary file.
    func append(_ bytes: RawSpan) throws(ToolError) {
        var written = 0
        while written < bytes.byteCount {
            let result = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written) }
            if result >= 0 {
                written += result
            } else if errno != EINTR {
                throw Self.temporaryError(path)
            }
        }
    }

    /// Writes over bytes of a temporary file.
    func write(_ bytes: RawSpan, at offset: UInt64) throws(ToolError) {
        var written = 0
        while written < bytes.byteCount {
            let result = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written, off_t(offset) + off_t(written))
            }
            if result >= 0 {
                written += result
            } else if errno != EINTR {
                throw Self.temporaryError(path)
            }
        }
    }

    private static func temporaryError(_ path: String) -> ToolError {
        var error = systemError("a temporary file cannot be written", path)
        error.hint = "name another folder with --temp-dir"
        return error
    }

    private static func systemError(_ what: String, _ path: String) -> ToolError {
        let reason = String(cString: strerror(errno))
        return ToolError(.failure, file: path, "\(what): \(reason)")
    }
}
