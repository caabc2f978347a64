import BinlogInput
import Common
import Log
import MySQLClient

/// What the command line asks for.
struct InspectOptions {
    var filter = TransactionFilter()
    var print = PrintOptions()
    var verify = false
    var showsUncommitted = false
    /// Characters of the bars that a summary draws; 0 for none.
    var barWidth = 0
    /// Threads that print.
    var threadCount = 1
    /// Whether to wait for more at the end of the last input.
    var follows = false
    /// Events that begin before this byte of the first file are not shown; 0 for all.
    var startPosition: UInt64 = 0
    /// The reading ends with the first event of the last file that begins at this byte or behind it; nil for the file's end.
    var stopPosition: UInt64?
    /// What `--password-file` says.
    var passwordFile: String?
    /// By which another thread ends the waiting.
    var stopper = Stopper()
    /// Takes a line for stderr.
    var tell: (String) -> Void = { _ in }
}

/// Which part of a file is shown.
private struct Extent {
    /// Events that begin before it are not.
    var start: UInt64 = 0
    /// Events that begin there or behind it are not; nil for all.
    var stop: UInt64?
}

/// Goes through the inputs in order, hands what is wanted to the pipeline and, if asked, checks everything.
struct Inspection: ~Copyable {
    let options: InspectOptions
    private let pipeline: Pipeline
    /// What is being gathered for the pipeline.
    private var work: Work
    /// The events of the open transaction that a stretch needs which begins in its middle.
    private var context: TransactionContext
    private var file = InspectedFile(path: "")
    /// Whether the event that the reader stands at goes to the pipeline.
    private var isIncluded = false
    /// Whether a wanted transaction has begun and not ended.
    private var isOpen = false
    /// Of the transaction that has begun last.
    private var openGTID: GTID?
    private var openMariaDBGTID: MariaDBGTID?
    private var openName: String? { openGTID.map { "\($0)" } ?? openMariaDBGTID.map { "\($0)" } }
    /// What was told of GTIDs that no transaction can have.
    private var toldMisfits: Set<String> = []
    private var ledger = GTIDLedger()
    private var verifier = SegmentVerifier()
    /// The wanted transaction that is open, for the summary.
    private var transaction: EndedTransaction?
    /// Whether it ends with the event that the reader stands at.
    private var isEnding = false
    private let output: Output
    /// Which part of the next file is shown.
    private var extent = Extent()
    /// Whether the open transaction is wanted, and what came of it so far is not shown.
    private var isCutIn = false
    /// The last log entry whose header was read, in whatever segment; 0 before the first.
    private var lastIndex: UInt64 = 0
    /// The last log entry that was read to its end.
    private var completeIndex: UInt64 = 0

    init(_ options: InspectOptions, output: Output) {
        self.options = options
        self.output = output
        // Who counts lines goes through them one after the other.
        let threadCount = options.print.limit == nil ? options.threadCount : 1
        let printOptions = options.print
        pipeline = Pipeline(threadCount: threadCount, output: output) { Printer(printOptions) }
        work = pipeline.make(in: file, isContinued: false)
        context = TransactionContext(keepsVariables: options.print.format == .sql)
    }

    /// Whether there is nothing more to print or to check; asked whenever something is handed over.
    private var isDone = false

    /// Shows all inputs: files, `-` for stdin, or data directories.
    ///
    /// Everything before what went wrong has been printed when this throws.
    mutating func run(_ inputs: [String]) throws(ToolError) {
        var failure: ToolError?
        if options.print.format == .text { work.addComment("\(EventText.heading)") }
        work.add(.prologue)
        do throws(ToolError) {
            for (place, input) in inputs.enumerated() where !isDone {
                let isLast = place == inputs.count - 1
                extent = Extent(
                    start: place == 0 ? options.startPosition : 0, stop: isLast ? options.stopPosition : nil)
                do throws(ToolError) { try inspect(input, follows: options.follows && isLast) } catch {
                    guard error.code == .interrupted else { throw error }
                    if isOpen { noteUnfinished("the reading was ended inside a transaction") }
                }
            }
            if options.verify, !ledger.gaps.isEmpty { note(.gtidGap, "GTIDs that are in no file: \(ledger.gaps)") }
            if options.verify, case let gaps = ledger.mariaDBGaps, !gaps.isEmpty {
                note(.gtidGap, "sequence numbers of GTIDs that are in no file: \(gaps.joined(separator: "; "))")
            }
        } catch { failure = error }
        if failure == nil { work.add(.epilogue) }
        pipeline.submit(work)
        let end = pipeline.finish()
        if options.print.format == .summary, end.failure?.code != .outputClosed {
            try output.write(end.transactions.text(end.rows, barWidth: options.barWidth).span.bytes)
        }
        // What the threads found stands before what ended the reading.
        if let failure = end.failure ?? failure { throw failure }
    }

    private mutating func inspect(_ input: String, follows: Bool) throws(ToolError) {
        if MySQLURL.isURL(input) {
            try inspectServer(input, follows: follows)
        } else if StoredLog.isDirectory(input) {
            try inspectLog(input, follows: follows)
        } else {
            try inspectFiles(input, follows: follows)
        }
    }

    // MARK: - A server

    /// Shows the files of a server, or those behind and with the one that the URL names.
    private mutating func inspectServer(_ text: String, follows: Bool) throws(ToolError) {
        let url: MySQLURL
        do { url = try MySQLURL(parsing: text) } catch { throw ToolError(.failure, file: "the URL", error.reason) }
        let binlog = try Self.asking { () throws(ClientError) in try open(url, follows: follows) }
        while !isDone {
            if follows, binlog.isIdle { flush() }
            guard !isDone, let file = try Self.asking({ () throws(ClientError) in try binlog.nextFile() }) else { return }
            let path = "mysql://\(HostPort(host: url.host, port: url.port))/\(file.file)"
            guard try inspectFile(ByteInput(path: path, of: binlog), path, follows: follows) else { return }
        }
    }

    private static func asking<Answer>(_ body: () throws(ClientError) -> Answer) throws(ToolError) -> Answer {
        do { return try body() } catch { throw ToolError(error) }
    }

    private func open(_ url: MySQLURL, follows: Bool) throws(ClientError) -> ServerBinlog {
        let credentials = try Credentials(for: url, passwordFile: options.passwordFile)
        if let warning = credentials.warning { options.tell("warning: \(warning)") }
        var wanted = ServerBinlog.Wanted(file: url.path)
        if !options.verify {
            // A check is of everything.
            wanted.included = options.filter.included
            wanted.excluded = options.filter.excluded
        }
        var connection = MySQLConnection.Options()
        connection.programName = "binlog-inspect"
        return try ServerBinlog(
            at: credentials.url, password: credentials.password, wanted: wanted, follows: follows, options: connection,
            stopper: options.stopper, tell: options.tell)
    }

    // MARK: - A data directory

    private mutating func inspectLog(_ directory: String, follows: Bool) throws(ToolError) {
        let log: StoredLog
        do { log = try StoredLog(directory: directory) } catch { throw ToolError(error) }
        let bounds = try LogBounds(of: log, showsRest: options.showsUncommitted)
        lastIndex = 0
        completeIndex = 0
        if follows {
            return try follow(LogGrowth(of: log, in: directory, bounds: bounds, stopper: options.stopper))
        }
        for (place, segment) in log.segments.enumerated() where !isDone {
            if segment.firstIndex > bounds.visible, !bounds.showsRest { return }
            if place + 1 < log.segments.count, passes(segment, before: log.segments[place + 1]) { continue }
            do throws(ToolError) {
                guard try inspectFile(ByteInput(path: segment.path), segment.path, within: bounds) else { return }
            } catch {
                // Above the durable mark, a crash or a write that is under way leaves what recovery cuts off.
                guard error.code == .damaged, segment.path == log.segments.last?.path, completeIndex >= bounds.durable, bounds.showsRest
                else {
                    throw error
                }
                return note(.logEnd, "the log ends in an entry that is being written, or was never finished: \(error)")
            }
        }
        if let last = log.segments.last, !isDone, completeIndex < bounds.durable {
            throw ToolError(
                .damaged, file: last.path, "the log ends with entry \(completeIndex), and entries up to \(bounds.durable) were durable",
                hint: "the node cannot start on it; restore the directory from a copy, or let the node rejoin empty")
        }
    }

    /// Shows a log as far as it is committed, and what is committed from then on.
    private mutating func follow(_ growth: LogGrowth) throws(ToolError) {
        try growth.waitForSegment()
        var next = growth.segments.first
        while !isDone, let segment = next {
            // Of a log that has just begun, nothing may be committed.
            try growth.wait(for: segment.firstIndex)
            guard growth.segments.contains(segment) else { throw growth.loss(of: segment.firstIndex) }
            let later = growth.segments.first { $0.firstIndex > segment.firstIndex }
            if let later, later.firstIndex <= growth.bounds.visible, passes(segment, before: later) {
                next = later
                continue
            }
            guard try inspectFile(ByteInput(path: segment.path), segment.path, within: growth.bounds, growth: growth) else { return }
            next = growth.segment(beginningWith: lastIndex + 1)
            if next == nil { throw growth.loss(of: lastIndex + 1) }
        }
    }

    /// Whether none of the wanted transactions stands in a segment, as this one and the next say; then it counts as read.
    private mutating func passes(_ segment: StoredLog.SegmentFile, before next: StoredLog.SegmentFile) -> Bool {
        // A check is of everything.
        guard !options.verify, let wanted = options.filter.included, let base = SegmentBase(of: segment.path),
            let end = SegmentBase(of: next.path), base.passes(wanted, before: end)
        else { return false }
        lastIndex = next.firstIndex - 1
        completeIndex = lastIndex
        return true
    }

    // MARK: - A file

    /// Shows one file and, as long as a server writes, those behind it.
    private mutating func inspectFiles(_ path: String, follows: Bool) throws(ToolError) {
        var path = path
        while true {
            let growth = follows && path != "-" ? FileGrowth(path: path, stopper: options.stopper) : nil
            let goesOn = try inspectFile(ByteInput(path: path, growth: growth), path, follows: follows)
            guard goesOn, !isDone, let next = growth?.successor else { return }
            path = next
        }
    }

    /// Shows one file; returns whether the log goes on in the next one.
    ///
    /// - Parameter growth: of the data directory that the file is a segment of, where what it will hold is waited for.
    @discardableResult
    private mutating func inspectFile(
        _ input: consuming ByteInput, _ path: String, within bounds: LogBounds? = nil, growth: LogGrowth? = nil, follows: Bool = false
    ) throws(ToolError) -> Bool {
        isOpen = false
        var walk = FileWalk(reader: try EventReader(input), bounds: bounds)
        context.removeAll()
        let extent = self.extent
        isCutIn = false
        // What follows this file is shown whole, or not at all.
        self.extent = Extent()
        enter(InspectedFile(path: path), isContinued: false)
        if options.filter.wantsOthers || options.verify { work.addComment("# \(path == "-" ? "stdin" : path)\n") }
        while true {
            if follows, walk.reader.isIdle {
                flush()
                if isDone { return false }
            }
            if let growth, walk.entry != nil, walk.payloadLeft == 0 {
                guard try waitForEntry(&walk, growth) else { return false }
                if growth.segment(beginningWith: lastIndex + 1) != nil { break }
            }
            guard let header = try walk.reader.next() else { break }
            isIncluded = false
            let isOpen = walk.isInTransaction
            if let stop = extent.stop, walk.reader.offset >= stop {
                if isOpen { noteUnfinished("--stop-position stands inside a transaction") }
                self.isOpen = false
                return false
            }
            guard try take(header, &walk) else { return false }
            if header.type == .formatDescription || header.type == .startV3 {
                let next = InspectedFile(path: path, description: walk.description, checksum: walk.reader.checksum)
                enter(next, isContinued: false)
                tellMisfit(walk.description)
            }
            if walk.reader.offset < extent.start {
                try pass(header, before: extent.start, &walk)
            } else if isIncluded {
                if isCutIn { cutIn() }
                cut(before: header, isOpen: isOpen)
            }
            try finish(header, &walk)
            self.isOpen = walk.isInTransaction && walk.isWanted
            if isDone { return false }
        }
        try checkStart(extent.start, isAt: walk.reader.offset)
        try end(&walk)
        isOpen = false
        return extent.stop == nil
    }

    // MARK: - A part of a file

    /// Takes an event in that stands before the part of the file that is shown, so that what follows of its transaction can be read.
    private mutating func pass(_ header: EventHeader, before start: UInt64, _ walk: inout FileWalk) throws(ToolError) {
        let end = walk.reader.offset + UInt64(header.eventLength)
        guard end <= start else {
            throw ToolError(
                .usage, file: file.path, offset: walk.reader.offset,
                "--start-position \(start) is inside a \(header.type) event, which ends at \(end)", hint: "name where an event begins")
        }
        isCutIn = isIncluded && walk.isInTransaction
        if isCutIn {
            let isRows = RowsEvent.action(of: header.type) != nil || CompressedEventReader.ordinaryType(of: header.type) != nil
            // Of rows the head is enough.
            if !isRows { try walk.reader.loadWhole() }
            do { try context.take(header, walk.reader.head, isOpen: true) } catch {
                throw ToolError(.failure, file: file.path, offset: walk.reader.offset, error.reason)
            }
        }
        isIncluded = false
        if isEnding { transaction = nil }
        isEnding = false
    }

    /// Begins a stretch in the middle of a transaction of which nothing was shown.
    private mutating func cutIn() {
        isCutIn = false
        passOn(isContinued: false)
        context.append(to: &work.context)
    }

    /// Throws where the file ends before the part of it that is asked for.
    private func checkStart(_ start: UInt64, isAt end: UInt64) throws(ToolError) {
        guard end < start else { return }
        throw ToolError(.usage, file: file.path, offset: end, "the file ends before --start-position \(start)")
    }

    /// Tells, once, that the GTIDs of the options are none of the server's that wrote the file.
    private mutating func tellMisfit(_ description: FormatDescriptionEvent?) {
        let version = ServerVersion(parsing: description?.serverVersion ?? "")
        guard let text = options.filter.misfit(isMariaDB: version.isMariaDB), toldMisfits.insert(text).inserted else { return }
        options.tell("\(file.path): \(text)")
    }

    /// Waits until the entry behind the one that the walk is at the end of is committed; returns false where nothing more is printed.
    private mutating func waitForEntry(_ walk: inout FileWalk, _ growth: LogGrowth) throws(ToolError) -> Bool {
        guard lastIndex == growth.bounds.visible else { return true }
        flush()
        if isDone { return false }
        try growth.wait(for: lastIndex + 1)
        walk.bounds = growth.bounds
        walk.reader.forgetReadAhead()
        return true
    }

    /// Lets what comes belong to another file, or another description.
    private mutating func enter(_ next: InspectedFile, isContinued: Bool) {
        file = next
        passOn(isContinued: isContinued)
    }

    /// Hands over what has gathered.
    private mutating func passOn(isContinued: Bool) {
        work.isCutShort = isContinued
        pipeline.submit(work)
        isDone = !options.verify && pipeline.isDone
        work = pipeline.make(in: file, isContinued: isContinued)
        if isContinued { context.append(to: &work.context) }
    }

    /// Prints all that was read, before more is waited for.
    private mutating func flush() {
        guard !work.isEmpty else { return }
        passOn(isContinued: isOpen)
        pipeline.drain()
        isDone = !options.verify && pipeline.isDone
    }

    /// Ends the stretch where it is long enough, before an event that is to be part of one.
    private mutating func cut(before header: EventHeader, isOpen: Bool) {
        let count = work.bytes.count
        let isLarge = Int(header.eventLength) > Work.maxBytes
        if count >= (isOpen ? Work.maxBytes : Work.wantedBytes) || count > 0 && isLarge { passOn(isContinued: isOpen) }
        if isLarge { pipeline.makeRoom(for: Int(header.eventLength)) }
    }

    /// Moves behind the event, and behind the entry that ends with it.
    private mutating func finish(_ header: EventHeader, _ walk: inout FileWalk) throws(ToolError) {
        let offset = walk.reader.offset
        if isIncluded {
            let start = work.bytes.count
            do throws(ToolError) {
                try walk.reader.finish(verifying: options.verify, into: &work.bytes)
            } catch {
                work.bytes.truncate(to: start)
                throw error
            }
            work.addEvent(start..<work.bytes.count, offset: offset, isUncommitted: walk.isUncommitted)
            if isEnding { countEnded() }
            let event = UnsafeRawBufferPointer(rebasing: work.bytes.unsafeBytes[start...])
            do { try context.take(header, event.bytes, isOpen: walk.isInTransaction) } catch {
                throw ToolError(.failure, file: file.path, offset: offset, error.reason)
            }
        } else {
            try walk.reader.finish(verifying: options.verify)
        }
        if walk.leaveEntryEvent() { walk.reader.restartDigest() }
        guard let entry = walk.entry, walk.payloadLeft == 0 else { return }
        if options.verify, entry.header.kind.hasEventPayload {
            do { try verifier.endPayload(digest: walk.reader.digest) } catch {
                throw walk.reader.damage("entry \(entry.header.index): \(error.reason)", at: offset)
            }
        }
        completeIndex = entry.header.index
    }

    /// Hands over the transaction that has ended, for the summary.
    private mutating func countEnded() {
        if let transaction { work.transactions.append(transaction) }
        transaction = nil
        isEnding = false
    }

    /// Takes the event that the reader stands at; returns false where the file is not to be read on.
    private mutating func take(_ header: EventHeader, _ walk: inout FileWalk) throws(ToolError) -> Bool {
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
        isIncluded = options.filter.wantsOthers
        return true
    }

    private mutating func takeEvent(_ header: EventHeader, _ walk: inout FileWalk) throws(CodecError) -> Bool {
        if options.verify {
            try walk.checkPosition(header)
            try verifier.take(header, head: walk.reader.head)
        }
        let action = try walk.advance(header)
        if let unfinished = walk.takeUnfinished() { noteUnfinished("\(unfinished) was never finished") }
        if let type = walk.takeUnknownType() { note(.unknownEvent, "event type \(type) is not known and passed over") }
        switch header.type {
        case .gtid, .anonymousGTID, .gtidTagged:
            let event = try GTIDEvent(decoding: walk.reader.head, checksum: walk.reader.checksum)
            begin(event.gtid, nil, committedAt: event.commitTime ?? UInt64(header.timestamp) * 1_000_000, header, &walk)
        case .mariaDBGTID:
            let gtid = try MariaDBGTIDEvent(decoding: walk.reader.head, checksum: walk.reader.checksum).gtid
            begin(nil, gtid, committedAt: UInt64(header.timestamp) * 1_000_000, header, &walk)
        case .previousGTIDs:
            try walk.loadWhole()
            let set = try PreviousGTIDsEvent(decoding: walk.reader.head, checksum: walk.reader.checksum).gtidSet()
            if options.filter.isSatisfied(before: set), !options.verify { return false }
            let missing = ledger.begin(behind: set)
            if options.verify, !missing.isEmpty {
                note(.gtidGap, "executed before this file, and in none of the files before it: \(missing)")
            }
            isIncluded = options.filter.wantsOthers
            return true
        case .gtidList:
            try walk.loadWhole()
            let position = try GTIDListEvent(decoding: walk.reader.head, checksum: walk.reader.checksum).position
            let missing = ledger.begin(behind: position)
            if options.verify, !missing.isEmpty {
                note(.gtidGap, "executed before this file, and in none of the files before it: \(missing.joined(separator: "; "))")
            }
        default:
            if action == .begins || action == .whole { begin(nil, nil, committedAt: UInt64(header.timestamp) * 1_000_000, header, &walk) }
        }
        isIncluded = action == .outside ? options.filter.wantsOthers : walk.isWanted
        if action != .outside { transaction?.take(header, at: walk.reader.offset) }
        if action == .ends || action == .whole {
            isEnding = transaction != nil
            let gtid = walk.endTransaction()
            let isFirst = gtid.map { ledger.take($0) } ?? openMariaDBGTID.map { ledger.take($0) } ?? true
            if !isFirst, options.verify, let name = openName { note(.gtidTwice, "\(name) is there twice", gtid: name) }
        }
        return true
    }

    private mutating func begin(
        _ gtid: GTID?, _ mariaDBGTID: MariaDBGTID?, committedAt time: UInt64, _ header: EventHeader, _ walk: inout FileWalk
    ) {
        let isWanted = options.filter.wants(gtid, mariaDB: mariaDBGTID) && options.filter.wants(committedAt: time)
        walk.beginTransaction(gtid, mariaDB: mariaDBGTID, isWanted: isWanted)
        openGTID = gtid
        openMariaDBGTID = mariaDBGTID
        context.removeAll()
        let isCounted = isWanted && options.print.format == .summary
        transaction = isCounted ? EndedTransaction(gtid, mariaDBGTID, committedAt: time, header) : nil
    }

    /// Tells how the file ended.
    private mutating func end(_ walk: inout FileWalk) throws(ToolError) {
        if walk.payloadLeft > 0, let entry = walk.entry {
            throw walk.reader.damage("the file ends inside entry \(entry.header.index)")
        }
        if walk.eventCount == 0 { throw walk.reader.damage("the file ends before its FORMAT_DESCRIPTION event") }
        if let unfinished = walk.openTransaction { noteUnfinished("the file ends inside \(unfinished)") }
        guard options.verify else { return }
        note(
            .verified,
            "verified: \(walk.eventCount) events, \(walk.transactionCount) transactions, \(walk.reader.offset) bytes, checksum "
                + (walk.reader.checksum == .crc32 ? "CRC32" : "NONE"))
    }

    /// Tells of a transaction that has begun and never ends.
    private mutating func noteUnfinished(_ text: String) {
        work.add(.unfinished)
        note(.unfinished, text, gtid: openName)
    }

    /// Says something about the file, between its events; on stderr too where the output is not for the eye.
    private mutating func note(_ kind: Note.Kind, _ text: String, gtid: String? = nil) {
        work.add(Note(kind: kind, text: text, gtid: gtid))
        guard kind.isWarning, options.print.format == .json || options.print.format == .sql else { return }
        options.tell("\(file.path): \(text)")
    }
}
