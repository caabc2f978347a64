/// Walks the packets in a byte stream without keeping any payload: what it finds are ranges of the caller's own buffer.
///
/// A dump stream is read with it, because one event may be larger than the memory that we grant it: a payload that spans reads or
/// packets arrives in fragments, and the last one says so. ``PacketParser`` joins them where whole payloads are wanted.
///
///     var offset = 0
///     while let fragment = try scanner.next(in: received, from: &offset) {
///         consume(received.extracting(fragment.range), isLast: fragment.endsPayload)
///     }
public struct PacketScanner: Sendable {
    /// A run of payload bytes.
    public struct Fragment: Hashable, Sendable {
        /// Where in the bytes that were given; empty for an empty payload.
        public var range: Range<Int>
        /// Whether these are the first bytes of a payload.
        public var beginsPayload: Bool
        /// Whether the payload is complete with them.
        public var endsPayload: Bool
    }

    /// The number that the next packet must have. Both directions share one count, so the owner sets it after it has sent packets,
    /// and to 0 where a new command begins.
    public var nextSequence: UInt8
    /// A payload that announces more than this is refused as soon as its header is read.
    public var maxPayloadBytes: Int
    /// Whether a wrong sequence number is an error. A semi-sync source restarts its count when it asks for an ACK
    /// (see ``SemiSyncEventPrefix``).
    public var checksSequence = true

    private var header: UInt32 = 0
    private var headerBytesRead = 0
    private var packetBytesLeft = 0
    private var packetIsContinued = false
    /// A header has announced a payload of which no fragment was given out.
    private var payloadIsUntouched = false
    /// Bytes that the packets of the open payload have announced; nil between payloads.
    private var payloadBytes: Int?

    /// - Parameters:
    ///   - nextSequence: the number that the first packet must have.
    ///   - maxPayloadBytes: the most bytes a payload may have, continuations included.
    public init(nextSequence: UInt8 = 0, maxPayloadBytes: Int = .max) {
        self.nextSequence = nextSequence
        self.maxPayloadBytes = maxPayloadBytes
    }

    /// Whether a packet has begun and not ended, so that the end of the stream here would cut it off.
    public var isInsidePayload: Bool { payloadBytes != nil || headerBytesRead > 0 }

    /// The next run of payload bytes at or after `offset`, which moves behind it; nil when all bytes are used up.
    ///
    /// - Throws: ``PacketError`` for a payload over the limit or a wrong sequence number; the stream cannot be read on after it.
    public mutating func next(in bytes: RawSpan, from offset: inout Int) throws(PacketError) -> Fragment? {
        if packetBytesLeft == 0 {
            // A continued packet's header is read here too: the fragment before it ended where the packet did.
            while headerBytesRead < PacketFraming.headerByteCount {
                guard offset < bytes.byteCount else { return nil }
                header |= UInt32(bytes.byte(at: offset)) << UInt32(8 * headerBytesRead)
                headerBytesRead += 1
                offset += 1
            }
            try beginPacket()
        }
        guard packetBytesLeft == 0 || offset < bytes.byteCount else { return nil }
        let count = min(packetBytesLeft, bytes.byteCount - offset)
        let range = offset..<offset + count
        offset += count
        packetBytesLeft -= count
        let ends = packetBytesLeft == 0 && !packetIsContinued
        if ends { payloadBytes = nil }
        defer { payloadIsUntouched = false }
        return Fragment(range: range, beginsPayload: payloadIsUntouched, endsPayload: ends)
    }

    /// Takes in a complete header.
    private mutating func beginPacket() throws(PacketError) {
        let length = Int(header & 0xff_ffff)
        let sequence = UInt8(header >> 24)
        guard !checksSequence || sequence == nextSequence else {
            throw .outOfOrder(expected: nextSequence, found: sequence)
        }
        let total = (payloadBytes ?? 0) &+ length
        guard total <= maxPayloadBytes else { throw .tooLarge(limitBytes: maxPayloadBytes) }
        if payloadBytes == nil { payloadIsUntouched = true }
        payloadBytes = total
        packetBytesLeft = length
        packetIsContinued = length == PacketFraming.maxPacketPayloadBytes
        nextSequence = sequence &+ 1
        header = 0
        headerBytesRead = 0
    }
}

/// Why a byte stream is not a sequence of packets. Nothing after it can be read.
public enum PacketError: Error, Hashable, Sendable {
    /// A payload announces more bytes than are granted here.
    case tooLarge(limitBytes: Int)
    /// A packet's sequence number is not the next one.
    case outOfOrder(expected: UInt8, found: UInt8)

    /// What the peer is told before the connection is closed, with MySQL's own numbers and words.
    public var errorPacket: ErrorPacket {
        switch self {
        case .tooLarge: ErrorPacket(.packetTooLarge, "Got a packet bigger than 'max_allowed_packet' bytes")
        case .outOfOrder: ErrorPacket(.packetsOutOfOrder, "Got packets out of order")
        }
    }
}

extension PacketError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLarge(let limitBytes): "a packet announces more than \(limitBytes) bytes"
        case .outOfOrder(let expected, let found): "a packet has the sequence number \(found), expected \(expected)"
        }
    }
}
