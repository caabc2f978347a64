import Common

@testable import kingbus_node

/// An event of a source's binlog, and where it stands.
struct SourceEvent {
    var bytes: [UInt8]
    var file: [UInt8]
    var position: UInt64
}

/// Writes the events of a source's binlog file one behind the other.
struct SourceFile {
    static let source = SourceID(high: 0x3e11_fa47_71ca_11e1, low: 0x9e33_c80a_a942_9562)
    static let serverVersion = "8.4.3"

    var name: [UInt8]
    var checksum = ChecksumAlgorithm.crc32
    var serverVersion = SourceFile.serverVersion
    var position: UInt64 = 4
    let serverID: UInt32 = 1

    init(_ name: String) { self.name = Array(name.utf8) }

    mutating func event(_ type: EventType, _ body: [UInt8] = [], flags: EventFlags = [], timestamp: UInt32 = 1_700_000_000) -> SourceEvent {
        let length = EventHeader.byteCount + body.count + checksum.byteCount
        var bytes: [UInt8] = []
        EventHeader(
            timestamp: timestamp, type: type, serverID: serverID, eventLength: UInt32(length),
            endPosition: UInt32(truncatingIfNeeded: position + UInt64(length)), flags: flags
        ).encode(into: &bytes)
        bytes += body
        if checksum == .crc32 { bytes.append(littleEndian: eventChecksum(of: bytes.span.bytes)) }
        return place(bytes)
    }

    private mutating func place(_ bytes: [UInt8]) -> SourceEvent {
        defer { position += UInt64(bytes.count) }
        return SourceEvent(bytes: bytes, file: name, position: position)
    }

    private var envelope: EventEnvelope {
        EventEnvelope(timestamp: 1_700_000_000, serverID: serverID, position: .startingAt(position), checksum: checksum)
    }

    mutating func format() -> SourceEvent {
        var bytes: [UInt8] = []
        FormatDescriptionEvent(
            serverVersion: serverVersion, postHeaderLengths: FormatDescriptionEvent.currentPostHeaderLengths, checksum: checksum
        ).encode(in: envelope, into: &bytes)
        return place(bytes)
    }

    mutating func previousGTIDs(_ set: GTIDSet) -> SourceEvent {
        var bytes: [UInt8] = []
        PreviousGTIDsEvent.encode(encodedSet: set.encoded(), in: envelope, into: &bytes)
        return place(bytes)
    }

    mutating func rotate(to next: String) -> SourceEvent {
        var bytes: [UInt8] = []
        RotateEvent.encode(fileName: next.utf8, position: 4, in: envelope, into: &bytes)
        return place(bytes)
    }

    mutating func query(_ text: String) -> SourceEvent {
        var bytes: [UInt8] = []
        QueryEvent.encode(text.utf8, database: "shop".utf8, in: envelope, into: &bytes)
        return place(bytes)
    }

    mutating func gtid(_ number: UInt64, type: EventType = .gtid) -> SourceEvent {
        var body: [UInt8] = [0]
        body += type == .gtid ? Self.source.bytes : [UInt8](repeating: 0, count: 16)
        body.append(littleEndian: type == .gtid ? number : 0)
        return event(type, body)
    }

    /// GTID, BEGIN, an event of rows for each count of bytes in its body, XID.
    mutating func transaction(_ number: UInt64, rowBytes: [Int] = [100]) -> [SourceEvent] {
        var events = [gtid(number), query("BEGIN")]
        for (index, count) in rowBytes.enumerated() {
            let fill = UInt8(truncatingIfNeeded: number &+ UInt64(index))
            events.append(event(.writeRows, [UInt8](repeating: fill, count: count)))
        }
        events.append(event(.xid, [UInt8](repeating: 9, count: 8)))
        return events
    }

    static func gtid(_ number: UInt64) -> GTID { GTID(source: source, tag: .none, number: number)! }

    static func set(_ ranges: String) -> GTIDSet {
        guard !ranges.isEmpty else { return GTIDSet() }
        return try! GTIDSet(parsing: "\(source):\(ranges)")
    }
}

/// What a source sends: the packets of a dump.
enum SourceStream {
    static func artificialRotate(_ file: String, position: UInt64 = 4, checksum: ChecksumAlgorithm = .crc32) -> [UInt8] {
        var bytes: [UInt8] = []
        RotateEvent.encode(
            fileName: file.utf8, position: position, in: .artificial(serverID: 1, checksum: checksum), into: &bytes)
        return bytes
    }

    static func heartbeat(_ file: String, position: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        HeartbeatEvent.encodeV2(fileName: file.utf8, position: position, serverID: 1, checksum: .crc32, into: &bytes)
        return bytes
    }

    static func packets(_ events: [[UInt8]], sequence: UInt8 = 1) -> [UInt8] {
        var writer = PacketWriter(sequence: sequence)
        for event in events { writer.append([0] + event) }
        return writer.bytes
    }
}

/// A payload with the sequence number of its first packet.
struct ReceivedPayload: Hashable {
    var sequence: UInt8
    var bytes: [UInt8]
}

/// Cuts bytes into payloads; nil where they are not whole packets.
func payloads(of bytes: [UInt8]) -> [ReceivedPayload]? {
    var result: [ReceivedPayload] = []
    var offset = 0
    var open: ReceivedPayload?
    while offset < bytes.count {
        guard bytes.count - offset >= 4 else { return nil }
        let length = Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2]) << 16
        var payload = open ?? ReceivedPayload(sequence: bytes[offset + 3], bytes: [])
        guard bytes.count - offset - 4 >= length else { return nil }
        payload.bytes += bytes[offset + 4..<offset + 4 + length]
        offset += 4 + length
        open = payload
        if length < PacketFraming.maxPacketPayloadBytes {
            result.append(payload)
            open = nil
        }
    }
    return open == nil ? result : nil
}
