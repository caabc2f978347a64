import Common

/// Events as servers send them in a dump, made by hand.
enum DumpEvents {
    static let magic = BinlogMagic.plain

    /// An event of any type with a body that is not looked at.
    static func event(_ type: EventType, body: [UInt8], timestamp: UInt32 = 1_700_000_000, flags: EventFlags = []) -> [UInt8] {
        let length = UInt32(EventHeader.byteCount + body.count)
        var bytes: [UInt8] = []
        EventHeader(timestamp: timestamp, type: type, serverID: 7, eventLength: length, flags: flags).encode(into: &bytes)
        return bytes + body
    }

    static func rotate(to file: String, position: UInt64 = 4, checksum: ChecksumAlgorithm) -> [UInt8] {
        var bytes: [UInt8] = []
        RotateEvent.encode(
            fileName: file.utf8, position: position, in: .artificial(serverID: 7, checksum: checksum), into: &bytes)
        return bytes
    }

    static func heartbeat(in file: String, version2: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        if version2 {
            HeartbeatEvent.encodeV2(fileName: file.utf8, position: 1000, serverID: 7, checksum: .crc32, into: &bytes)
        } else {
            HeartbeatEvent.encode(fileName: file.utf8, position: 1000, serverID: 7, checksum: .crc32, into: &bytes)
        }
        return bytes
    }

    /// The payload that an event comes in.
    static func payload(_ event: [UInt8]) -> [UInt8] { [0] + event }

    static let end = EOFPacket().encoded(for: [.protocol41])

    /// The packets of a dump.
    static func packets(_ payloads: [[UInt8]]) -> [UInt8] {
        var writer = PacketWriter(sequence: 1)
        for payload in payloads { writer.append(payload) }
        return writer.bytes
    }
}

/// Two files as a dump sends them, and as they are.
struct TwoFiles {
    let first: [[UInt8]]
    let second: [[UInt8]]
    let stream: [UInt8]

    init() {
        let small = DumpEvents.event(.query, body: Array("BEGIN and more of it".utf8))
        let large = DumpEvents.event(.writeRows, body: (0..<20_000).map { UInt8(truncatingIfNeeded: $0) })
        first = [DumpEvents.event(.formatDescription, body: [4, 0]), small, large, DumpEvents.event(.rotate, body: [4] + Array("x".utf8))]
        second = [DumpEvents.event(.formatDescription, body: [4, 1]), small]
        var payloads = [DumpEvents.rotate(to: "binlog.000001", checksum: .none)]
        payloads += first
        payloads.insert(DumpEvents.heartbeat(in: "binlog.000001", version2: true), at: 3)
        payloads.append(DumpEvents.rotate(to: "binlog.000002", checksum: .crc32))
        payloads += second
        payloads.append(DumpEvents.heartbeat(in: "binlog.000002", version2: false))
        stream = DumpEvents.packets(payloads.map(DumpEvents.payload) + [DumpEvents.end])
    }

    /// The two files' bytes.
    var files: [[UInt8]] { [first, second].map { DumpEvents.magic + $0.joined() } }
}
