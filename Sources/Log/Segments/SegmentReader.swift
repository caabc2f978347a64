import Common

/// Reads a segment's entries one after the other: headers, and payloads in pieces.
///
///     var reader = SegmentReader(segment: segment)
///     while let header = try reader.nextEntry(through: commitIndex) {
///         while reader.payloadRemaining > 0 {
///             try reader.withPayload(atLeast: 1) { bytes in consume(bytes); return bytes.byteCount }
///         }
///     }
///
/// The bytes of entries above the limit may be replaced at any time, by a new leader's. What was read ahead of them is therefore
/// forgotten before the limit moves past it.
public struct SegmentReader: ~Copyable {
    /// Bytes read at a time, and the most that ``withPayload(atLeast:_:)`` can hand over as one piece.
    public static let bufferBytes = 256 << 10
    private static let pageBytes = 4096

    public let segment: Segment
    private let buffer: UnsafeMutableRawBufferPointer
    /// The buffered bytes not yet consumed are `buffer[start..<end]`, and stand at `offset` in the file.
    private var start = 0
    private var end = 0
    /// File offset of the next unread byte.
    public private(set) var offset: UInt64
    /// Entries up to here were valid when the buffer was filled.
    private var limitAtFill: UInt64 = 0
    private var limit: UInt64 = 0

    /// The entry that the reader stands in; nil before the first.
    public private(set) var header: EntryHeader?
    /// Where that entry begins in the file.
    public private(set) var entryOffset: UInt64 = 0
    /// Bytes left of the current entry's payload.
    public private(set) var payloadRemaining: UInt64 = 0
    /// The durable mark of the current entry; nil where its checksum is wrong.
    private(set) var durableMark: UInt64?
    /// CRC-32 of the current entry's event up to a payload that stands inside it.
    private(set) var eventChecksum: UInt32 = 0
    /// Bytes of the event's checksum, behind a payload that stands inside the event.
    private var trailerRemaining: UInt64 = 0
    /// How many bytes of the current entry's payload ``verifyPayload()`` has gone through, and their CRC-32C.
    private var verifiedBytes: UInt64 = 0
    private var verifiedChecksum: UInt32 = 0
    /// Whether an intact entry of another index than the expected one is returned, for the caller to judge.
    var acceptsAnyIndex = false
    /// Index of the next entry, where it is known.
    private var expectedIndex: UInt64?

    /// - Parameters:
    ///   - offset: where an entry begins; nil for the segment entry.
    ///   - index: that entry's index. Where it is not given, the entry must be within the limit of the first ``nextEntry(through:)``.
    public init(segment: Segment, at offset: UInt64? = nil, index: UInt64? = nil) {
        self.segment = segment
        self.offset = offset ?? segment.firstEntryOffset
        expectedIndex = self.offset == segment.firstEntryOffset ? segment.firstIndex : index
        buffer = .allocate(byteCount: Self.bufferBytes, alignment: Self.pageBytes)
    }

    deinit { buffer.deallocate() }

    /// Moves to the next entry, skipping what is left of the current one's payload.
    ///
    /// - Parameter limit: the highest index whose bytes are final, such as the commit index. It may not fall.
    /// - Returns: nil where the next entry's index is above `limit`, or where the segment ends; the reader may be asked again later.
    /// - Throws: ``LogError`` `corruption` where the bytes are no entry, or one of another index.
    public mutating func nextEntry(through limit: UInt64) throws(LogError) -> EntryHeader? {
        skip(payloadRemaining + trailerRemaining)
        payloadRemaining = 0
        trailerRemaining = 0
        if let expectedIndex {
            if expectedIndex > limit { return nil }
            if expectedIndex > limitAtFill { forgetBuffer() }
        }
        self.limit = limit
        guard bytesLeft > 0 else { return nil }
        let count = try fill(atLeast: StoredHeader.maxByteCount)
        let parsed: StoredHeader
        do { parsed = try StoredHeader(decoding: buffered(count), in: segment, sharing: header) } catch { throw damage(error) }
        let header = parsed.header
        if let expectedIndex, header.index != expectedIndex, !acceptsAnyIndex {
            throw damage(CodecError(.invalid, at: 0, "entry \(header.index) stands where entry \(expectedIndex) belongs"))
        }
        if header.index > limit {
            forgetBuffer()
            return nil
        }
        guard parsed.storedByteCount <= bytesLeft else {
            throw damage(CodecError(.truncated, at: 0, "the file ends inside the entry"))
        }
        entryOffset = offset
        self.header = header
        expectedIndex = header.index &+ 1
        payloadRemaining = header.payloadLength
        trailerRemaining = parsed.trailerByteCount
        durableMark = parsed.durableMark
        eventChecksum = parsed.eventChecksum
        verifiedBytes = 0
        verifiedChecksum = 0
        skip(UInt64(parsed.byteCount))
        return header
    }

    /// Hands `body` the buffered part of the payload that is left, which returns how many of the bytes it consumed.
    ///
    /// - Parameter atLeast: how many bytes `body` needs at once, at most ``bufferBytes``; fewer come only where the payload ends.
    public mutating func withPayload(atLeast: Int = 1, _ body: (RawSpan) throws -> Int) throws {
        let count = try fillPayload(atLeast: atLeast)
        consumePayload(try body(payload(count)))
    }

    /// Buffers the payload that is left, at least `atLeast` bytes of it, and returns how many bytes ``payload(_:)`` may then show.
    ///
    /// - Parameter atLeast: at most ``bufferBytes``; fewer come only where the payload ends.
    public mutating func fillPayload(atLeast: Int = 1) throws(LogError) -> Int {
        let wanted = Int(min(UInt64(max(atLeast, 1)), payloadRemaining))
        if wanted == 0 { return 0 }
        let count = try fill(atLeast: wanted)
        guard count >= wanted else { throw damage(CodecError(.truncated, at: 0, "the file ends inside the entry")) }
        return Int(min(UInt64(count), payloadRemaining))
    }

    /// The first `count` bytes of the payload that is left, which ``fillPayload(atLeast:)`` has buffered.
    @_lifetime(borrow self)
    public func payload(_ count: Int) -> RawSpan {
        precondition(count >= 0 && count <= end - start && UInt64(count) <= payloadRemaining)
        return buffered(count)
    }

    /// Moves past bytes of the payload, buffered or not.
    public mutating func consumePayload(_ count: Int) {
        precondition(count >= 0 && UInt64(count) <= payloadRemaining)
        skip(UInt64(count))
        payloadRemaining -= UInt64(count)
    }

    /// Reads ahead over the next piece of the current entry's payload, of which nothing has been consumed yet, and checks the payload's
    /// checksum behind the last piece. The reader stays where it is. Only an entry of events can be verified so.
    ///
    /// - Returns: the piece's size, at most ``bufferBytes``; 0 once all was found intact.
    /// - Throws: ``LogError`` `corruption` where bytes are missing, or not those that were written.
    public mutating func verifyPayload() throws(LogError) -> Int {
        // A mistake of the caller's, whatever the file holds: it has looked at the header.
        guard let header, header.kind.hasEventPayload else { preconditionFailure("no entry of events has been read") }
        precondition(payloadRemaining == header.payloadLength, "a part of the payload has been consumed")
        let left = header.payloadLength - verifiedBytes
        guard left > 0 else { return 0 }
        let count = Int(min(UInt64(Self.bufferBytes), left))
        if verifiedBytes > 0 || left > UInt64(count) {
            forgetBuffer()
            try verifyPiece(count)
        } else {
            let buffered = try fillPayload(atLeast: count)
            verifiedChecksum = CRC32C.checksum(of: payload(buffered))
        }
        if left == UInt64(count) { try checkPayload(header, verifiedChecksum) }
        verifiedBytes += UInt64(count)
        return count
    }

    /// Checks a piece of a payload that is larger than the buffer, which the piece borrows.
    private mutating func verifyPiece(_ count: Int) throws(LogError) {
        var filled = 0
        while filled < count {
            let free = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<count])
            let read = try segment.file.read(at: offset + verifiedBytes + UInt64(filled), into: free)
            guard read > 0 else { throw damage(CodecError(.truncated, at: 0, "the file ends inside the entry")) }
            filled += read
        }
        let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        verifiedChecksum = CRC32C.checksum(of: piece.bytes, continuing: verifiedChecksum)
    }

    /// The error for bytes that are not what they should be, at the reader's place.
    func damage(_ error: CodecError) -> LogError {
        LogError(
            error.code == .unsupported ? .unsupported : .corruption, file: segment.path, offset: offset,
            index: payloadRemaining > 0 ? header?.index : expectedIndex, error.reason)
    }

    /// Reads the checksum behind a payload that stands inside the event.
    mutating func readTrailer() throws(LogError) -> UInt32 {
        precondition(payloadRemaining == 0 && trailerRemaining == 4)
        guard try fill(atLeast: 4) >= 4 else { throw damage(CodecError(.truncated, at: 0, "the file ends inside the entry")) }
        let value = UInt32(littleEndian: buffered(4).unsafeLoadUnaligned(as: UInt32.self))
        skip(4)
        trailerRemaining = 0
        return value
    }

    // MARK: - The buffer

    @_lifetime(borrow self)
    private func buffered(_ count: Int) -> RawSpan {
        _overrideLifetime(UnsafeRawBufferPointer(rebasing: buffer[start..<start + count]).bytes, borrowing: self)
    }

    /// Bytes from the reader's place to the segment's end, which moves, and back too where uncommitted entries are cut off.
    private var bytesLeft: UInt64 {
        let end = segment.byteCount
        return end > offset ? end - offset : 0
    }

    private mutating func forgetBuffer() {
        start = 0
        end = 0
    }

    private mutating func skip(_ count: UInt64) {
        offset += count
        if count < UInt64(end - start) { start += Int(count) } else { forgetBuffer() }
    }

    /// Buffers at least `wanted` bytes, fewer only where the segment ends, and returns how many there are.
    private mutating func fill(atLeast wanted: Int) throws(LogError) -> Int {
        precondition(wanted <= Self.bufferBytes)
        if end - start >= wanted { return end - start }
        if start == end {
            limitAtFill = limit
        } else {
            // What is kept is as old as it was: the limit at the time of its reading goes on to hold.
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
        }
        end -= start
        start = 0
        let readable = Int(min(UInt64(Self.bufferBytes), bytesLeft))
        while end < wanted, end < readable {
            let free = UnsafeMutableRawBufferPointer(rebasing: buffer[end..<readable])
            let count = try segment.file.read(at: offset + UInt64(end), into: free)
            if count == 0 { break }
            end += count
        }
        return end
    }
}
