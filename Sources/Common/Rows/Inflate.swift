import CZlib

/// Expands deflated bytes (RFC 1951) whose length is known: MariaDB's compressed columns.
enum Inflate {
    /// - Parameter count: Bytes that come out, below 4 GiB.
    /// - Throws: `invalid` where other bytes come out, or none can.
    static func expand(_ input: UnsafeRawBufferPointer, count: Int) throws(CodecError) -> [UInt8] {
        // No format of deflate makes more than 1032 bytes of one, so memory is not taken for a length that lies.
        guard count <= (input.count + 1) * 1032 else { throw damaged }
        var stream = z_stream()
        // A negative number of window bits stands for bytes without zlib's frame.
        guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { throw damaged }
        defer { inflateEnd(&stream) }
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(clamping: input.count)
        var isWhole = false
        // Where nothing comes out, zlib wants a place for it all the same.
        let output = [UInt8](unsafeUninitializedCapacity: max(1, count)) { space, made in
            stream.next_out = space.baseAddress
            stream.avail_out = UInt32(clamping: count)
            isWhole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0
            made = isWhole ? count : 0
        }
        guard isWhole else { throw damaged }
        return output
    }

    private static var damaged: CodecError { CodecError(.invalid, at: 0, "compressed bytes that cannot be expanded") }
}
