import Common
import Foundation

/// Serves one real binlog file as a source does, and breaks off each connection after as many bytes of its dump as it is told.
final class FakeSource: Sendable {
    struct Event {
        var bytes: [UInt8]
        var start: UInt64
        /// The transaction that it belongs to.
        var gtid: GTID?
    }

    static let file = "binlog.000001"
    let bytes: [UInt8]
    let events: [Event]
    private let hasGTIDs: Bool
    private let cuts: Record<[Int]>
    let requests = Record<[ClientCommand]>([])
    let identity = Record("the-one")

    /// - Parameter cuts: after how many bytes each connection ends; when they are used up, it stays.
    init(_ name: String, hasGTIDs: Bool, cuts: [Int]) throws {
        let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "CommonTests/Corpus/\(name)")
        bytes = [UInt8](try Data(contentsOf: corpus))
        events = try Self.events(of: bytes)
        self.hasGTIDs = hasGTIDs
        self.cuts = Record(cuts)
    }

    private static func events(of bytes: [UInt8]) throws -> [Event] {
        var events: [Event] = []
        var boundary = TransactionBoundary()
        var gtid: GTID?
        var start = BinlogMagic.byteCount
        while start < bytes.count {
            let rest = Array(bytes[start...])
            let header = try EventHeader(decoding: rest.span.bytes)
            let event = Array(rest.prefix(Int(header.eventLength)))
            if header.type == .gtid { gtid = try GTIDEvent(decoding: event.span.bytes, checksum: .crc32).gtid }
            let action = try boundary.consume(header, head: event.span.bytes, checksum: .crc32)
            events.append(Event(bytes: event, start: UInt64(start), gtid: action == .outside ? nil : gtid))
            if action == .ends { gtid = nil }
            start += event.count
        }
        return events
    }

    /// One connection.
    func serve(_ session: FakeServer.Session) throws {
        try session.logIn()
        let (command, _) = try session.awaitDump { [self] statement in
            guard statement.contains("server_uuid") else { return nil }
            let values = [identity.value, hasGTIDs ? "ON" : "OFF"].map { Array($0.utf8) }
            return ResultSet(columns: [.text("uuid"), .text("mode")], rows: [values])
        }
        requests.change { $0.append(command) }
        let dump = try dump(command)
        var cut: Int?
        cuts.change { if !$0.isEmpty { cut = $0.removeFirst() } }
        if let cut {
            try session.write(Array(dump.prefix(cut)))
        } else {
            try session.write(dump)
            session.waitForEnd()
        }
    }

    private func dump(_ command: ClientCommand) throws -> [UInt8] {
        var held = GTIDSet()
        var position: UInt64 = 4
        switch command {
        case .binlogDumpGTID(let request): held = try GTIDSet(decoding: request.encodedGTIDSet.span.bytes)
        case .binlogDump(let request): position = UInt64(request.position)
        default: break
        }
        var payloads = [DumpEvents.rotate(to: Self.file, position: position, checksum: .crc32)]
        // What tells the format is sent whatever the position is.
        if position > 4 { payloads.append(events[0].bytes) }
        for event in events where event.start >= position && !(event.gtid.map { held.contains($0) } ?? false) {
            payloads.append(event.bytes)
            if payloads.count % 5 == 0 { payloads.append(DumpEvents.heartbeat(in: Self.file, version2: true)) }
        }
        return DumpEvents.packets(payloads.map(DumpEvents.payload))
    }
}
