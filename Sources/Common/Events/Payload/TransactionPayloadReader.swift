import CZstd

/// Decompresses a TRANSACTION_PAYLOAD piece by piece and hands out the events in it, with memory for the largest of them and no more.
///
///     var reader = try TransactionPayloadReader(payload)
///     loop: while true {
///         var piece = ByteReader(nextPiece())
///         while true {
///             switch try reader.next(&piece) {
///             case .event(let header): use(header, reader.event)
///             case .needsInput: continue loop
///             case .end: break loop
///             }
///         }
///     }
///
/// The events have no checksum, whatever the file has. Each is valid until the next is asked for. What sizes the payload claims is
/// compared with what it holds, and never allocated for: the buffer grows as bytes come.
public struct TransactionPayloadReader: ~Copyable {
    /// Longest distance back that compressed bytes may refer to, as a power of two in bytes: 128 MiB, MySQL's own limit. zstd allocates
    /// a frame's window whole, so this is what a hostile frame can claim; MySQL's default level needs 2 MiB.
    public static let maxWindowLog = 27
    /// Longest event that is handed out, in bytes: MySQL's own limit of a packet.
    public static let maxEventBytes = 1 << 30

    private static let minBufferBytes = 128 << 10

    /// What ``next(_:)`` found.
    public enum Step: Hashable, Sendable {
        /// The reader stands at an event.
        case event(EventHeader)
        /// The given bytes are used up: call again with those behind them.
        case needsInput
        /// That was the last event, and all is as the payload claimed.
        case end
    }

    private let context: OpaquePointer?
    /// Compressed bytes that are still to come.
    private var payloadLeft: UInt64
    private let uncompressedSize: UInt64?
    /// Bytes decompressed so far.
    private var produced: UInt64 = 0
    private var isFrameComplete = true
    /// Whether zstd may hold bytes back because there was no room for them.
    private var mayHoldBack = false

    private var buffer: UnsafeMutableRawBufferPointer
    /// The decompressed bytes from the current event on are `buffer[start..<end]`.
    private var start = 0
    private var end = 0
    /// Bytes of the current event; 0 where the reader stands at none.
    private var eventLength = 0

    /// - Throws: `unsupported` for another compression than zstd or none.
    public init(_ event: borrowing TransactionPayloadEvent) throws(CodecError) {
        switch event.compression {
        case .zstd:
            guard let context = ZSTD_createDCtx() else { fatalError("out of memory") }
            ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(Self.maxWindowLog))
            self.context = context
        case .none: context = nil
        default:
            throw CodecError(
                .unsupported, at: EventHeader.byteCount, "compression \(event.compression.rawValue) of a payload is not known")
        }
        payloadLeft = event.payloadSize
        uncompressedSize = event.uncompressedSize
        buffer = .allocate(byteCount: Self.minBufferBytes, alignment: 16)
    }

    deinit {
        ZSTD_freeDCtx(context)
        buffer.deallocate()
    }

    /// The event that the reader stands at: header and body.
    public var event: RawSpan {
        @_lifetime(borrow self) get {
            _overrideLifetime(UnsafeRawBufferPointer(rebasing: buffer[start..<start + eventLength]).bytes, borrowing: self)
        }
    }

    /// Where the current event begins, in bytes from the first.
    public var offset: UInt64 { produced - UInt64(end - start) }

    /// Moves to the next event.
    ///
    /// - Parameter input: The payload's next bytes, in pieces of any size. What stands behind the payload is left alone.
    /// - Throws: `invalid` where the bytes are not what they claim to be; `truncated` where they end inside an event. The offset is
    ///   that in the decompressed bytes. The reader is of no use after that.
    public mutating func next(_ input: inout ByteReader) throws(CodecError) -> Step {
        start += eventLength
        eventLength = 0
        while true {
            let header = try header()
            if let header, Int(header.eventLength) <= end - start {
                eventLength = Int(header.eventLength)
                return .event(header)
            }
            makeRoom(forEventOf: Int(header?.eventLength ?? 0))
            let before = end
            let space = UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
            if context == nil { try copy(&input, into: space) } else { try decompress(&input, into: space) }
            produced += UInt64(end - before)
            if let uncompressedSize, produced > uncompressedSize {
                throw failure(.invalid, "the payload holds more than the \(uncompressedSize) bytes that it claims")
            }
            guard end == before else { continue }
            guard payloadLeft == 0 else { return .needsInput }
            try checkEnd()
            return .end
        }
    }

    /// The header of the event that begins at `start`, as soon as it is there.
    private func header() throws(CodecError) -> EventHeader? {
        guard end - start >= EventHeader.byteCount else { return nil }
        let header = try EventHeader(decoding: UnsafeRawBufferPointer(rebasing: buffer[start..<end]).bytes)
        guard Int(header.eventLength) <= Self.maxEventBytes else {
            throw failure(.invalid, "an event in the payload claims to be \(header.eventLength) bytes long")
        }
        guard header.type != .transactionPayload else { throw failure(.invalid, "a payload stands inside a payload") }
        return header
    }

    /// Moves what is left of the buffer to its beginning, and enlarges the buffer where that makes little room: to twice its size, or
    /// to what the event needs.
    private mutating func makeRoom(forEventOf length: Int) {
        guard end == buffer.count else { return }
        let kept = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
        if kept.count > buffer.count / 2 {
            let size = min(buffer.count * 2, max(length, buffer.count) + Self.minBufferBytes)
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
            larger.copyMemory(from: kept)
            buffer.deallocate()
            buffer = larger
        } else {
            buffer.copyMemory(from: kept)
        }
        end -= start
        start = 0
    }

    private mutating func copy(_ input: inout ByteReader, into space: UnsafeMutableRawBufferPointer) throws(CodecError) {
        let piece = try input.bytes(min(input.remaining, space.count, Int(clamping: payloadLeft)))
        piece.withUnsafeBytes { space.copyMemory(from: $0) }
        payloadLeft -= UInt64(piece.byteCount)
        end += piece.byteCount
    }

    private mutating func decompress(_ input: inout ByteReader, into space: UnsafeMutableRawBufferPointer) throws(CodecError) {
        var ahead = input
        let piece = try ahead.bytes(min(input.remaining, Int(clamping: payloadLeft)))
        guard piece.byteCount > 0 || mayHoldBack else { return }
        var output = ZSTD_outBuffer(dst: space.baseAddress, size: space.count, pos: 0)
        var (used, result) = (0, 0)
        repeat {
            (used, result) = piece.withUnsafeBytes { bytes in
                var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: used)
                let result = ZSTD_decompressStream(context, &output, &source)
                return (source.pos, result)
            }
            guard ZSTD_isError(result) == 0 else {
                let name = String(cString: ZSTD_getErrorName(result))
                throw failure(.invalid, "the payload cannot be decompressed: \(name)")
            }
        } while output.pos == 0 && used < piece.byteCount
        if used > 0 || output.pos > 0 { isFrameComplete = result == 0 }
        mayHoldBack = output.pos == output.size
        try input.skip(used)
        payloadLeft -= UInt64(used)
        end += output.pos
    }

    private func checkEnd() throws(CodecError) {
        guard start == end, isFrameComplete else { throw failure(.truncated, "the payload ends inside an event") }
        if let uncompressedSize, produced != uncompressedSize {
            throw failure(.invalid, "the payload claims \(uncompressedSize) bytes and holds \(produced)")
        }
    }

    private func failure(_ code: CodecError.Code, _ reason: String) -> CodecError {
        CodecError(code, at: Int(clamping: offset), reason)
    }
}
