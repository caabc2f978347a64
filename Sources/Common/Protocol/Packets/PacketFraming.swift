/// How MySQL cuts payloads into packets: a length of three bytes, a sequence number of one, then that many bytes.
///
/// A payload of 16 MiB - 1 or more continues in further packets, the last of which is shorter than that, and empty for an exact multiple.
/// Format: "MySQL Packets" in the MySQL source documentation (Protocol Basics).
public enum PacketFraming {
    /// Length (3) and sequence number (1).
    public static let headerByteCount = 4
    /// The most one packet carries; a packet of exactly this length is continued by the next one.
    public static let maxPacketPayloadBytes = (1 << 24) - 1
    /// What a peer that has not logged in may make us hold.
    public static let maxUnauthenticatedPayloadBytes = 64 << 10

    /// Bytes on the wire, headers included, of a payload of `payloadByteCount` bytes.
    public static func framedByteCount(of payloadByteCount: Int) -> Int {
        payloadByteCount + (payloadByteCount / maxPacketPayloadBytes + 1) * headerByteCount
    }

    /// Appends the four bytes that stand before `length` bytes of payload.
    @inlinable
    public static func appendHeader(length: Int, sequence: UInt8, to output: inout [UInt8]) {
        precondition(length >= 0 && length <= maxPacketPayloadBytes)
        output.append(littleEndian: UInt32(length) | UInt32(sequence) << 24)
    }
}

/// Frames payloads one after another, counting the sequence up, into one buffer that goes to the socket in one write.
///
///     var writer = PacketWriter(sequence: parser.nextSequence)
///     writer.append(OKPacket().encoded(for: capabilities))
///     send(writer.bytes)
///     parser.nextSequence = writer.sequence
public struct PacketWriter: Sendable {
    /// The packets made so far.
    public private(set) var bytes: [UInt8] = []
    /// The number that the next packet gets; wraps after 255.
    public private(set) var sequence: UInt8

    /// - Parameter sequence: the number of the first packet: one more than the last one received, 0 for a new command.
    public init(sequence: UInt8) {
        self.sequence = sequence
    }

    /// Appends `payload` as one packet or, from 16 MiB - 1 on, as several.
    public mutating func append(_ payload: RawSpan) {
        bytes.reserveCapacity(bytes.count + PacketFraming.framedByteCount(of: payload.byteCount))
        var offset = 0
        var length: Int
        repeat {
            length = min(payload.byteCount - offset, PacketFraming.maxPacketPayloadBytes)
            PacketFraming.appendHeader(length: length, sequence: sequence, to: &bytes)
            bytes.append(payload.extracting(offset..<offset + length))
            sequence &+= 1
            offset += length
        } while length == PacketFraming.maxPacketPayloadBytes
    }

    /// The next payload is a command: its packets are numbered from 0.
    public mutating func beginCommand() { sequence = 0 }

    /// Forgets the packets, and memory above `keptBytes`.
    public mutating func removeAll(keeping keptBytes: Int) { bytes.removeAll(keepingCapacity: bytes.capacity <= keptBytes) }

    /// Appends `payload` as one packet or, from 16 MiB - 1 on, as several.
    public mutating func append(_ payload: [UInt8]) {
        append(payload.span.bytes)
    }
}
