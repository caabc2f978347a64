import Common

/// How far a dump has been read, exactly enough to go on with another one: to the byte in a file, to the transaction in GTIDs.
struct DumpProgress {
    /// The file that is being read; nil before the first.
    private(set) var file: String?
    /// Everything that was executed before the first file, and every transaction that was read to its end.
    private(set) var seen: GTIDSet
    /// Transactions that were read to their ends.
    private(set) var transactionCount: UInt64 = 0
    /// Where no transaction is open: behind the last that was read to its end.
    private(set) var settled: UInt64 = 0
    /// Whether events have come that make no sense in their order, so that it is not known how far transactions have come.
    private(set) var isLost = false

    /// Where the current event begins, or the next one.
    private var offset: UInt64 = 0
    /// The current event's length, and how much of it was read.
    private var length: UInt64 = 0
    private var passed: UInt64 = 0

    private var boundary = TransactionBoundary()
    private var checksum = ChecksumAlgorithm.none
    private var gtid: GTID?
    private var endsTransaction = false
    /// The first PREVIOUS_GTIDS event, until it is whole.
    private var previous: [UInt8]?
    private var wantsPrevious: Bool

    /// - Parameter base: what the dump was asked to leave out; nil where its first file says what was before.
    init(base: GTIDSet?) {
        seen = base ?? GTIDSet()
        wantsPrevious = base == nil
    }

    /// How far the file was read, in bytes.
    var delivered: UInt64 { offset + passed }
    /// Whether ``seen`` also holds what was executed before the first file.
    var knowsBase: Bool { !wantsPrevious }
    /// Whether a transaction was read in part.
    var isInTransaction: Bool { boundary.isOpen || endsTransaction }
    var currentLength: UInt64 { length }
    /// The name of the transaction that was read in part.
    var openTransaction: String { gtid.map { "transaction \($0)" } ?? "a transaction" }

    mutating func enter(_ position: BinlogPosition) {
        file = position.file
        offset = position.offset
        settled = position.offset
        length = 0
        passed = 0
        boundary.reset()
    }

    /// Takes the next event, of which nothing has been read yet.
    ///
    /// - Parameter head: ``DumpDecoder/headBytes`` of it, or all.
    mutating func begin(_ header: EventHeader, head: RawSpan) {
        offset = Self.start(of: header, notBefore: offset + length)
        length = UInt64(header.eventLength)
        passed = 0
        do throws(CodecError) { try look(at: header, head) } catch { isLost = true }
    }

    /// Where an event begins; one that is in no file has no position.
    static func start(of header: EventHeader, notBefore offset: UInt64) -> UInt64 {
        header.endPosition == 0 ? offset : header.start(notBefore: offset)
    }

    private mutating func look(at header: EventHeader, _ head: RawSpan) throws(CodecError) {
        switch header.type {
        case .formatDescription: checksum = try FormatDescriptionEvent(decoding: head).checksum ?? .none
        case .previousGTIDs: if wantsPrevious { previous = [] }
        case .gtid, .gtidTagged: gtid = try GTIDEvent(decoding: head, checksum: checksum).gtid
        case .anonymousGTID, .mariaDBGTID: gtid = nil
        default: break
        }
        var action = try boundary.consume(header, head: head, checksum: checksum)
        if action == .aborts {
            boundary.reset()
            action = try boundary.consume(header, head: head, checksum: checksum)
        }
        endsTransaction = action == .ends || action == .whole
    }

    /// More of the current event was read.
    mutating func pass(_ bytes: RawSpan) {
        previous?.append(bytes)
        passed += UInt64(bytes.byteCount)
        if passed == length { end() }
    }

    private mutating func end() {
        offset += length
        (length, passed) = (0, 0)
        if let event = previous {
            previous = nil
            wantsPrevious = false
            if let set = try? PreviousGTIDsEvent(decoding: event.span.bytes, checksum: checksum).gtidSet() { seen.formUnion(set) }
        }
        if endsTransaction {
            endsTransaction = false
            transactionCount += 1
            if let gtid { seen.insert(gtid) }
            gtid = nil
        }
        if !boundary.isOpen { settled = offset }
    }
}
