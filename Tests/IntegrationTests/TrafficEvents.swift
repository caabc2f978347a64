import Foundation

/// An event in a binlog file, as who knows no more than the first 19 bytes of events sees it.
struct TrafficEvent {
    static let formatDescription: UInt8 = 15
    static let ignorable: UInt8 = 28

    let file: String
    let offset: Int
    let type: UInt8
    let serverID: UInt32
    let bytes: Data

    /// All events of a file.
    static func all(in file: String) throws -> [TrafficEvent] {
        let data = try Data(contentsOf: URL(filePath: file), options: .alwaysMapped)
        guard data.prefix(4) == Data([0xfe, 0x62, 0x69, 0x6e]) else { throw CommandFailed(description: "\(file) is no binlog file") }
        var events: [TrafficEvent] = []
        var offset = 4
        while offset < data.count {
            guard offset + 19 <= data.count else { throw CommandFailed(description: "\(file) ends inside a header at \(offset)") }
            let (type, serverID, length) = data.withUnsafeBytes { bytes in
                (
                    bytes[offset + 4], UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 5, as: UInt32.self)),
                    Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 9, as: UInt32.self)))
                )
            }
            guard length >= 19, offset + length <= data.count else {
                throw CommandFailed(description: "\(file) has an event of \(length) bytes at \(offset)")
            }
            events.append(
                TrafficEvent(file: file, offset: offset, type: type, serverID: serverID, bytes: data[offset..<offset + length]))
            offset += length
        }
        return events
    }

    /// Seconds since 1970.
    var timestamp: UInt32 { UInt32(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }) }

    /// The bytes, of a FORMAT_DESCRIPTION without what may differ: the flag of a file in use, `created`, and so the checksum.
    var comparable: Data {
        guard type == Self.formatDescription else { return bytes }
        var copy = Data(bytes)
        copy[17] &= ~1
        for offset in 71..<75 { copy[offset] = 0 }
        for offset in copy.count - 4..<copy.count { copy[offset] = 0 }
        return copy
    }
}

extension TrafficEvent: CustomStringConvertible {
    var description: String { "event of type \(type) and \(bytes.count) bytes at \(file):\(offset)" }
}

extension TrafficServers {
    /// What the primary's own files hold, but STOP and PREVIOUS_GTIDS.
    func primaryEvents() throws -> [TrafficEvent] {
        try primary.binlogFiles.flatMap { try TrafficEvent.all(in: $0) }.filter { $0.type != 3 && $0.type != 35 }
    }

    /// What the segments hold, but their headers and what Kingbus has put between.
    func segmentEvents() async throws -> [TrafficEvent] {
        let own = try await status().serverID
        return try segments.flatMap { file in
            let events = try TrafficEvent.all(in: file)
            guard events.count > 2, events[0].type == TrafficEvent.formatDescription, events[1].type == 35 else {
                throw CommandFailed(description: "\(file) does not begin with FORMAT_DESCRIPTION and PREVIOUS_GTIDS")
            }
            return events.dropFirst(2).filter { $0.type != TrafficEvent.ignorable || $0.serverID != own }
        }
    }
}
