import Common
import SimulatedDisk

/// Events as a primary writes them, small enough to reason about.
enum SampleEvents {
    static let source = SourceID(high: 0x3e11_fa47_71ca_11e1, low: 0x9e33_c80a_a942_9562)

    static func event(_ type: EventType, _ body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        let length = UInt32(EventHeader.byteCount + body.count + 4)
        EventHeader(timestamp: 1_700_000_000, type: type, serverID: 1, eventLength: length).encode(into: &bytes)
        bytes.append(contentsOf: body)
        let crc = CRC32.checksum(of: bytes.span.bytes)
        bytes.append(littleEndian: crc)
        return bytes
    }

    static func gtid(_ number: UInt64) -> [UInt8] {
        var body: [UInt8] = [0]
        source.encode(into: &body)
        body.append(littleEndian: number)
        body.append(2)
        body.append(littleEndian: number &- 1)
        body.append(littleEndian: number)
        return event(.gtid, body)
    }

    /// A transaction of one row event with `rowBytes` bytes.
    static func transaction(_ number: UInt64, rowBytes: Int) -> [UInt8] { gtid(number) + rows(rowBytes, fill: number) + commit }

    static func rows(_ count: Int, fill: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: fill)
        var body: [UInt8] = []
        body.reserveCapacity(count + 8)
        while body.count < count { body.append(littleEndian: random.next()) }
        return event(.writeRows, Array(body[..<count]))
    }

    static let commit = event(.xid, [1, 0, 0, 0, 0, 0, 0, 0])

    static func formatDescription(_ version: String = "8.4.3", checksum: ChecksumAlgorithm = .crc32) -> [UInt8] {
        var bytes: [UInt8] = []
        FormatDescriptionEvent(
            serverVersion: version, postHeaderLengths: FormatDescriptionEvent.currentPostHeaderLengths, checksum: checksum
        ).encode(in: EventEnvelope(timestamp: 1_700_000_000, serverID: 1, position: .startingAt(4), checksum: .crc32), into: &bytes)
        return bytes
    }
}
