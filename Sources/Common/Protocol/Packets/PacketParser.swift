/// Collects whole payloads from a byte stream, continuation packets joined.
///
///     parser.feed(received)
///     while let range = try parser.next() {
///         let payload = parser.payload(range)
///         …
///     }
///
/// It buffers at most what was fed to it and not yet taken out, and refuses a payload over the limit at its header. Dump streams, whose
/// events may be larger than memory, go through ``PacketScanner`` instead.
public struct PacketParser: Sendable {
    /// Buffers larger than this are given back when they are empty.
    private static let keptCapacityBytes = 256 << 10

    private var scanner: PacketScanner
    /// Taken-out bytes, then the joined part of the open payload, a gap where headers stood, and bytes not scanned yet.
    private var buffer: [UInt8] = []
    private var payloadStart = 0
    private var payloadEnd = 0
    private var scanOffset = 0

    /// - Parameters:
    ///   - nextSequence: the number that the first packet must have.
    ///   - maxPayloadBytes: the most bytes a payload may have: small before a login, the configured packet limit after it.
    public init(nextSequence: UInt8 = 0, maxPayloadBytes: Int = PacketFraming.maxUnauthenticatedPayloadBytes) {
        scanner = PacketScanner(nextSequence: nextSequence, maxPayloadBytes: maxPayloadBytes)
    }

    /// The number that the next packet must have; see ``PacketScanner/nextSequence``.
    public var nextSequence: UInt8 {
        get { scanner.nextSequence }
        set { scanner.nextSequence = newValue }
    }

    /// The most bytes a payload may have, continuations included.
    public var maxPayloadBytes: Int {
        get { scanner.maxPayloadBytes }
        set { scanner.maxPayloadBytes = newValue }
    }

    /// Bytes held that have not been returned as a payload.
    public var bufferedByteCount: Int { buffer.count - payloadStart }

    /// Takes in bytes from the stream. Ranges returned before are void after it.
    public mutating func feed(_ bytes: RawSpan) {
        if payloadStart == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= Self.keptCapacityBytes)
            (payloadStart, payloadEnd, scanOffset) = (0, 0, 0)
        } else if payloadStart > buffer.count / 2 {
            buffer.removeSubrange(0..<payloadStart)
            payloadEnd -= payloadStart
            scanOffset -= payloadStart
            payloadStart = 0
        }
        buffer.append(bytes)
    }

    /// Where the next complete payload stands, or nil until more bytes are fed.
    ///
    /// - Throws: ``PacketError`` for a payload over the limit or a wrong sequence number; the connection is of no use after it.
    public mutating func next() throws(PacketError) -> Range<Int>? {
        while let fragment = try scan() {
            if fragment.beginsPayload {
                payloadStart = fragment.range.lowerBound
                payloadEnd = payloadStart
            }
            join(fragment.range)
            if fragment.endsPayload {
                let payload = payloadStart..<payloadEnd
                payloadStart = scanOffset
                payloadEnd = scanOffset
                return payload
            }
        }
        return nil
    }

    private mutating func scan() throws(PacketError) -> PacketScanner.Fragment? {
        var (scanner, offset) = (scanner, scanOffset)
        let fragment = try scanner.next(in: buffer.span.bytes, from: &offset)
        (self.scanner, scanOffset) = (scanner, offset)
        return fragment
    }

    /// The bytes of a payload that ``next()`` returned since the last feed.
    @_lifetime(borrow self)
    public func payload(_ range: Range<Int>) -> RawSpan {
        buffer.span.bytes.extracting(range)
    }

    /// Gives up the bytes behind the last payload: after a TLS request they belong to the TLS layer.
    public mutating func takeUnscanned() -> [UInt8] {
        defer {
            buffer.removeAll()
            (payloadStart, payloadEnd, scanOffset) = (0, 0, 0)
        }
        return Array(buffer[scanOffset...])
    }

    /// Moves a fragment down to the end of what its payload has so far, over the header between them.
    private mutating func join(_ range: Range<Int>) {
        if range.lowerBound != payloadEnd {
            let target = payloadEnd
            buffer.withUnsafeMutableBytes { bytes in
                let source = UnsafeRawBufferPointer(rebasing: bytes[range])
                UnsafeMutableRawBufferPointer(rebasing: bytes[target..<target + range.count]).copyMemory(from: source)
            }
        }
        payloadEnd += range.count
    }
}
