/// What the log asks of a file system: real (``RealFileSystem``), or simulated with crashes and faults in tests.
///
/// A change of a directory's entries is durable after ``syncDirectory(_:)``; a file's bytes after ``File/sync()``.
public protocol FileSystem: Sendable {
    /// - Throws: ``LogError`` where the file does not exist, or for ``FileMode/create`` where it does.
    func open(_ path: String, _ mode: FileMode) throws(LogError) -> any File

    /// Opens a new file that has no name any more, in `directory`: it is gone once it is released.
    func openTemporary(in directory: String) throws(LogError) -> any File

    /// Opens or makes the file and holds it against other processes until it is released, leaving this process's id in it.
    ///
    /// - Throws: `locked`, with the holder's process id in the reason.
    func lock(_ path: String) throws(LogError) -> any File

    func exists(_ path: String) throws(LogError) -> Bool

    /// Makes a directory whose parent exists, unless it is there; tells whether it made one.
    @discardableResult
    func createDirectory(_ path: String) throws(LogError) -> Bool

    /// Names in a directory, in no order, without `.` and `..`.
    func list(_ directory: String) throws(LogError) -> [String]

    func rename(_ from: String, to: String) throws(LogError)
    func unlink(_ path: String) throws(LogError)
    func syncDirectory(_ path: String) throws(LogError)
    func capacity(of directory: String) throws(LogError) -> DiskCapacity
}

public enum FileMode: Hashable, Sendable {
    case read
    case readWrite
    /// Reads and writes a file that must not exist yet.
    case create
}

/// The size of the disk that holds a directory.
public struct DiskCapacity: Hashable, Sendable {
    /// Bytes that this process may still write.
    public var freeBytes: UInt64
    public var totalBytes: UInt64

    public init(freeBytes: UInt64, totalBytes: UInt64) {
        self.freeBytes = freeBytes
        self.totalBytes = totalBytes
    }
}

/// An open file; closed when it is released. Reads and writes name their place, so that any thread may read.
public protocol File: AnyObject, Sendable {
    var path: String { get }

    /// Reads into `buffer` and returns how many bytes: fewer than asked for where the system pleases, none only at the file's end.
    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(LogError) -> Int

    /// Writes the bytes of both buffers, one behind the other, and returns how many: at least one, not necessarily all.
    func write(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, at offset: UInt64) throws(LogError) -> Int

    func size() throws(LogError) -> UInt64
    func truncate(to size: UInt64) throws(LogError)

    /// Makes bytes and length durable (`fdatasync`). An error is final: the system may have dropped what it could not write.
    func sync() throws(LogError)

    /// Makes everything durable (`fsync`), which a new or shortened file needs.
    func syncWithMetadata() throws(LogError)
}

extension File {
    /// Reads until `buffer` is full or the file ends, and returns how many bytes.
    func readFully(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(LogError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = try read(at: offset + UInt64(done), into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// At most `count` bytes from `offset`; fewer where the file ends.
    func bytes(at offset: UInt64, count: Int) throws(LogError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        defer { buffer.deallocate() }
        let read = try readFully(at: offset, into: buffer)
        return Array(buffer[..<read])
    }

    func writeFully(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, at offset: UInt64) throws(LogError) {
        let total = first.count + second.count
        var done = 0
        while done < total {
            let rest = UnsafeRawBufferPointer(rebasing: first[min(done, first.count)...])
            let behind = UnsafeRawBufferPointer(rebasing: second[max(0, done - first.count)...])
            done += try write(rest, behind, at: offset + UInt64(done))
        }
    }

    func writeFully(_ bytes: RawSpan, at offset: UInt64) throws(LogError) {
        try bytes.withUnsafeBytes { (buffer) throws(LogError) in
            try writeFully(buffer, UnsafeRawBufferPointer(start: nil, count: 0), at: offset)
        }
    }

    func writeFully(_ bytes: [UInt8], at offset: UInt64) throws(LogError) {
        try writeFully(bytes.span.bytes, at: offset)
    }
}
