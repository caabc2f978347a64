/// Walks binlog events that stand one behind the other.
///
///     var cursor = EventCursor(bytes)
///     while let header = try cursor.next() { … cursor.event … }
public struct EventCursor: ~Escapable {
    private let bytes: RawSpan
    /// Where the current event begins, in bytes.
    public private(set) var start = 0
    private var end = 0

    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) { self.bytes = bytes }

    /// The current event: header, body and checksum.
    public var event: RawSpan {
        @_lifetime(copy self) get { bytes.extracting(start..<end) }
    }

    /// Moves to the next event, or returns nil behind the last.
    ///
    /// - Throws: ``CodecError`` where the bytes end inside an event or a header says less than its own length.
    public mutating func next() throws(CodecError) -> EventHeader? {
        start = end
        if start == bytes.byteCount { return nil }
        let header = try EventHeader(decoding: bytes.extracting(start..<bytes.byteCount))
        guard header.eventLength >= UInt32(EventHeader.byteCount), Int(header.eventLength) <= bytes.byteCount - start else {
            throw CodecError(
                .truncated, at: start, "an event of \(header.eventLength) bytes does not fit the \(bytes.byteCount - start) that are left")
        }
        end = start + Int(header.eventLength)
        return header
    }
}
