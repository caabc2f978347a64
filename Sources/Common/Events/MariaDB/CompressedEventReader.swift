import CZlib

/// Turns MariaDB's compressed events (log_bin_compress=ON) into the ordinary ones that they stand for.
///
///     var reader = CompressedEventReader()
///     try reader.decompress(event, checksum: .crc32)
///     let query = try QueryEvent(decoding: reader.event, checksum: .none)
///
/// QUERY_COMPRESSED hides its text, a compressed row event its rows; what stands before them is as it is in the ordinary event. The
/// buffer is used again for the next event. Source: `query_event_uncompress`, `row_log_event_uncompress` and `binlog_buf_uncompress` in
/// MariaDB's `log_event.cc`.
public struct CompressedEventReader: ~Copyable {
    /// Longest event that is made, in bytes: the most that MariaDB's max_allowed_packet can be.
    public static let maxEventBytes = 1 << 30

    private static let minBufferBytes = 64 << 10

    /// The first byte of what is compressed: a set bit, three of the algorithm, one that is free, three of how many bytes of length follow.
    private enum Head {
        static let mark: UInt8 = 0x80
        static let algorithm: UInt8 = 0x70
        static let lengthByteCount: UInt8 = 0x07
        static let zlib: UInt8 = 0
        static let maxLengthByteCount = 4
    }

    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var bytes: [UInt8] = []

    public init() {
        stream.initialize(to: z_stream())
        guard inflateInit_(stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { fatalError("out of memory") }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// The last event that was decompressed, header and body, without a checksum; valid until the next.
    public var event: RawSpan {
        @_lifetime(borrow self) get { bytes.span.bytes }
    }

    /// The same for owners that are classes.
    public func withEvent<Result, Failure>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(bytes.span.bytes)
    }

    /// The type of the ordinary event that a compressed one stands for; nil for one that is not compressed.
    public static func ordinaryType(of type: EventType) -> EventType? {
        switch type {
        case .queryCompressed: .query
        case .writeRowsCompressedV1: .writeRowsV1
        case .updateRowsCompressedV1: .updateRowsV1
        case .deleteRowsCompressedV1: .deleteRowsV1
        case .writeRowsCompressed: .writeRows
        case .updateRowsCompressed: .updateRows
        case .deleteRowsCompressed: .deleteRows
        default: nil
        }
    }

    /// Makes ``event`` of a whole compressed event.
    ///
    /// - Throws: `invalid` for an event of another type, or one whose claimed length is not what comes out; `unsupported` for another
    ///   algorithm than zlib.
    public mutating func decompress(_ event: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) {
        var header = try EventHeader(decoding: event)
        guard let type = Self.ordinaryType(of: header.type) else {
            throw CodecError(.invalid, at: EventHeader.typeOffset, "expected a compressed event, found \(header.type)")
        }
        let body = try eventBody(event, header: header, checksum: checksum)
        var reader = ByteReader(body)
        try Self.skipPlainPart(&reader, of: type)
        let plain = body.extracting(0..<reader.offset)
        let length = try Self.claimedLength(&reader)
        guard length <= Self.maxEventBytes - EventHeader.byteCount - plain.byteCount else {
            throw CodecError(.invalid, at: EventHeader.byteCount + reader.offset, "an event claims to hold \(length) bytes")
        }
        bytes.removeAll(keepingCapacity: true)
        header.type = type
        header.eventLength = UInt32(EventHeader.byteCount + plain.byteCount + length)
        header.encode(into: &bytes)
        bytes.append(plain)
        try inflate(reader.rest(), length)
    }

    /// Moves to what is compressed.
    private static func skipPlainPart(_ reader: inout ByteReader, of type: EventType) throws(CodecError) {
        if type == .query {
            try reader.skip(8)
            let databaseLength = Int(try reader.uint8())
            try reader.skip(2)
            let statusLength = Int(try reader.uint16())
            return try reader.skip(statusLength + databaseLength + 1)
        }
        try reader.skip(8)
        if [.writeRows, .updateRows, .deleteRows].contains(type) {
            // The length of what the header has behind it counts its own two bytes.
            let offset = reader.offset
            let length = Int(try reader.uint16())
            guard length >= 2 else {
                throw CodecError(.invalid, at: EventHeader.byteCount + offset, "a row event's extra data has \(length) bytes")
            }
            try reader.skip(length - 2)
        }
        let offset = reader.offset
        let width = try reader.lengthEncodedInteger()
        guard width <= UInt64(reader.remaining) * 8 else {
            throw CodecError(.truncated, at: EventHeader.byteCount + offset, "a row event of \(width) columns does not fit")
        }
        let bitmapByteCount = Int(width + 7) / 8
        try reader.skip(type == .updateRows || type == .updateRowsV1 ? bitmapByteCount * 2 : bitmapByteCount)
    }

    /// Reads how many bytes should come out: one to four bytes, the most significant first.
    private static func claimedLength(_ reader: inout ByteReader) throws(CodecError) -> Int {
        let offset = EventHeader.byteCount + reader.offset
        let head = try reader.uint8()
        guard head & Head.mark != 0 else { throw CodecError(.invalid, at: offset, "a compressed event holds nothing compressed") }
        guard head & Head.algorithm == Head.zlib else {
            throw CodecError(.unsupported, at: offset, "compression \((head & Head.algorithm) >> 4) of an event is not known")
        }
        let count = Int(head & Head.lengthByteCount)
        guard 1...Head.maxLengthByteCount ~= count else { throw CodecError(.invalid, at: offset, "a length of \(count) bytes") }
        var length = 0
        for _ in 0..<count { length = length << 8 | Int(try reader.uint8()) }
        return length
    }

    /// Appends what comes out, in steps that double, so that a claimed length is only believed as far as bytes have come.
    private mutating func inflate(_ compressed: RawSpan, _ length: Int) throws(CodecError) {
        inflateReset(stream)
        let start = bytes.count
        var used = 0
        var status = Z_OK
        repeat {
            let done = bytes.count - start
            // One byte more than claimed shows that there is more.
            let step = min(max(done, Self.minBufferBytes), length + 1 - done)
            guard step > 0 else { break }
            let end = bytes.count
            bytes.append(contentsOf: repeatElement(0, count: step))
            var made = 0
            (status, used, made) = compressed.withUnsafeBytes { source in
                bytes.withUnsafeMutableBytes { target in
                    let rest = UnsafeRawBufferPointer(rebasing: source[used...])
                    stream.pointee.next_in = UnsafeMutablePointer(mutating: rest.baseAddress?.assumingMemoryBound(to: UInt8.self))
                    stream.pointee.avail_in = UInt32(clamping: rest.count)
                    stream.pointee.next_out = target.baseAddress?.advanced(by: end).assumingMemoryBound(to: UInt8.self)
                    stream.pointee.avail_out = UInt32(clamping: step)
                    let status = CZlib.inflate(stream, Z_NO_FLUSH)
                    return (status, source.count - Int(stream.pointee.avail_in), step - Int(stream.pointee.avail_out))
                }
            }
            bytes.removeLast(step - made)
            if made == 0, status == Z_OK { status = Z_BUF_ERROR }
        } while status == Z_OK
        let made = bytes.count - start
        guard status == Z_STREAM_END, made == length else {
            let reason = made > length ? "more" : "\(made)\(status == Z_DATA_ERROR ? ", then bytes that are not zlib's" : "")"
            throw CodecError(
                status == Z_BUF_ERROR ? .truncated : .invalid, at: EventHeader.byteCount,
                "an event claims to hold \(length) compressed bytes and holds \(reason)")
        }
    }
}
