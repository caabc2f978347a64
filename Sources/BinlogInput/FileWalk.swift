import Common

/// Where a walk through one file is: in which entry, in which transaction.
package struct FileWalk: ~Copyable {
    package var reader: EventReader
    /// How far the file's entries may be shown; nil for a file that was named by itself.
    package var bounds: LogBounds?

    /// What the last FORMAT_DESCRIPTION says.
    package private(set) var description: FormatDescriptionEvent?
    package private(set) var eventCount = 0
    package private(set) var transactionCount = 0
    /// Whether the file's events say where in this file they end.
    private var hasOwnPositions = false

    /// The entry that the walk is in; nil before the first, and in a file without entries.
    package private(set) var entry: EntryEvent?
    /// Bytes that are still to come of the entry's events.
    package private(set) var payloadLeft: UInt64 = 0
    /// Whether the current event is the one that holds the entry's header.
    private var isAtEntryEvent = false
    package var isUncommitted = false

    private var boundary = TransactionBoundary()
    private var gtid: GTID?
    private var mariaDBGTID: MariaDBGTID?
    /// Whether the open transaction is to be shown.
    package private(set) var isWanted = false
    private var unfinished: String?
    private var unknownType: UInt8?
    private var toldTypes: Set<UInt8> = []

    package init(reader: consuming EventReader, bounds: LogBounds?) {
        self.reader = reader
        self.bounds = bounds
    }

    /// What an event is to the file.
    package enum Place {
        /// It holds the header of a log entry.
        case entry(EntryEvent)
        case event
    }

    /// Finds out what the event is, before anything else is done with it.
    package mutating func place(_ header: EventHeader) throws(CodecError) -> Place {
        eventCount += 1
        guard eventCount > 1 || header.type == .formatDescription || header.type == .startV3 else {
            throw CodecError(.invalid, at: 0, "the file does not begin with a FORMAT_DESCRIPTION event")
        }
        if payloadLeft > 0 {
            guard UInt64(header.eventLength) <= payloadLeft else {
                throw CodecError(.invalid, at: 0, "an event of \(header.eventLength) bytes goes past the end of its entry")
            }
            payloadLeft -= UInt64(header.eventLength)
        } else if EntryEvent.matches(header, head: reader.head) {
            return .entry(try EntryEvent(decoding: header, head: reader.head, checksum: reader.checksum, sharing: entry?.header))
        } else if entry != nil {
            throw CodecError(.invalid, at: 0, "a \(header.type) event stands where an entry's header belongs")
        }
        switch header.type {
        case .formatDescription, .startV3: try adopt(header)
        case .startEncryption: try StartEncryptionEvent(decoding: reader.head, checksum: reader.checksum).checkReadable()
        default: break
        }
        return .event
    }

    private mutating func adopt(_ header: EventHeader) throws(CodecError) {
        let description = try FormatDescriptionEvent(decoding: reader.head)
        reader.adopt(description)
        self.description = description
        if eventCount == 1 {
            let end = UInt32(truncatingIfNeeded: reader.offset + UInt64(header.eventLength))
            hasOwnPositions = header.endPosition == end && !header.flags.contains(.relayLog)
        }
    }

    /// Throws where the event does not end where its header says. A relay log and a segment hold another server's positions.
    package func checkPosition(_ header: EventHeader) throws(CodecError) {
        guard hasOwnPositions, entry == nil, header.endPosition != 0, !header.flags.contains(.artificial) else { return }
        let end = reader.offset + UInt64(header.eventLength)
        guard header.endPosition == UInt32(truncatingIfNeeded: end) else {
            throw CodecError(.invalid, at: 0, "the event says that it ends at byte \(header.endPosition), and it ends at \(end)")
        }
    }

    package mutating func enter(_ entry: EntryEvent) {
        self.entry = entry
        isAtEntryEvent = true
        payloadLeft = entry.payloadBehind
        guard entry.header.kind == .abort else { return }
        unfinished = openTransaction
        boundary.reset()
    }

    /// Moves behind the current event; returns whether it was the one that holds an entry's header.
    package mutating func leaveEntryEvent() -> Bool {
        defer { isAtEntryEvent = false }
        return isAtEntryEvent
    }

    /// Lets the reader show the whole event.
    package mutating func loadWhole() throws(CodecError) {
        do { try reader.loadWhole() } catch { throw CodecError(.unsupported, at: 0, error.reason) }
    }

    // MARK: - Transactions

    /// Takes the event into account for where transactions begin and end.
    package mutating func advance(_ header: EventHeader) throws(CodecError) -> TransactionBoundary.Action {
        // What stands in an abort's payload only closes the transaction for tools that know nothing of entries.
        if entry?.header.kind == .abort { return .outside }
        do throws(CodecError) {
            let action = try boundary.consume(header, head: reader.head, checksum: reader.checksum)
            guard action == .aborts else { return action }
            unfinished = openTransaction
            boundary.reset()
            return try boundary.consume(header, head: reader.head, checksum: reader.checksum)
        } catch {
            guard error.code == .unsupported else { throw error }
            if toldTypes.insert(header.type.rawValue).inserted { unknownType = header.type.rawValue }
            return boundary.isOpen ? .continues : .outside
        }
    }

    package mutating func beginTransaction(_ gtid: GTID?, mariaDB: MariaDBGTID? = nil, isWanted: Bool) {
        self.gtid = gtid
        mariaDBGTID = mariaDB
        self.isWanted = isWanted
    }

    /// Counts the transaction that has ended, and returns its GTID.
    package mutating func endTransaction() -> GTID? {
        transactionCount += 1
        defer { gtid = nil }
        return gtid
    }

    package var isInTransaction: Bool { boundary.isOpen }

    /// The name of the transaction that has begun and not ended.
    package var openTransaction: String? {
        guard boundary.isOpen else { return nil }
        if let mariaDBGTID { return "transaction \(mariaDBGTID)" }
        return gtid.map { "transaction \($0)" } ?? "a transaction without a GTID"
    }

    /// The name of a transaction that another event cut short, once.
    package mutating func takeUnfinished() -> String? {
        defer { unfinished = nil }
        return unfinished
    }

    /// A type that no version known here writes, once.
    package mutating func takeUnknownType() -> UInt8? {
        defer { unknownType = nil }
        return unknownType
    }
}
