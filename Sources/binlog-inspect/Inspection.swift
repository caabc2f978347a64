import Common
import Log

/// What the command line asks for.
struct InspectOptions {
    var filter = TransactionFilter()
    /// Events to print at most.
    var limit: UInt64?
    var verify = false
    var showsUncommitted = false
}

/// Goes through the inputs in order, printing what is wanted and, if asked, checking everything.
struct Inspection: ~Copyable {
    let options: InspectOptions
    private var output: Output
    private var ledger = GTIDLedger()
    private var verifier = SegmentVerifier()
    private var printedEvents: UInt64 = 0
    private var hasHeading = false
    /// The last log entry whose header was read, in whatever segment; 0 before the first.
    private var lastIndex: UInt64 = 0
    /// The last log entry that was read to its end.
    private var completeIndex: UInt64 = 0

    init(_ options: InspectOptions, output: consuming Output) {
        self.options = options
        self.output = output
    }

    /// Whether there is nothing more to print or to check.
    private var isDone: Bool { !options.verify && options.limit.map { printedEvents >= $0 } ?? false }

    /// Shows all inputs: files, `-` for stdin, or data directories.
    ///
    /// Everything before what went wrong has been printed when this throws.
    mutating func run(_ inputs: [String]) throws(InspectError) {
        do throws(InspectError) {
            for input in inputs where !isDone {
                if StoredLog.isDirectory(input) { try inspectLog(input) } else { try inspectFile(input) }
            }
            if options.verify, !ledger.gaps.isEmpty { note("GTIDs that are in no file: \(ledger.gaps)") }
        } catch {
            if error.code != .outputClosed { try output.flush() }
            throw error
        }
        try output.flush()
    }

    // MARK: - A data directory

    private mutating func inspectLog(_ directory: String) throws(InspectError) {
        let log: StoredLog
        do { log = try StoredLog(directory: directory) } catch {
            throw InspectError(
                error.code == .corruption ? .damaged : .failure, file: error.file, offset: error.offset, error.reason, hint: error.hint)
        }
        let bounds = try LogBounds(of: log, showsRest: options.showsUncommitted)
        lastIndex = 0
        completeIndex = 0
        for segment in log.segments where !isDone {
            if segment.firstIndex > bounds.visible, !bounds.showsRest { return }
            do throws(InspectError) {
                guard try inspectFile(segment.path, within: bounds) else { return }
            } catch {
                // Above the durable mark, a crash or a write that is under way leaves what recovery cuts off.
                guard error.code == .damaged, segment.path == log.segments.last?.path, completeIndex >= bounds.durable, bounds.showsRest
                else {
                    throw error
                }
                return note("the log ends in an entry that is being written, or was never finished: \(error)")
            }
        }
        if let last = log.segments.last, !isDone, completeIndex < bounds.durable {
            throw InspectError(
                .damaged, file: last.path, "the log ends with entry \(completeIndex), and entries up to \(bounds.durable) were durable",
                hint: "the node cannot start on it; restore the directory from a copy, or let the node rejoin empty")
        }
    }

    // MARK: - A file

    /// Shows one file; returns whether the log goes on in the next one.
    @discardableResult
    private mutating func inspectFile(_ path: String, within bounds: LogBounds? = nil) throws(InspectError) -> Bool {
        var walk = FileWalk(reader: try EventReader(ByteInput(path: path)), bounds: bounds)
        if options.filter.wantsOthers || options.verify {
            output.bytes.append("# ")
            output.bytes.append(text: path == "-" ? "stdin" : path)
            output.bytes.append("\n")
        }
        if !hasHeading {
            output.bytes.append(EventText.heading)
            hasHeading = true
        }
        while let header = try walk.reader.next() {
            let mark = output.bytes.count
            do throws(InspectError) {
                guard try take(header, &walk) else { return false }
                try finish(&walk)
            } catch {
                output.bytes.removeSubrange(mark...)
                throw error
            }
            try output.flushIfLarge()
            if isDone { return false }
        }
        try end(&walk)
        return true
    }

    /// Moves behind the event, and behind the entry that ends with it.
    private mutating func finish(_ walk: inout FileWalk) throws(InspectError) {
        let offset = walk.reader.offset
        try walk.reader.finish(verifying: options.verify)
        if walk.leaveEntryEvent() { walk.reader.restartDigest() }
        guard let entry = walk.entry, walk.payloadLeft == 0 else { return }
        if options.verify, entry.header.kind.hasEventPayload {
            do { try verifier.endPayload(digest: walk.reader.digest) } catch {
                throw walk.reader.damage("entry \(entry.header.index): \(error.reason)", at: offset)
            }
        }
        completeIndex = entry.header.index
    }

    /// Takes the event that the reader stands at; returns false where the file is not to be read on.
    private mutating func take(_ header: EventHeader, _ walk: inout FileWalk) throws(InspectError) -> Bool {
        do throws(CodecError) {
            let step = try walk.place(header)
            switch step {
            case .entry(let entry): return try takeEntry(entry, header, &walk)
            case .event: return try takeEvent(header, &walk)
            }
        } catch {
            var damage = walk.reader.damage(error.reason)
            if error.code == .unsupported { damage.code = .failure }
            // Where the bytes are not what was written, that is the cause, and what they seem to say is not.
            if options.verify { try walk.reader.finish(verifying: true) }
            throw damage
        }
    }

    private mutating func takeEntry(_ entry: EntryEvent, _ header: EventHeader, _ walk: inout FileWalk) throws(CodecError) -> Bool {
        let index = entry.header.index
        if let bounds = walk.bounds {
            guard index <= bounds.visible || bounds.showsRest else { return false }
            guard lastIndex == 0 || index == lastIndex + 1 else {
                throw CodecError(.invalid, at: 0, "entry \(index) follows entry \(lastIndex)")
            }
            walk.isUncommitted = index > bounds.visible
        }
        if options.verify {
            if entry.payloadInside > 0 { try walk.loadWhole() }
            try verifier.take(entry, event: walk.reader.head, prefix: walk.entry == nil ? walk.reader.digest : nil)
        }
        lastIndex = index
        walk.enter(entry)
        if options.filter.wantsOthers { print(header, walk) { EventText.appendDetails(entry.header, to: &$0) } }
        return true
    }

    private mutating func takeEvent(_ header: EventHeader, _ walk: inout FileWalk) throws(CodecError) -> Bool {
        if options.verify {
            try walk.checkPosition(header)
            try verifier.take(header, head: walk.reader.head)
        }
        let action = try walk.advance(header)
        if let unfinished = walk.takeUnfinished() { note("\(unfinished) was never finished") }
        if let type = walk.takeUnknownType() { note("event type \(type) is not known and passed over") }
        switch header.type {
        case .gtid, .anonymousGTID, .gtidTagged:
            let event = try GTIDEvent(decoding: walk.reader.head, checksum: walk.reader.checksum)
            walk.beginTransaction(event.gtid, isWanted: options.filter.wants(event.gtid))
            if walk.isWanted, mayPrint { EventText.appendTransaction(event, to: &output.bytes) }
            if walk.isWanted { print(header, walk) { EventText.appendDetails(event, to: &$0) } }
            return true
        case .mariaDBGTID:
            let gtid = try MariaDBGTIDEvent(decoding: walk.reader.head, checksum: walk.reader.checksum).gtid
            walk.beginTransaction(nil, mariaDB: gtid, isWanted: options.filter.wants(nil))
            if walk.isWanted, mayPrint { EventText.appendTransaction(gtid, to: &output.bytes) }
            if walk.isWanted { try printDetails(header, walk, walk.reader.checksum) }
            return true
        case .gtidList, .transactionContext, .createFile: try walk.loadWhole()
        case .previousGTIDs:
            try walk.loadWhole()
            let set = try PreviousGTIDsEvent(decoding: walk.reader.head, checksum: walk.reader.checksum).gtidSet()
            if options.filter.isSatisfied(before: set), !options.verify { return false }
            let missing = ledger.begin(behind: set)
            if options.verify, !missing.isEmpty { note("executed before this file, and in none of the files before it: \(missing)") }
            if options.filter.wantsOthers { print(header, walk) { EventText.appendDetails(set, to: &$0) } }
            return true
        case .formatDescription:
            if options.filter.wantsOthers, let description = walk.description {
                print(header, walk) { EventText.appendDetails(description, header, to: &$0) }
            }
            return true
        default: break
        }
        if action == .begins || action == .whole { walk.beginTransaction(nil, isWanted: options.filter.wants(nil)) }
        if action == .outside ? options.filter.wantsOthers : walk.isWanted {
            let checksum = walk.reader.checksum
            try printDetails(header, walk, checksum)
        }
        if action == .ends || action == .whole, let gtid = walk.endTransaction(), !ledger.take(gtid), options.verify {
            note("\(gtid) is there twice")
        }
        return true
    }

    /// Tells how the file ended.
    private mutating func end(_ walk: inout FileWalk) throws(InspectError) {
        if walk.payloadLeft > 0, let entry = walk.entry {
            throw walk.reader.damage("the file ends inside entry \(entry.header.index)")
        }
        if walk.eventCount == 0 { throw walk.reader.damage("the file ends before its FORMAT_DESCRIPTION event") }
        if let unfinished = walk.openTransaction { note("the file ends inside \(unfinished)") }
        guard options.verify else { return }
        output.bytes.append("# verified: ")
        output.bytes.append(decimal: walk.eventCount)
        output.bytes.append(" events, ")
        output.bytes.append(decimal: walk.transactionCount)
        output.bytes.append(" transactions, ")
        output.bytes.append(decimal: walk.reader.offset)
        output.bytes.append(" bytes, checksum ")
        output.bytes.append(walk.reader.checksum == .crc32 ? "CRC32\n" : "NONE\n")
    }

    // MARK: - Printing

    private var mayPrint: Bool { options.limit.map { printedEvents < $0 } ?? true }

    /// Appends an event's line, unless enough have been printed.
    private mutating func print(_ header: EventHeader, _ walk: borrowing FileWalk, _ appendDetails: (inout [UInt8]) -> Void) {
        guard mayPrint else { return }
        printedEvents += 1
        EventText.appendColumns(header, offset: walk.reader.offset, to: &output.bytes)
        appendDetails(&output.bytes)
        endLine(walk)
    }

    private mutating func printDetails(
        _ header: EventHeader, _ walk: borrowing FileWalk, _ checksum: ChecksumAlgorithm
    ) throws(CodecError) {
        guard mayPrint else { return }
        printedEvents += 1
        EventText.appendColumns(header, offset: walk.reader.offset, to: &output.bytes)
        try EventText.appendDetails(header, head: walk.reader.head, checksum: checksum, to: &output.bytes)
        endLine(walk)
    }

    private mutating func endLine(_ walk: borrowing FileWalk) {
        if walk.isUncommitted { output.bytes.append("  [uncommitted]") }
        output.bytes.append("\n")
    }

    /// Appends a comment line.
    private mutating func note(_ text: String) {
        output.bytes.append("# note: ")
        output.bytes.append(text: text)
        output.bytes.append("\n")
    }
}
