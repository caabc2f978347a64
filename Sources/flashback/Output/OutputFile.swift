import Common
import Glibc

/// Where the output goes: stdout, or a file that has its name once it is whole.
struct OutputFile: ~Copyable {
    private let descriptor: Int32
    /// As the user named it; nil for stdout.
    private let path: String?
    private let temporaryPath: String
    /// Bytes that have been written.
    private(set) var count: UInt64 = 0

    /// - Parameters:
    ///   - path: A regular file, which may be there already and stays what it is until ``finish()``; nil for stdout.
    ///   - mode: Its permissions, of which the umask takes some away; see ``mode(replacing:_:)``.
    init(path: String?, mode: mode_t = 0o666) throws(ToolError) {
        self.path = path
        // Beside it, so that it can be renamed, and under a name that no other process has.
        temporaryPath = path.map { "\($0).\(getpid()).tmp" } ?? ""
        guard let path else {
            descriptor = STDOUT_FILENO
            return
        }
        UnfinishedFile.remember(temporaryPath)
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            let error = Self.systemError("cannot be created", path)
            UnfinishedFile.forget()
            throw error
        }
    }

    /// The permissions for a file that takes the place of the one that is there, if there is one.
    ///
    /// - Throws: Where that is one of the inputs, which are still to be read, or no regular file.
    static func mode(replacing path: String?, inputs: [String]) throws(ToolError) -> mode_t {
        guard let path, let old = status(path) else { return 0o666 }
        guard old.st_mode & S_IFMT == S_IFREG else {
            throw ToolError(.failure, file: path, "it is no regular file", hint: "leave out -o, and redirect stdout there")
        }
        guard !inputs.compactMap(status).contains(where: { $0.st_dev == old.st_dev && $0.st_ino == old.st_ino }) else {
            throw ToolError(.failure, file: path, "it is an input", hint: "name another file")
        }
        return old.st_mode & 0o777
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    deinit {
        guard path != nil else { return }
        close(descriptor)
        unlink(temporaryPath)
        UnfinishedFile.forget()
    }

    mutating func write(_ bytes: RawSpan) throws(ToolError) {
        var written = 0
        while written < bytes.byteCount {
            let result = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written) }
            if result >= 0 {
                written += result
            } else if errno == EPIPE {
                throw ToolError(.outputClosed, file: path ?? "stdout", "nobody reads the output any more")
            } else if errno != EINTR {
                throw Self.systemError("cannot be written", path ?? "stdout")
            }
        }
        count += UInt64(written)
    }

    /// Gives the file its name, once its bytes are on the disk.
    mutating func finish() throws(ToolError) {
        guard let path else { return }
        guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else { throw Self.systemError("cannot be written", path) }
    }

    private static func systemError(_ what: String, _ path: String) -> ToolError {
        ToolError(.failure, file: path, "\(what): \(String(cString: strerror(errno)))")
    }
}
