extension Segment {
    /// Fills `buffer` with the file's bytes from `offset` on.
    ///
    /// - Throws: ``LogError`` where the disk fails, or where the file ends before the buffer is full.
    public func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(LogError) {
        let count = try file.readFully(at: offset, into: buffer)
        guard count == buffer.count else {
            throw LogError(.io, file: path, offset: offset + UInt64(count), "the file ends before the bytes that were asked for")
        }
    }
}
