import Common
import Glibc
import Synchronization

/// Writes a file from its end on in large slices: what is small is gathered in a buffer first, what is large is written from where it is.
final class SliceWriter {
    /// Bytes from which on a piece is not copied.
    private static let directBytes = 64 << 10
    private static let pageBytes = 4096

    private let sliceBytes: Int
    private let buffer: UnsafeMutableRawBufferPointer
    private var buffered = 0
    private let stall: StallClock
    private var file: (any File)?
    /// Where the next byte goes that is neither written nor buffered.
    private(set) var offset: UInt64 = 0

    init(sliceBytes: Int, stall: StallClock) {
        precondition(sliceBytes >= 2 * Self.directBytes)
        self.sliceBytes = sliceBytes
        self.stall = stall
        buffer = .allocate(byteCount: sliceBytes, alignment: Self.pageBytes)
    }

    deinit { buffer.deallocate() }

    /// Goes on in another file, or at another place; nothing may be buffered.
    func move(to file: any File, at offset: UInt64) {
        precondition(buffered == 0)
        self.file = file
        self.offset = offset
    }

    func append(_ bytes: RawSpan) throws(LogError) {
        try bytes.withUnsafeBytes { (bytes) throws(LogError) in try append(bytes) }
    }

    func append(_ spool: Spool) throws(LogError) {
        var done: UInt64 = 0
        while done < spool.byteCount {
            if buffered == sliceBytes { try flush() }
            let count = Int(min(UInt64(sliceBytes - buffered), spool.byteCount - done))
            try spool.read(at: done, into: UnsafeMutableRawBufferPointer(rebasing: buffer[buffered..<buffered + count]))
            buffered += count
            offset += UInt64(count)
            done += UInt64(count)
        }
    }

    private func append(_ bytes: UnsafeRawBufferPointer) throws(LogError) {
        if bytes.count < Self.directBytes {
            if buffered + bytes.count > sliceBytes { try flush() }
            UnsafeMutableRawBufferPointer(rebasing: buffer[buffered..<buffered + bytes.count]).copyMemory(from: bytes)
            buffered += bytes.count
            offset += UInt64(bytes.count)
            return
        }
        var done = 0
        while done < bytes.count {
            if buffered == sliceBytes { try flush() }
            let count = min(bytes.count - done, sliceBytes - buffered)
            try write(UnsafeRawBufferPointer(rebasing: bytes[done..<done + count]))
            offset += UInt64(count)
            done += count
        }
    }

    /// Writes what is buffered.
    func flush() throws(LogError) {
        if buffered > 0 { try write(UnsafeRawBufferPointer(start: nil, count: 0)) }
    }

    /// Writes what is buffered and `bytes` behind it.
    private func write(_ bytes: UnsafeRawBufferPointer) throws(LogError) {
        guard let file else { preconditionFailure("there is no file to write") }
        stall.begin()
        defer { stall.end() }
        let start = offset - UInt64(buffered)
        try file.writeFully(UnsafeRawBufferPointer(rebasing: buffer[..<buffered]), bytes, at: start)
        buffered = 0
    }
}
