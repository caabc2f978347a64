import Common
import Glibc
import MySQLClient

/// Reads a file or a pipe front to back in large pieces, and passes over what nobody wants to see.
///
/// The buffer grows only for a piece that is asked for whole, up to ``maxPieceBytes``.
package struct ByteInput: ~Copyable {
    /// Bytes read at a time where an input is read through.
    package static let readBytes = 1 << 20
    /// The most that ``fill(atLeast:)`` can hold at once.
    package static let maxPieceBytes = 64 << 20

    /// As the user named it.
    package let path: String
    /// File offset of the next unread byte.
    package private(set) var offset: UInt64 = 0
    /// Bytes of the file when it was last asked; nil for a pipe.
    package private(set) var size: UInt64?

    private let descriptor: Int32
    private let isOwned: Bool
    /// Where the bytes come from instead of a descriptor.
    private let server: ServerBinlog?
    /// What knows whether a file that was read to its end will grow.
    private let growth: FileGrowth?
    private let readBytes: Int
    private var buffer: UnsafeMutableRawBufferPointer
    /// The buffered bytes not yet consumed are `buffer[start..<end]`.
    private var start = 0
    private var end = 0

    /// - Parameters:
    ///   - path: a file, or `-` for stdin.
    ///   - readBytes: bytes to read at a time.
    ///   - growth: waits at the end of the file; nil where that is the end.
    package init(path: String, readBytes: Int = Self.readBytes, growth: FileGrowth? = nil) throws(ToolError) {
        self.path = path
        self.readBytes = readBytes
        self.growth = growth
        server = nil
        isOwned = path != "-"
        descriptor = isOwned ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
        guard descriptor >= 0 else { throw Self.systemError("cannot be opened", path) }
        // A redirected stdin may stand in the middle of its file; it is read on from there, as a pipe is.
        size = isOwned ? Self.fileSize(descriptor) : nil
        if size != nil { _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }
        buffer = .allocate(byteCount: readBytes, alignment: 16)
    }

    /// Reads the file that a server's binlog stands at.
    package init(path: String, of server: ServerBinlog) {
        self.path = path
        self.server = server
        growth = nil
        readBytes = Self.readBytes
        isOwned = false
        descriptor = -1
        size = nil
        buffer = .allocate(byteCount: readBytes, alignment: 16)
    }

    deinit {
        buffer.deallocate()
        if isOwned { close(descriptor) }
    }

    /// Whether the events say where in the file they stand, since some of its events may have been left out.
    package var hasGaps: Bool { server != nil }

    /// Whether a read of so many bytes would have to wait for whoever writes the input.
    package func isIdle(wanting wanted: Int) -> Bool {
        if end - start >= wanted { return false }
        if let server { return server.isIdle }
        if size != nil { return growth != nil && Self.fileSize(descriptor) ?? 0 <= offset + UInt64(end - start) }
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, 0) == 0
    }

    /// Buffers at least `wanted` bytes, fewer only where the input ends, and returns how many ``bytes(_:)`` may show.
    package mutating func fill(atLeast wanted: Int) throws(ToolError) -> Int {
        precondition(wanted <= Self.maxPieceBytes)
        if end - start >= wanted { return end - start }
        makeRoom(for: wanted)
        while end < wanted {
            let free = UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
            let count = try read(into: free)
            if count == 0 { break }
            end += count
        }
        return end
    }

    /// Forgets what was read of a file and not consumed, since it may have been written anew.
    package mutating func forgetReadAhead() {
        guard size != nil else { return }
        start = 0
        end = 0
    }

    /// The first `count` buffered bytes.
    @_lifetime(borrow self)
    package func bytes(_ count: Int) -> RawSpan {
        precondition(count >= 0 && count <= end - start)
        return _overrideLifetime(UnsafeRawBufferPointer(rebasing: buffer[start..<start + count]).bytes, borrowing: self)
    }

    /// Moves past `count` bytes, which of a file are not read unless they are buffered; returns how many of them the input had.
    package mutating func skip(_ count: UInt64) throws(ToolError) -> UInt64 {
        let buffered = min(count, UInt64(end - start))
        start += Int(buffered)
        offset += buffered
        var rest = count - buffered
        if var size {
            while size < offset + rest {
                // A server may have written on.
                size = Self.fileSize(descriptor) ?? size
                self.size = size
                if size >= offset + rest { break }
                guard let growth, try growth.wait() else { break }
            }
            rest = min(rest, size > offset ? size - offset : 0)
            offset += rest
            return buffered + rest
        }
        var skipped = buffered
        while rest > 0 {
            let filled = try fill(atLeast: 1)
            if filled == 0 { break }
            let step = min(rest, UInt64(filled))
            start += Int(step)
            offset += step
            rest -= step
            skipped += step
        }
        return skipped
    }

    /// Appends the next `count` bytes to `bytes` and moves past them; returns how many of them the input had.
    ///
    /// Memory is taken as bytes come, whatever `count` claims.
    package mutating func move(_ count: Int, into bytes: inout ByteSink) throws(ToolError) -> Int {
        let buffered = min(count, end - start)
        bytes.append(UnsafeRawBufferPointer(rebasing: buffer[start..<start + buffered]).bytes)
        start += buffered
        offset += UInt64(buffered)
        var moved = buffered
        if moved < count, count - moved < readBytes {
            // What follows is wanted soon: read with it.
            let filled = min(try fill(atLeast: count - moved), count - moved)
            bytes.append(self.bytes(filled))
            start += filled
            offset += UInt64(filled)
            return moved + filled
        }
        while moved < count {
            let step = min(count - moved, max(readBytes, moved))
            let got = try bytes.append(capacity: step) { (space) throws(ToolError) in try read(into: space) }
            if got == 0 { break }
            offset += UInt64(got)
            moved += got
        }
        return moved
    }

    /// Nil for what is no regular file.
    private static func fileSize(_ descriptor: Int32) -> UInt64? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return UInt64(status.st_size)
    }

    private mutating func makeRoom(for wanted: Int) {
        let kept = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
        if wanted > buffer.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: wanted, alignment: 16)
            larger.copyMemory(from: kept)
            buffer.deallocate()
            buffer = larger
        } else if start > 0 {
            buffer.copyMemory(from: kept)
        }
        end -= start
        start = 0
    }

    /// Reads what stands behind the buffered bytes.
    private func read(into free: UnsafeMutableRawBufferPointer) throws(ToolError) -> Int {
        if let server {
            do { return try server.read(into: free) } catch { throw ToolError(error) }
        }
        while true {
            let count =
                size == nil
                ? Glibc.read(descriptor, free.baseAddress, free.count)
                : pread(descriptor, free.baseAddress, min(free.count, max(readBytes, 1)), off_t(offset) + off_t(end - start))
            if count > 0 { return count }
            if count == 0 {
                guard let growth, try growth.wait() else { return 0 }
            } else if errno != EINTR {
                throw Self.systemError("cannot be read", path)
            }
        }
    }

    private static func systemError(_ what: String, _ path: String) -> ToolError {
        let number = errno
        let reason = String(cString: strerror(number))
        return switch number {
        case ENOENT: ToolError(.failure, file: path, "no such file or directory", hint: "check the path")
        case EACCES, EPERM: ToolError(.failure, file: path, "\(what): \(reason)", hint: "run as a user who may read it")
        default: ToolError(.failure, file: path, "\(what): \(reason)")
        }
    }
}
