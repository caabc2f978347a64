import Common

/// Copies events into packets, one behind the other, as long as nothing has to be decided about them.
///
///     var run = EventRun(sequence: sequence)
///     run.copy(from: segmentBytes, to: socketBuffer, aimingFor: 256 << 10)
///     // run.consumedBytes of events have become run.writtenBytes of packets
///
/// A replica that catches up waits for this loop: about ten nanoseconds an event, most of them for the copy. Therefore it works on local
/// values, and on bytes whose bounds are checked once per event.
struct EventRun {
    /// The next packet's number.
    private(set) var sequence: UInt8
    private(set) var consumedBytes = 0
    private(set) var writtenBytes = 0
    /// The commit time of the last event that has one; 0 for none.
    private(set) var lastTimestamp: UInt32 = 0

    /// Before an event: a packet's header, and the byte that says that an event follows.
    private static let prefixBytes = PacketFraming.headerByteCount + 1

    init(sequence: UInt8) { self.sequence = sequence }

    /// Copies whole events up to the first one that begins a transaction, a file or a format, that is incomplete, or for which `target` has
    /// no room.
    ///
    /// - Parameter wantedBytes: no event is begun behind as many bytes of packets.
    mutating func copy(from source: RawSpan, to target: UnsafeMutableRawBufferPointer, aimingFor wantedBytes: Int) {
        guard let base = target.baseAddress else { return }
        let decisive = (EventType.gtid, EventType.gtidTagged, EventType.formatDescription, EventType.rotate)
        var sequence = sequence
        var consumed = 0
        var written = 0
        var timestamp: UInt32 = 0
        while written < wantedBytes {
            let rest = source.extracting(droppingFirst: consumed)
            // What is wrong with an event is told by who looks at it next.
            guard rest.byteCount >= EventHeader.byteCount, let header = try? EventHeader(decoding: rest) else { break }
            let length = Int(header.eventLength)
            let type = header.type
            guard length <= rest.byteCount, length < PacketFraming.maxPacketPayloadBytes,
                length + Self.prefixBytes <= target.count - written, type != decisive.0, type != decisive.1, type != decisive.2,
                type != decisive.3
            else { break }
            let packet = base + written
            packet.storeBytes(of: (UInt32(length + 1) | UInt32(sequence) << 24).littleEndian, as: UInt32.self)
            packet.storeBytes(of: OKPacket.header, toByteOffset: PacketFraming.headerByteCount, as: UInt8.self)
            rest.withUnsafeBytes { (packet + Self.prefixBytes).copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: length) }
            sequence &+= 1
            consumed += length
            written += length + Self.prefixBytes
            if header.timestamp != 0 { timestamp = header.timestamp }
        }
        self.sequence = sequence
        consumedBytes += consumed
        writtenBytes += written
        if timestamp != 0 { lastTimestamp = timestamp }
    }
}
