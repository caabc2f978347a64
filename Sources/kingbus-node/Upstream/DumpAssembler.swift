import Common
import Log

/// Turns the bytes of a dump connection into batches for the log: packets into events, events into transactions.
///
/// It decides what is stored: everything that stands in the upstream's files but PREVIOUS_GTIDS, STOP and what is held already.
/// Artificial events and heartbeats only say where the stream is.
struct DumpAssembler {
    /// A larger event is written to an unlinked file while it arrives, and takes no memory.
    static let maxEventBytesInMemory = 32 << 20

    /// An error packet is no larger than this.
    private static let maxErrorBytes = 64 << 10

    /// A FORMAT_DESCRIPTION is no larger than this: every segment file begins with a copy.
    private static let maxFormatBytes = 4 << 10

    /// No file is longer than this; what is added to a position that was announced cannot overflow.
    private static let maxPosition: UInt64 = 1 << 62

    /// What the assembler must know of the log when the dump begins.
    struct Start {
        /// The set that was asked for: what is in it is not stored again.
        var held: GTIDSet
        /// Where the log's last event ends; nil on the first contact.
        var stored: UpstreamPosition?
        /// The format that the log's last segment has; nil on the first contact.
        var format: FormatDescriptionEvent?
        /// What the upstream puts at the end of events before its FORMAT_DESCRIPTION says so.
        var checksum: ChecksumAlgorithm
        /// Where spool files are made.
        var spoolDirectory: String
    }

    private let start: Start
    private var scanner = PacketScanner(nextSequence: 1, maxPayloadBytes: Int(EntryHeader.maxPayloadBytes))
    private var boundary = TransactionBoundary()
    private(set) var builder = BatchBuilder()
    /// Where the next event stands.
    private(set) var position = UpstreamPosition(file: [], offset: 0)
    private var checksum: ChecksumAlgorithm
    /// The format of the segment that stored events go to.
    private var format: FormatDescriptionEvent?
    /// Whether the dump has said how its events are to be read.
    private var hasFormat = false
    /// A FORMAT_DESCRIPTION that is no news by its place, though events of another format are stored: if any of its file's events is
    /// stored, it must be stored before.
    private var olderFormat: (event: [UInt8], description: FormatDescriptionEvent, position: UpstreamPosition)?
    /// Whether events behind the last stored one have been seen, so that ROTATE and FORMAT_DESCRIPTION are news.
    private var isPastStored: Bool
    /// Whether the open transaction is held already.
    private var isSkipping = false

    /// The bytes of an event that arrives in fragments.
    private var partial: [UInt8] = []
    private var hasStatusByte = false
    private var large: LargeEvent?

    private struct LargeEvent {
        var header: EventHeader
        var head: [UInt8]
        var spool: Spool
        var crc: UInt32
        var trailer: [UInt8]
    }

    /// Transactions that were complete, and events and bytes that were stored, since the dump began.
    private(set) var transactions: UInt64 = 0
    private(set) var events: UInt64 = 0
    private(set) var bytes: UInt64 = 0
    /// The commit time of the newest event, in seconds since 1970.
    private(set) var lastTimestamp: UInt32 = 0
    private(set) var lastGTID: GTID?

    init(_ start: Start) {
        self.start = start
        checksum = start.checksum
        format = start.format
        isPastStored = start.stored == nil
    }

    mutating func takeBatch(eager: Bool) -> Batch? { builder.next(eager: eager) }

    /// Takes in what the socket gave.
    mutating func receive(_ received: RawSpan) throws(UpstreamFailure) {
        do {
            var offset = 0
            while let fragment = try scanner.next(in: received, from: &offset) {
                try consume(received.extracting(fragment.range), begins: fragment.beginsPayload, ends: fragment.endsPayload)
            }
        } catch let error as UpstreamFailure {
            throw error
        } catch let error as CodecError {
            throw .malformed(error)
        } catch let error as LogError {
            throw .retry("spool", "an event too large for memory could not be written: \(error)", hint: "Free space there.")
        } catch {
            throw .retry("malformed_stream", "the upstream's packets cannot be read: \(error)")
        }
    }

    private mutating func consume(_ fragment: RawSpan, begins: Bool, ends: Bool) throws {
        if begins {
            hasStatusByte = false
            partial.removeAll(keepingCapacity: partial.capacity <= BatchBuilder.targetBytes)
        }
        if begins && ends {
            guard fragment.byteCount > 0 else { throw CodecError(.truncated, at: 0, "an empty packet stands in the dump") }
            let status = fragment.byte(at: 0)
            guard status == 0 else { throw Self.endOfDump(fragment) }
            try handle(fragment.extracting(1..<fragment.byteCount))
            return
        }
        if large != nil {
            try continueLarge(fragment)
        } else {
            partial.append(fragment)
        }
        if !hasStatusByte, let status = partial.first {
            guard status == 0 else {
                if ends { throw Self.endOfDump(partial.span.bytes) }
                guard partial.count <= Self.maxErrorBytes else {
                    throw CodecError(.invalid, at: 0, "packet type \(status) in the dump is unknown")
                }
                return
            }
            partial.removeFirst()
            hasStatusByte = true
        }
        if large == nil, !ends, partial.count >= TransactionBoundary.headByteCount { try beginLargeIfNeeded() }
        guard ends else { return }
        if large != nil {
            try finishLarge()
        } else {
            let event = partial
            partial = []
            try handle(event.span.bytes)
            partial = event
        }
    }

    private static func endOfDump(_ payload: RawSpan) -> UpstreamFailure {
        if let error = try? ErrorPacket(decoding: payload) {
            // A new dump would begin in a later file, and the transaction would be left out without a word.
            if error.message.hasPrefix(anonymousTransactionMessage) {
                return anonymous("the upstream has a transaction without a GTID: \(error.message.prefix { $0 != ";" })")
            }
            return .retry("dump_error", "the upstream ended the dump: \(error.code.rawValue) \(error.message)")
        }
        return .retry("dump_ended", "the upstream ended the dump")
    }

    // MARK: - Events that fit memory

    private mutating func handle(_ event: RawSpan) throws {
        let header = try EventHeader(decoding: event)
        guard Int(header.eventLength) == event.byteCount else {
            throw CodecError(.invalid, at: 9, "an event of \(header.eventLength) bytes came in a packet of \(event.byteCount)")
        }
        if checksum == .crc32 || header.type == .formatDescription { try check(header, event) }
        if try handleOutsideLog(header, event) { return }
        try trackPosition(header)
        // Before it is stored: what is, is proposed although the dump ends here, and must fold.
        let target = header.type == .rotate ? try Self.target(RotateEvent(decoding: event, checksum: checksum)) : nil
        if header.type == .formatDescription || header.type == .rotate {
            try handleFileEvent(header, event)
        } else {
            try store(header, event)
        }
        position.offset += UInt64(header.eventLength)
        if let target { position = target }
    }

    private func check(_ header: EventHeader, _ event: RawSpan) throws {
        do {
            if header.type == .formatDescription, try FormatDescriptionEvent(decoding: event).checksum == nil { return }
            try verifyChecksum(event: event)
        } catch {
            guard error.code == .checksumMismatch else { throw error }
            throw UpstreamFailure.blocked(
                "checksum",
                "the \(header.type) event at \(String(decoding: position.file, as: UTF8.self)):\(position.offset) of the upstream has a wrong checksum",
                hint: "Check the upstream's binlog with mysqlbinlog --verify-binlog-checksum; start again with kingbus-ctl upstream start.")
        }
    }

    /// Whether the event was made for this connection only, or says nothing that is kept; then it is done with.
    private mutating func handleOutsideLog(_ header: EventHeader, _ event: RawSpan) throws -> Bool {
        switch header.type {
        case .rotate where header.timestamp == 0 || header.flags.contains(.artificial):
            let target = try Self.target(RotateEvent(decoding: event, checksum: checksum))
            guard !boundary.isOpen || target == position else { throw Self.cutOff }
            position = target
            return true
        case .heartbeat, .heartbeatV2:
            let beat = try HeartbeatEvent(decoding: event, checksum: checksum)
            if !boundary.isOpen, beat.fileName.isEqual(to: position.file.span.bytes), beat.position > position.offset {
                position.offset = try Self.checked(beat.position)
            }
            return true
        case .previousGTIDs, .stop:
            guard !boundary.isOpen else { throw Self.cutOff }
            try trackPosition(header)
            position.offset += UInt64(header.eventLength)
            return true
        default:
            return false
        }
    }

    private static let cutOff = UpstreamFailure.retry(
        "cut_off", "the upstream's file ends inside a transaction: it was restarted while it wrote")

    private static func target(_ rotate: borrowing RotateEvent) throws -> UpstreamPosition {
        guard rotate.fileName.byteCount <= EntryHeader.maxFileNameBytes else {
            throw CodecError(.invalid, at: EventHeader.byteCount, "a binlog file's name has \(rotate.fileName.byteCount) bytes")
        }
        return UpstreamPosition(file: rotate.fileName.array, offset: try checked(rotate.position))
    }

    private static func checked(_ position: UInt64) throws -> UInt64 {
        guard position <= maxPosition else { throw CodecError(.invalid, at: EventHeader.byteCount, "no file has a position \(position)") }
        return position
    }

    private mutating func trackPosition(_ header: EventHeader) throws {
        guard !position.file.isEmpty else { throw CodecError(.invalid, at: 0, "the dump does not begin with a ROTATE event") }
        guard header.endPosition != 0 else { return }
        let before = position.offset
        position.advance(toStartOf: header.eventLength, endingAt: header.endPosition)
        if boundary.isOpen, position.offset != before {
            throw CodecError(
                .invalid, at: 13, "events are missing inside a transaction at \(String(decoding: position.file, as: UTF8.self)):\(before)")
        }
    }

    private mutating func handleFileEvent(_ header: EventHeader, _ event: RawSpan) throws {
        guard !boundary.isOpen else { throw Self.cutOff }
        if let stored = start.stored, !isPastStored { isPastStored = position.isAtOrBehind(stored) }
        if header.type == .formatDescription {
            guard event.byteCount <= Self.maxFormatBytes else {
                throw CodecError(.invalid, at: 9, "a FORMAT_DESCRIPTION has \(event.byteCount) bytes")
            }
            let description = try FormatDescriptionEvent(decoding: event)
            checksum = description.checksum ?? .none
            hasFormat = true
            let isSame = format.map { $0.hasSameFormat(as: description) } ?? false
            olderFormat = isPastStored || isSame ? nil : (event.array, description, position)
            guard isPastStored else { return }
            format = description
            if !isSame {
                builder.append(newFormat: event, file: position.file, position: position.offset)
                count(header)
                return
            }
        }
        guard isPastStored else { return }
        try storeOlderFormat()
        builder.append(event, role: .outside, file: position.file, position: position.offset)
        count(header)
    }

    private mutating func store(_ header: EventHeader, _ event: RawSpan) throws {
        if let role = try role(of: header, head: event) {
            try storeOlderFormat()
            builder.append(event, role: role, file: position.file, position: position.offset)
            isPastStored = true
            count(header)
        }
    }

    /// Before anything is stored: makes it begin a segment of the format that it has.
    private mutating func storeOlderFormat() throws {
        guard hasFormat else { throw CodecError(.invalid, at: 0, "the dump has events before its FORMAT_DESCRIPTION") }
        guard let older = olderFormat else { return }
        olderFormat = nil
        format = older.description
        builder.append(newFormat: older.event.span.bytes, file: older.position.file, position: older.position.offset)
    }

    private mutating func count(_ header: EventHeader) {
        events += 1
        bytes += UInt64(header.eventLength)
        lastTimestamp = max(lastTimestamp, header.timestamp)
    }

    /// What the event is to its transaction, or nil where it belongs to one that is held already.
    private mutating func role(of header: EventHeader, head: RawSpan) throws -> BatchBuilder.Role? {
        let action = try boundary.consume(header, head: head, checksum: checksum)
        switch action {
        case .begins:
            guard header.type == .gtid || header.type == .gtidTagged else { throw anonymous(header) }
            guard let gtid = try GTIDEvent(decoding: head, checksum: checksum).gtid else { throw anonymous(header) }
            isSkipping = start.held.contains(gtid)
            lastGTID = gtid
            return isSkipping ? nil : .begins
        case .continues: return isSkipping ? nil : .continues
        case .ends:
            transactions += 1
            return isSkipping ? nil : .ends
        case .outside:
            if boundary.isOpen { return isSkipping ? nil : .continues }
            return .outside
        case .whole: throw anonymous(header)
        case .aborts:
            throw UpstreamFailure.retry("cut_off", "the upstream broke off a transaction: it was restarted while it wrote")
        }
    }

    private func anonymous(_ header: EventHeader) -> UpstreamFailure {
        Self.anonymous(
            "the upstream has a transaction without a GTID at \(String(decoding: position.file, as: UTF8.self)):\(position.offset)")
    }

    private static func anonymous(_ message: String) -> UpstreamFailure {
        .blocked(
            "anonymous_transaction", message,
            hint:
                "Set gtid_mode=ON there and provision the replicas anew; then begin behind that transaction: --start-gtid-set on an empty data directory, or kingbus-ctl upstream start, which leaves it out."
        )
    }

    /// How MySQL's ER_CANT_REPLICATE_ANONYMOUS_WITH_AUTO_POSITION begins; it comes as error 1236, like all that ends a dump.
    private static let anonymousTransactionMessage = "Cannot replicate anonymous transaction"

    // MARK: - Events too large for memory

    private mutating func beginLargeIfNeeded() throws {
        let header = try EventHeader(decoding: partial.span.bytes)
        guard partial.count <= Int(header.eventLength) else {
            throw CodecError(.invalid, at: 9, "an event of \(header.eventLength) bytes came in a larger packet")
        }
        guard Int(header.eventLength) > Self.maxEventBytesInMemory else { return }
        var event = LargeEvent(header: header, head: [], spool: try Spool(directory: start.spoolDirectory), crc: 0, trailer: [])
        event.head = Array(partial.prefix(TransactionBoundary.headByteCount))
        large = event
        let held = partial
        partial = []
        try continueLarge(held.span.bytes)
    }

    private mutating func continueLarge(_ fragment: RawSpan) throws {
        guard var event = large else { return }
        large = nil
        let covered = Int(event.header.eventLength) - checksum.byteCount
        let uncovered = max(0, Int(event.spool.byteCount) + fragment.byteCount - covered)
        let split = max(0, fragment.byteCount - uncovered)
        event.crc = CRC32.checksum(of: fragment.extracting(0..<split), continuing: event.crc)
        event.trailer.append(fragment.extracting(split..<fragment.byteCount))
        guard event.trailer.count <= checksum.byteCount else {
            throw CodecError(.invalid, at: 9, "an event of \(event.header.eventLength) bytes came in a larger packet")
        }
        try event.spool.append(fragment)
        large = event
    }

    private mutating func finishLarge() throws {
        guard let event = large else { return }
        large = nil
        guard event.spool.byteCount == UInt64(event.header.eventLength) else {
            throw CodecError(.invalid, at: 9, "an event of \(event.header.eventLength) bytes came in a packet of \(event.spool.byteCount)")
        }
        if checksum == .crc32 {
            var reader = ByteReader(event.trailer.span.bytes)
            guard try reader.uint32() == event.crc else {
                throw UpstreamFailure.blocked(
                    "checksum",
                    "the \(event.header.type) event at \(String(decoding: position.file, as: UTF8.self)):\(position.offset) of the upstream has a wrong checksum",
                    hint:
                        "Check the upstream's binlog with mysqlbinlog --verify-binlog-checksum; start again with kingbus-ctl upstream start."
                )
            }
        }
        try trackPosition(event.header)
        guard let role = try role(of: event.header, head: event.head.span.bytes) else {
            position.offset += UInt64(event.header.eventLength)
            return
        }
        guard role == .continues || role == .ends else {
            throw CodecError(
                .invalid, at: 4, "a \(event.header.type) event of \(event.header.eventLength) bytes stands outside any transaction")
        }
        builder.append(event.spool, role: role, file: position.file, position: position.offset)
        isPastStored = true
        count(event.header)
        position.offset += UInt64(event.header.eventLength)
    }
}
