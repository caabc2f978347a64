import Common
import SimulatedDisk

/// A primary's binlog files: what it writes during a run, known from the beginning.
final class Source {
    /// An event of no transaction, or all events of a transaction.
    struct Item {
        enum Content {
            case transaction(UInt64)
            case format(version: String)
            case rotate
        }

        var content: Content
        var file: [UInt8]
        /// Where in the file each event begins.
        var positions: [UInt64]
        var events: [[UInt8]]
        /// When the source has written it, in microseconds; set back to the end of the faults for the last ones.
        var writtenAt: UInt64
        /// A transaction that is sent in chunks.
        var isChunked = false
    }

    static let id = SourceID(high: 0x3e11_fa47_71ca_11e1, low: 0x9e33_c80a_a942_9562)

    private(set) var items: [Item] = []
    /// All events that a log stores, one behind the other.
    private(set) var bytes: [UInt8] = []
    private(set) var lastGTID: UInt64
    let purged: GTIDSet

    private var file = 1
    private var position: UInt64 = 4
    private var version = "8.4.3"
    private var time: UInt64 = 0

    init(_ plan: Plan, _ random: inout SeededGenerator) {
        lastGTID = plan.purgedAtStart
        purged = Self.set(through: lastGTID)
        addFormat()
        while time < plan.duration {
            addSomething(&random)
            time += UInt64.random(in: 0...2 * plan.transactionGap, using: &random)
            // A busy moment.
            if random.oneIn(40) { for _ in 0..<20 { addSomething(&random) } }
        }
    }

    static func set(through number: UInt64) -> GTIDSet {
        var set = GTIDSet()
        if number > 0 { set.insert(source: id, range: 1...number) }
        return set
    }

    /// Writes some more, at once.
    func writeMore(at time: UInt64, _ random: inout SeededGenerator) {
        self.time = time
        for _ in 0..<6 { addSomething(&random) }
    }

    private func addSomething(_ random: inout SeededGenerator) {
        if random.oneIn(30) {
            addRotate()
            if random.oneIn(3) { version = version == "8.4.3" ? "9.7.4" : "8.4.3" }
            addFormat()
        }
        addTransaction(&random)
    }

    // MARK: - Events

    private var fileName: [UInt8] { Self.name(file) }

    private static func name(_ number: Int) -> [UInt8] { Array("binlog.\(1_000_000 + number)".utf8) }

    private var envelope: EventEnvelope {
        EventEnvelope(timestamp: 1_700_000_000, serverID: 1, position: .startingAt(position), checksum: .crc32)
    }

    private func event(_ type: EventType, _ body: [UInt8]) -> [UInt8] {
        let length = EventHeader.byteCount + body.count + ChecksumAlgorithm.crc32.byteCount
        var bytes: [UInt8] = []
        EventHeader(
            timestamp: 1_700_000_000, type: type, serverID: 1, eventLength: UInt32(length),
            endPosition: UInt32(truncatingIfNeeded: position) + UInt32(length)
        ).encode(into: &bytes)
        bytes += body
        let crc = eventChecksum(of: bytes.span.bytes)
        bytes.append(littleEndian: crc)
        return bytes
    }

    private func add(_ content: Item.Content, isChunked: Bool = false, _ events: [() -> [UInt8]]) {
        var item = Item(content: content, file: fileName, positions: [], events: [], writtenAt: time, isChunked: isChunked)
        for make in events {
            let event = make()
            item.positions.append(position)
            item.events.append(event)
            bytes += event
            position += UInt64(event.count)
        }
        items.append(item)
    }

    private func addFormat() {
        add(
            .format(version: version),
            [
                { [self] in
                    var bytes: [UInt8] = []
                    FormatDescriptionEvent(
                        serverVersion: version, postHeaderLengths: FormatDescriptionEvent.currentPostHeaderLengths, checksum: .crc32
                    ).encode(in: envelope, into: &bytes)
                    return bytes
                }
            ])
    }

    private func addRotate() {
        let next = Self.name(file + 1)
        add(
            .rotate,
            [
                { [self] in
                    var bytes: [UInt8] = []
                    RotateEvent.encode(fileName: next, position: 4, in: envelope, into: &bytes)
                    return bytes
                }
            ])
        file += 1
        position = 4
    }

    private func addTransaction(_ random: inout SeededGenerator) {
        lastGTID += 1
        let number = lastGTID
        let isChunked = random.oneIn(8)
        let sizes = (0..<(isChunked ? Int.random(in: 2...5, using: &random) : 1)).map { _ in
            random.oneIn(20) ? 9000 : Int.random(in: 20...700, using: &random)
        }
        var events: [() -> [UInt8]] = [
            { [self] in
                var body: [UInt8] = [0]
                Self.id.encode(into: &body)
                body.append(littleEndian: number)
                return event(.gtid, body)
            },
            { [self] in
                var bytes: [UInt8] = []
                QueryEvent.encode("BEGIN".utf8, database: "shop".utf8, in: envelope, into: &bytes)
                return bytes
            },
        ]
        for (index, size) in sizes.enumerated() {
            let fill = UInt8(truncatingIfNeeded: number &* 7 &+ UInt64(index))
            events.append { [self] in event(.writeRows, [UInt8](repeating: fill, count: size)) }
        }
        events.append { [self] in event(.xid, [UInt8](repeating: 9, count: 8)) }
        add(.transaction(number), isChunked: isChunked, events)
    }
}
