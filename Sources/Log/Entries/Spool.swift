import Common
import Synchronization

/// The bytes of one event that is too large for memory, in a temporary file that has no name: it is gone with its last user.
///
///     let spool = try Spool(directory: "kingbus-data/spool")
///     try spool.append(bytes)          // by one owner, until it is shared
///     try spool.read(at: 0, into: buffer)
public final class Spool: Sendable {
    private let file: any File
    private let written = Mutex<(byteCount: UInt64, crc32c: UInt32)>((0, 0))

    /// - Parameter directory: on the disk of the log; `spool` in the data directory.
    public init(directory: String, fileSystem: any FileSystem = RealFileSystem()) throws(LogError) {
        file = try fileSystem.openTemporary(in: directory)
    }

    public var byteCount: UInt64 { written.withLock { $0.byteCount } }

    /// CRC-32C of all bytes.
    public var crc32c: UInt32 { written.withLock { $0.crc32c } }

    /// Appends bytes. Only the owner may call it, and only before anyone else knows the spool.
    public func append(_ bytes: RawSpan) throws(LogError) {
        let (offset, crc) = written.withLock { $0 }
        try file.writeFully(bytes, at: offset)
        let checksum = CRC32C.checksum(of: bytes, continuing: crc)
        written.withLock { $0 = (offset + UInt64(bytes.byteCount), checksum) }
    }

    /// Fills `buffer` from `offset` on; both must lie inside.
    public func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(LogError) {
        precondition(offset + UInt64(buffer.count) <= byteCount)
        let count = try file.readFully(at: offset, into: buffer)
        guard count == buffer.count else {
            throw LogError(.io, file: file.path, offset: offset + UInt64(count), "the spooled event ends early")
        }
    }
}
