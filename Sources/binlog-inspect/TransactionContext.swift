import BinlogInput
import Common

/// The events of the open transaction that those behind them cannot be read without: its identity, its BEGIN, and the tables or, for
/// SQL, the variables of its statement.
struct TransactionContext: ~Copyable {
    /// The longest BEGIN, or what stands in its place, that is kept.
    private static let maxBeginBytes = 64 << 10
    /// The longest event with the statement of rows that is kept: what every row of it is shown with takes no more.
    static let maxStatementBytes = 4 << 20
    /// All that is kept, at most: the largest tables that a statement joins take far less.
    static let maxBytes = 8 << 20
    /// The variables of one statement, at most: a server's default takes as much in one packet. More is an error.
    static let maxVariableBytes = 64 << 20

    private let keepsVariables: Bool
    private var bytes = ByteSink(capacity: 1 << 10)
    /// Whether the transaction's first statement is kept, BEGIN or what stands in its place: it tells the thread.
    private var hasStatement = false
    /// Bytes that belong to the whole transaction; behind them stands what belongs to the statement.
    private var transactionCount = 0
    private var variableBytes = 0

    /// - Parameter keepsVariables: whether the values are wanted with which a statement that stands in the binlog as text was run.
    init(keepsVariables: Bool) { self.keepsVariables = keepsVariables }

    mutating func removeAll() {
        bytes.removeAll(keeping: Self.maxBeginBytes)
        transactionCount = 0
        variableBytes = 0
        hasStatement = false
    }

    func append(to other: inout ByteSink) { other.append(bytes.bytes) }

    /// Takes the transaction's next event.
    ///
    /// - Throws: `unsupported` where a statement has more variables than are kept.
    mutating func take(_ header: EventHeader, _ event: RawSpan, isOpen: Bool) throws(CodecError) {
        guard isOpen else { return removeAll() }
        switch header.type {
        case .gtid, .anonymousGTID, .gtidTagged, .mariaDBGTID: keep(event, ofTransaction: true)
        case .query where !hasStatement && transactionCount == bytes.count && event.byteCount <= Self.maxBeginBytes:
            hasStatement = true
            keep(event, ofTransaction: true)
        case .query, .queryCompressed: endStatement()
        case .intvar, .rand, .userVar: if keepsVariables { try keep(variable: event) }
        case .rowsQuery, .annotateRows: if event.byteCount <= Self.maxStatementBytes { keep(event, ofTransaction: false) }
        case .tableMap: keep(event, ofTransaction: false)
        default: if isStatementEnd(header, event) { endStatement() }
        }
    }

    private mutating func endStatement() {
        bytes.truncate(to: transactionCount)
        variableBytes = 0
    }

    private mutating func keep(variable event: RawSpan) throws(CodecError) {
        variableBytes += event.byteCount
        guard variableBytes <= Self.maxVariableBytes else {
            throw CodecError(.unsupported, at: 0, "a statement has variables of more than \(Self.maxVariableBytes) bytes")
        }
        bytes.append(event)
    }

    private mutating func keep(_ event: RawSpan, ofTransaction isWhole: Bool) {
        guard bytes.count - variableBytes + event.byteCount <= Self.maxBytes else { return }
        bytes.append(event)
        if isWhole { transactionCount = bytes.count }
    }

    /// Whether a row event is its statement's last: the flag behind a table id of six bytes, as all servers since 5.1 write it.
    private func isStatementEnd(_ header: EventHeader, _ event: RawSpan) -> Bool {
        let isRows =
            RowsEvent.action(of: header.type) != nil
            || CompressedEventReader.ordinaryType(of: header.type).flatMap(RowsEvent.action(of:)) != nil
        let flagsOffset = EventHeader.byteCount + 6
        guard isRows, event.byteCount > flagsOffset else { return false }
        return RowsEvent.Flags(rawValue: UInt16(event.byte(at: flagsOffset))).contains(.statementEnd)
    }
}
