import Glibc
import Synchronization

/// The operating system's files.
public struct RealFileSystem: FileSystem {
    /// Rights of new files and directories: the log holds the users' data.
    static let fileRights: mode_t = 0o640
    static let directoryRights: mode_t = 0o750

    public init() {}

    public func open(_ path: String, _ mode: FileMode) throws(LogError) -> any File {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT | O_EXCL
            }
        return RealFile(path: path, descriptor: try descriptor(path, flags))
    }

    private func descriptor(_ path: String, _ flags: Int32) throws(LogError) -> Int32 {
        let descriptor = retryingInterrupts { Glibc.open(path, flags | O_CLOEXEC, Self.fileRights) }
        guard descriptor >= 0 else { throw systemError("cannot be opened", path) }
        return descriptor
    }

    public func openTemporary(in directory: String) throws(LogError) -> any File {
        let number = Self.temporaryFiles.add(1, ordering: .relaxed).oldValue
        let file = try open("\(directory)/\(getpid())-\(number)", .create)
        try unlink(file.path)
        return file
    }

    /// Files made by ``openTemporary(in:)``: no two names are the same.
    private static let temporaryFiles = Atomic<UInt64>(0)

    public func lock(_ path: String) throws(LogError) -> any File {
        let file = RealFile(path: path, descriptor: try descriptor(path, O_RDWR | O_CREAT))
        guard retryingInterrupts({ flock(file.descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
            guard errno == EWOULDBLOCK else { throw systemError("cannot be locked", path) }
            let holder = String(
                decoding: try file.bytes(at: 0, count: Self.processIDWidth).filter { $0 != UInt8(ascii: " ") }, as: UTF8.self)
            throw LogError(
                .locked, file: path, "the data directory is in use by process \(holder)",
                hint: "stop that process or give another directory")
        }
        // The width is fixed so that a full disk, on which a shorter file could not grow again, does not keep the node from starting.
        let id = Array(String(getpid()).utf8)
        try file.writeFully(id + Array(repeating: UInt8(ascii: " "), count: Self.processIDWidth - id.count), at: 0)
        return file
    }

    /// Bytes of the process id in the lock file, padded with spaces.
    private static let processIDWidth = 20

    public func exists(_ path: String) throws(LogError) -> Bool {
        if retryingInterrupts({ access(path, F_OK) }) == 0 { return true }
        guard errno == ENOENT else { throw systemError("cannot be looked up", path) }
        return false
    }

    @discardableResult
    public func createDirectory(_ path: String) throws(LogError) -> Bool {
        if mkdir(path, Self.directoryRights) == 0 { return true }
        guard errno == EEXIST else { throw systemError("cannot be made", path) }
        return false
    }

    public func list(_ directory: String) throws(LogError) -> [String] {
        guard let stream = opendir(directory) else { throw systemError("cannot be listed", directory) }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw systemError("cannot be listed", directory) }
        return names
    }

    public func rename(_ from: String, to: String) throws(LogError) {
        guard Glibc.rename(from, to) == 0 else { throw systemError("cannot be renamed to \(to)", from) }
    }

    public func unlink(_ path: String) throws(LogError) {
        guard Glibc.unlink(path) == 0 else { throw systemError("cannot be removed", path) }
    }

    public func syncDirectory(_ path: String) throws(LogError) {
        let directory = RealFile(path: path, descriptor: try descriptor(path, O_RDONLY | O_DIRECTORY))
        try directory.syncWithMetadata()
    }

    public func capacity(of directory: String) throws(LogError) -> DiskCapacity {
        var figures = statvfs()
        guard retryingInterrupts({ statvfs(directory, &figures) }) == 0 else {
            throw systemError("cannot be asked for its free space", directory)
        }
        return DiskCapacity(
            freeBytes: UInt64(figures.f_bavail) * UInt64(figures.f_frsize), totalBytes: UInt64(figures.f_blocks) * UInt64(figures.f_frsize))
    }
}
