/// Finds where transactions begin and end in a stream of events, of whatever shape.
///
///     var boundary = TransactionBoundary()
///     switch try boundary.consume(header, head: bytes, checksum: .crc32) {
///     case .ends, .whole: commit()
///     …
///     }
///
/// Only a QUERY event's text and the flags of MariaDB's GTID events are looked at; of all others the header is enough, and of these the
/// first ``headByteCount`` bytes are.
///
/// The shapes follow `Transaction_boundary_parser` in MySQL's `trx_boundary_parser.cpp`. Where that one answers an impossible order
/// with a warning, this one throws and stays as it was: what cannot be a transaction must not be acknowledged as one.
///
/// MariaDB's groups begin with a GTID event that also stands for their BEGIN or XA START, and end as MySQL's do; one that is flagged as
/// standalone is the next statement (`Gtid_log_event` in MariaDB's `log_event.h`).
public struct TransactionBoundary: Hashable, Sendable {
    /// What an event is to the transactions around it.
    public enum Action: Hashable, Sendable {
        /// No part of a transaction, though one may be open around it: ROTATE, FORMAT_DESCRIPTION, STOP, a heartbeat, …
        case outside
        /// The first event of a transaction that has more.
        case begins
        /// Inside the open transaction.
        case continues
        /// The last event of the open transaction.
        case ends
        /// A whole transaction: a statement without a GTID event before it, or an INCIDENT between groups.
        case whole
        /// The open transaction will never end: a new group or a file begins. The event is not consumed: settle what is open
        /// (``TransactionBoundary/xaRun`` is still there), call ``TransactionBoundary/reset()``, consume it again.
        case aborts
    }

    /// Bytes of an event that are enough: its header, the longest session state that a server writes, and the words that matter.
    public static let headByteCount = 8192

    private enum State {
        case outside
        /// Behind a GTID event that BEGIN or a single statement follows.
        case opened
        /// Behind events that belong to the statement to come: INTVAR, RAND, USER_VAR, the blocks of a loaded file.
        case preparing
        /// Behind BEGIN or XA START, or a GTID event that stands for them: only a terminator ends it.
        case inside
    }

    private var state = State.outside
    /// The XA transaction that is open, between its XA START and its last event.
    public private(set) var xaRun: XARun?

    public init() {}

    /// Whether a transaction has begun and not ended.
    public var isOpen: Bool { state != .outside }

    /// Whether its BEGIN or XA START has been seen: only a terminator ends it.
    public var isInside: Bool { state == .inside }

    /// Forgets the open transaction.
    public mutating func reset() { self = TransactionBoundary() }

    /// Takes the next event.
    ///
    /// - Parameters:
    ///   - header: The event's header.
    ///   - head: The event from its header on: all of it, or at least the first ``headByteCount`` bytes. Read for QUERY events and MariaDB's
    ///     GTID events only.
    ///   - checksum: Whether the whole event ends with one.
    /// - Throws: `invalid` where the event cannot stand here; `truncated` where `head` is too short; `unsupported` for an event of an
    ///   unknown type that does not say it may be ignored.
    public mutating func consume(_ header: EventHeader, head: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) -> Action {
        switch header.type {
        case .tableMap, .writeRows, .updateRows, .deleteRows, .writeRowsV1, .updateRowsV1, .deleteRowsV1, .writeRowsV0, .updateRowsV0,
            .deleteRowsV0, .partialUpdateRows, .rowsQuery, .annotateRows, .writeRowsCompressedV1, .updateRowsCompressedV1,
            .deleteRowsCompressedV1, .writeRowsCompressed, .updateRowsCompressed, .deleteRowsCompressed, .partialRowData:
            guard state == .inside else { throw misplaced(header) }
            return .continues
        case .query:
            return try consumeQuery(header, head: head, checksum: checksum)
        case .gtid, .anonymousGTID, .gtidTagged:
            guard !isOpen else { return .aborts }
            state = .opened
            return .begins
        case .mariaDBGTID:
            return try consumeGroup(head: head, checksum: checksum)
        case .xid, .xaPrepare:
            guard state == .inside else { throw misplaced(header) }
            return end()
        case .transactionPayload:
            guard state == .opened || state == .outside else { throw misplaced(header) }
            return end()
        case .intvar, .rand, .userVar, .beginLoadQuery, .appendBlock, .createFile:
            return prepare()
        case .executeLoadQuery, .deleteFile, .viewChange, .load, .newLoad, .execLoad, .queryCompressed:
            // MariaDB compresses no BEGIN, COMMIT or ROLLBACK.
            return statement()
        case .incident:
            return end()
        case .formatDescription:
            return isOpen ? .aborts : .outside
        case .rotate, .stop, .previousGTIDs, .heartbeat, .heartbeatV2, .ignorable, .binlogCheckpoint, .gtidList, .startEncryption:
            return .outside
        case .transactionContext, .largeTransactionHeader:
            return isOpen ? .continues : .outside
        default:
            guard header.flags.contains(.ignorable) else {
                throw CodecError(.unsupported, at: EventHeader.typeOffset, "event type \(header.type.rawValue) is not known")
            }
            return isOpen ? .continues : .outside
        }
    }

    private mutating func consumeGroup(head: RawSpan, checksum: ChecksumAlgorithm) throws(CodecError) -> Action {
        guard !isOpen else { return .aborts }
        let event = try MariaDBGTIDEvent(decoding: head, checksum: checksum)
        if event.flags.contains(.standalone) {
            state = .opened
            return .begins
        }
        state = .inside
        if event.flags.contains(.preparedXA) {
            var xid: [UInt8] = []
            event.appendXID(to: &xid)
            xaRun = XARun(xid: xid)
        }
        return .begins
    }

    private mutating func consumeQuery(
        _ header: EventHeader, head: RawSpan, checksum: ChecksumAlgorithm
    ) throws(CodecError) -> Action {
        let event = try QueryEvent(decoding: head, checksum: checksum)
        var reader = TransactionStatementReader(event.query)
        let kind = reader.statement()
        if kind != .other, !event.isComplete, reader.isAtTextEnd {
            throw CodecError(.truncated, at: head.byteCount, "the first \(head.byteCount) bytes end among the words that decide")
        }
        switch kind {
        case .begin:
            return try begin(header)
        case .xaStart:
            let xid = reader.argument()
            guard event.isComplete, 1...XARun.maxXIDByteCount ~= xid.byteCount else {
                throw CodecError(.invalid, at: head.byteCount, "an XA START names an XID of \(xid.byteCount) bytes")
            }
            let action = try begin(header)
            xaRun = XARun(xid: xid.array)
            return action
        case .xaEnd:
            xaRun?.hasEnded = true
            return statement()
        case .end:
            return end()
        case .other:
            return statement()
        }
    }

    private mutating func begin(_ header: EventHeader) throws(CodecError) -> Action {
        guard state == .outside || state == .opened else { throw misplaced(header) }
        let action = isOpen ? Action.continues : .begins
        state = .inside
        return action
    }

    private mutating func prepare() -> Action {
        let action = isOpen ? Action.continues : .begins
        if state != .inside { state = .preparing }
        return action
    }

    /// A statement is a transaction by itself unless BEGIN stands before it.
    private mutating func statement() -> Action { state == .inside ? .continues : end() }

    private mutating func end() -> Action {
        let action = isOpen ? Action.ends : .whole
        reset()
        return action
    }

    private func misplaced(_ header: EventHeader) -> CodecError {
        let place =
            switch state {
            case .outside: "outside any transaction"
            case .opened: "right behind a GTID event"
            case .preparing: "before the statement that the events before it prepare"
            case .inside: "inside an open transaction"
            }
        return CodecError(.invalid, at: EventHeader.typeOffset, "a \(header.type) event stands \(place)")
    }
}
