/// What an event that Kingbus makes itself carries around its body.
///
///     var bytes: [UInt8] = []
///     RotateEvent.encode(fileName: name.utf8, position: 4, in: .artificial(serverID: 7, checksum: .crc32), into: &bytes)
public struct EventEnvelope: Hashable, Sendable {
    /// How the header's end position is found.
    public enum Position: Hashable, Sendable {
        /// The event is in no file: 0.
        case none
        /// The event begins here; its own length is added.
        case startingAt(UInt64)
        /// Exactly this.
        case endingAt(UInt64)
    }

    public var timestamp: UInt32
    public var serverID: UInt32
    public var flags: EventFlags
    public var position: Position
    public var checksum: ChecksumAlgorithm

    public init(
        timestamp: UInt32 = 0, serverID: UInt32, flags: EventFlags = [], position: Position = .none, checksum: ChecksumAlgorithm
    ) {
        self.timestamp = timestamp
        self.serverID = serverID
        self.flags = flags
        self.position = position
        self.checksum = checksum
    }

    /// For an event that is made for one connection: no time, no position, the artificial flag.
    public static func artificial(serverID: UInt32, checksum: ChecksumAlgorithm) -> EventEnvelope {
        EventEnvelope(serverID: serverID, flags: .artificial, checksum: checksum)
    }

    /// Appends an event: header, what `body` appends, checksum.
    func encode(_ type: EventType, flags extraFlags: EventFlags = [], into bytes: inout [UInt8], body: (inout [UInt8]) -> Void) {
        let start = bytes.count
        var header = EventHeader(timestamp: timestamp, type: type, serverID: serverID, flags: flags.union(extraFlags))
        header.encode(into: &bytes)
        body(&bytes)
        header.eventLength = UInt32(bytes.count - start + checksum.byteCount)
        header.endPosition =
            switch position {
            case .none: 0
            case .startingAt(let offset): UInt32(truncatingIfNeeded: offset &+ UInt64(header.eventLength))
            case .endingAt(let offset): UInt32(truncatingIfNeeded: offset)
            }
        bytes.store(littleEndian: header.eventLength, at: start + EventHeader.eventLengthOffset)
        bytes.store(littleEndian: header.endPosition, at: start + EventHeader.endPositionOffset)
        if checksum == .crc32 {
            let crc = eventChecksum(of: bytes.span.bytes.extracting(start..<bytes.count))
            bytes.append(littleEndian: crc)
        }
    }
}
